"""What is scraped: every number once, under its name and label, as the parser of OpenMetrics reads it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ketenbalans.jobs.servers.scrape_token import is_scrape_token, scrape_token
from ketenbalans.telemetry.metrics import Metric
from ketenbalans.telemetry.openmetrics import family_name, openmetrics

SUBJECTS = st.sampled_from(["police_deliveries", "2014", "warning"])
NAMES = st.builds(lambda metric, subject: metric.of(subject), st.sampled_from(list(Metric)), SUBJECTS)


@given(st.dictionaries(NAMES, st.floats(0, 1e9)))
def test_every_number_comes_back_and_every_metric_is_there(numbers: dict[str, float]) -> None:
    parsed = text_string_to_metric_families(openmetrics(numbers).decode())  # type: ignore[no-untyped-call]
    families = {one.name: one for one in parsed}
    assert list(families) == [family_name(metric) for metric in Metric]
    found = {
        metric.of(sample.labels[metric.label]): sample.value
        for metric in Metric
        for sample in families[family_name(metric)].samples
    }
    assert found == numbers
    assert {families[family_name(metric)].documentation for metric in Metric} == {one.meaning for one in Metric}


def test_a_number_of_no_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="of no metric"):
        openmetrics({"gaps.2014": 1})


def test_only_the_token_of_the_home_is_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert not is_scrape_token(home, "")
    token = scrape_token(home)
    assert token == scrape_token(home)
    assert (home / "scrape-token").stat().st_mode & 0o777 == 0o600
    assert is_scrape_token(home, token)
    for other in ("", token[:-1], token + "=", token.swapcase(), "\N{LATIN SMALL LETTER E WITH ACUTE}"):
        assert not is_scrape_token(home, other)
