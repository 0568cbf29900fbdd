"""What is measured is read with the home's token and no user, and is what the warehouse has."""

from datetime import date
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from sqlalchemy import Engine

from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.servers.scrape_token import scrape_token
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.settings import Settings
from schemas.period import Period
from tests.integration.scenario_events import load_scenario
from tests.integration.web.pages import Answered, Pages

pytestmark = pytest.mark.stack


def samples(answer: Answered) -> dict[tuple[str, str], float]:
    families = text_string_to_metric_families(answer.content.decode())  # type: ignore[no-untyped-call]
    return {(family.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_whoever_has_the_token_reads_what_the_warehouse_has(
    pages: Pages, pages_home: Path, engine: Engine, bootstrap: str
) -> None:
    load_scenario(engine, YEAR_2014)
    settings = Settings(home=pages_home / "home")
    reconcile(
        engine,
        settings,
        period=Period.of_year(2014),
        as_of=date(2015, 1, 31),
        policy=settings.read_policy(),
        keeps_breaks=True,
    )
    home = {"KETENBALANS_HOME": str(settings.home)}  # another test may have set it for the process of the pages
    scraped = pages.of(engine, KETENBALANS_KAFKA_BOOTSTRAP=bootstrap, **home)
    answer = scraped.get("metrics", authorization=f"Bearer {scrape_token(settings.home)}")
    assert answer.status == 200, answer.html
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    found = samples(answer)
    assert found["ketenbalans_gap", "2014"] == 44
    assert found["ketenbalans_unexplained", "2014"] == 3
    assert found["ketenbalans_incidents", "police_deliveries"] == 0
    assert found["ketenbalans_loaded", "police_deliveries"] > 560
    assert ("ketenbalans_lag", "police_deliveries") in found


@pytest.mark.parametrize(
    "sent", [{}, {"authorization": "Bearer "}, {"authorization": "Bearer x"}, {"authorization": "Basic x"}]
)
def test_nobody_else_reads_it_also_not_who_is_signed_in(pages: Pages, pages_home: Path, sent: dict[str, str]) -> None:
    scrape_token(pages_home / "home")
    answer = pages.get("metrics", accept="application/json", **sent)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "scrape-token" in answer.html
