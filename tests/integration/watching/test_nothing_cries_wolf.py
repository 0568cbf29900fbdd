"""Twelve ordinary months raise no alert; ten faults, each alone, raise exactly the alerts that a person would want."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ketenbalans.alerts.channels import Email
from ketenbalans.alerts.facts import SilentPart
from ketenbalans.alerts.message import Places
from ketenbalans.jobs.watching.alerts import list_alerts
from ketenbalans.jobs.watching.warehouse_down import keep_that_the_warehouse_was_down, send_without_the_warehouse
from ketenbalans.jobs.watching.watch import watch
from ketenbalans.scenarios.extract_sets import ExtractSet
from ketenbalans.scenarios.ordinary import ordinary
from ketenbalans.scenarios.sources import OM
from ketenbalans.settings import Settings
from schemas.alerts import Severity
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.watching.months import ALERT_POLICY, POLICY, Year, hand_over_all, live_through
from tests.scenarios.extract_sets import with_rows
from tests.scenarios.faults import FAULTS, Fault
from tests.unit.alerts.servers import mail_server

pytestmark = pytest.mark.stack

OTHER_SEEDS = (1, 2)
REPAIRED = {"extract_sent_twice", "half_an_extract", "classification_mapped_wrongly", "persons_missing", "wrong_year"}
"""The faults that the source repairs in November: afterwards nothing stands."""


@pytest.fixture(scope="module")
def sets() -> list[ExtractSet]:
    return ordinary().sets()


@pytest.fixture(scope="module")
def months(sets: list[ExtractSet], new_warehouse: NewWarehouse, copy_of: CopyOf) -> dict[str, Any]:
    """The warehouse as it was before each set that a fault begins in, and what the looks until then raised."""
    engine, before, raised = new_warehouse(), {}, []
    begins = {fault.begins for fault in FAULTS.values()}
    for one in sets:
        if one.covers in begins:
            before[one.covers] = copy_of(engine)
        raised.extend(live_through(engine, [one]).raised)
    return {"before": before, "raised": raised}


def test_twelve_ordinary_months_raise_no_alert(months: dict[str, Any]) -> None:
    assert months["raised"] == []


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_nor_do_other_ordinary_years(seed: int, engine: Engine) -> None:
    """The months in which nothing can be unusual yet, for want of history, are handed over and not looked at."""
    months = ordinary(seed).sets()
    enough = months[0].covers + timedelta(days=ALERT_POLICY.enough_history_days)
    for one in months:
        if one.covers < enough:
            hand_over_all(engine, one)
    assert live_through(engine, [one for one in months if one.covers >= enough]).raised == []


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_each_fault_raises_exactly_its_alert(
    fault: Fault, sets: list[ExtractSet], months: dict[str, Any], copy_of: CopyOf
) -> None:
    answer = [one for one in fault.generate(sets) if one.covers >= fault.begins]
    year: Year = live_through(copy_of(months["before"][fault.begins]), answer)
    assert sorted(set(year.raised)) == sorted(fault.alerts)
    assert len(year.raised) == len(fault.alerts), "an alert that goes on is raised once"
    if fault.name in REPAIRED:
        assert year.standing == []


def test_the_same_file_handed_over_twice_is_a_notice_until_the_next_one(
    sets: list[ExtractSet], months: dict[str, Any], copy_of: CopyOf
) -> None:
    """Nothing doubles and no figure changes: it waits for the digest, and nobody is called."""
    october, november = (one for one in sets if one.covers in (date(2014, 10, 31), date(2014, 11, 30)))
    engine = copy_of(months["before"][october.covers])
    year = live_through(engine, [replace(october, received={**october.received, "police_deliveries": 2})])
    assert year.raised == [("extract_repeated", "police_deliveries")]
    (alert,) = list_alerts(engine, also_resolved=False)
    assert alert.severity is Severity.NOTICE
    year = live_through(engine, [november])
    assert (year.raised, year.standing) == ([], [])


def test_a_flood_of_breaks_raises_one_alert(sets: list[ExtractSet], engine: Engine) -> None:
    """The first extract of the OM ends in February 2013: hundreds of suspects are missing at once, in every unit."""
    first = sets[0]
    broken_off = [row for row in first.om if row.registered_on < date(2013, 2, 20)]
    flood = ("break_flood", "2013/missing/2013-12-31")
    assert live_through(engine, [with_rows(first, OM, broken_off)]).raised == [flood]
    standing = {alert.alert_id: alert for alert in list_alerts(engine, also_resolved=False)}
    alert = standing.pop(":".join(flood))
    breaks = alert.evidence["breaks"]
    assert isinstance(breaks, int)
    assert breaks > ALERT_POLICY.flood_breaks
    assert standing.keys() >= {"unexplained:2013"}
    assert {one.held_back_by for one in standing.values()} == {alert.alert_id}


DIED_AT = datetime(2014, 10, 31, 3, 0, tzinfo=UTC)


@pytest.fixture
def ordinary_so_far(months: dict[str, Any], copy_of: CopyOf) -> Engine:
    """The warehouse before the last set that a fault begins in, whose extracts came less than a month before."""
    covers = max(day for day in months["before"] if day <= DIED_AT.date())
    assert DIED_AT.date() - covers < timedelta(days=5), "no source is silent yet"
    return copy_of(months["before"][covers])


def silent(name: str) -> SilentPart:
    return SilentPart(name=name, place=f"{name}:1", pieces=(name,), since=DIED_AT)


def steps_of_looks(engine: Engine, *looks: tuple[float, list[SilentPart]]) -> list[tuple[str, str]]:
    """What looks so many minutes after the part died bring, with what is silent then."""
    found = [
        watch(
            engine,
            policy=POLICY,
            alert_policy=ALERT_POLICY,
            now=DIED_AT + timedelta(minutes=minutes),
            channels=[],
            silent_parts=parts,
        ).steps
        for minutes, parts in looks
    ]
    return [(step.alert_id, step.step.value) for steps in found for step in steps]


def test_a_dead_broker_raises_exactly_one_alert_until_it_is_back(ordinary_so_far: Engine) -> None:
    kafka = [silent("kafka")]
    steps = steps_of_looks(ordinary_so_far, (0, []), (1, kafka), (6, kafka), (11, []), (16, []))
    assert steps == [("part_down:kafka", "raised"), ("part_down:kafka", "resolved")]


def test_a_dead_warehouse_is_exactly_one_alert_kept_when_it_is_back(ordinary_so_far: Engine, tmp_path: Path) -> None:
    engine, settings = ordinary_so_far, Settings(home=tmp_path / "home")
    assert steps_of_looks(engine, (0, [])) == []
    with mail_server() as server:
        mail = Email(f"smtp://127.0.0.1:{server.port}", "k@example.org", ("desk@example.org",), Places(), threshold=5)
        for minutes in (1, 6):
            now = DIED_AT + timedelta(minutes=minutes)
            send_without_the_warehouse(settings, [silent("warehouse")], channels=[mail], alertmanager=None, now=now)
        for _ in range(2):
            keep_that_the_warehouse_was_down(engine, settings)
        for minutes in (11, 16):
            now = DIED_AT + timedelta(minutes=minutes)
            watch(engine, policy=POLICY, alert_policy=ALERT_POLICY, now=now, channels=[mail])
        subjects = [str(one["Subject"]).partition(": ")[2] for one in server.mails]
    assert subjects == ["part down warehouse", "part down warehouse"], "when it was away, and when it is back"
    (alert,) = list_alerts(engine, also_resolved=True)
    assert (alert.alert_id, alert.times_raised, alert.stands) == ("part_down:warehouse", 1, False)
    assert alert.resolved_by is None
