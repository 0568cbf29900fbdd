"""Publishing one of several extracts: what nobody foresaw is reported with its file and place, and quotes nothing."""

from pathlib import Path
from unittest.mock import patch

import pytest

from ketenbalans.jobs.loading.produce import produce
from producers.errors import CoverageUnknown, NotForeseen, UnreadableExtract
from schemas.sources.police_deliveries import SOURCE
from tests.unit.producers.extracts import POLICE, SKN, csv_text


def publish(file: Path) -> None:
    produce(
        SOURCE,
        file,
        bootstrap="127.0.0.1:9",
        chain_key="a key for the tests, long enough to be one",
        covers_until=None,
        on_progress=lambda _done, _of: None,
    )


def test_what_nobody_foresaw_is_reported_by_file_kind_and_place_and_without_a_value(tmp_path: Path) -> None:
    file = tmp_path / "police-2014-12-31.csv"
    file.write_text(csv_text([POLICE]), encoding="utf-8")
    with (
        patch("producers.check.breaches", side_effect=OverflowError(f"value {SKN} is too large")),
        pytest.raises(NotForeseen, match=r"OverflowError at producers/check\.py:\d+") as caught,
    ):
        publish(file)
    assert str(file) in str(caught.value)
    assert SKN not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_what_was_foreseen_is_reported_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExtract):
        publish(tmp_path / "missing.csv")


def test_an_extract_that_does_not_say_what_it_covers_leaves_no_reject_file(tmp_path: Path) -> None:
    file = tmp_path / "police.csv"
    file.write_text(csv_text([{**POLICE, "tijdstip_mutatie": "gisteren"}]), encoding="utf-8")
    with pytest.raises(CoverageUnknown):
        publish(file)
    assert list(tmp_path.iterdir()) == [file]
