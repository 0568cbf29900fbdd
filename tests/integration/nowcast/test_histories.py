"""A made-up history of which all is known, through extracts, Kafka and the warehouse, and asked on the command line."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeVar

import pytest

from bench.histories import UNITS, History, history
from ketenbalans.nowcast.forecast import TARGETS, known_counts, nowcast
from ketenbalans.nowcast.known import NOT_YET
from ketenbalans.nowcast.question import Question
from ketenbalans.scenarios.extract_files import write_csv
from ketenbalans.scenarios.rows import DeliveryRow, RegistrationRow
from ketenbalans.settings import Settings
from schemas.period import AMSTERDAM, Period
from tests.integration.conftest import NewWarehouse
from tests.integration.handing_over import HandedOver, handed_over_apart
from tests.integration.nowcast.test_nowcast import asked, balanced

pytestmark = pytest.mark.stack

Recorded = TypeVar("Recorded", DeliveryRow, RegistrationRow)
SEEDS = (71000, 71001, 71002)
COVERS = date(2017, 12, 31)
QUESTIONS = (
    (Period(date(2013, 12, 1), date(2013, 12, 31)), date(2013, 12, 31)),
    (Period.of_year(2014), date(2015, 1, 31)),
    (Period(date(2015, 6, 1), date(2015, 6, 30)), date(2015, 7, 31)),
)


def rows_of(made: History) -> tuple[list[DeliveryRow], list[RegistrationRow]]:
    """What the registers write of a history by the last day that is covered: one dossier and one person per suspect."""
    deliveries, registrations = [], []
    for place, unit in enumerate(made.unit.tolist()):
        code, skn = UNITS[unit], f"SYN-{place:07}"
        delivered_on = date.fromordinal(int(made.delivered[place]))
        number = f"{code}-{delivered_on.year}{place:06}"
        first = DeliveryRow(
            mutation="aangeleverd",
            dossier_number=number,
            suspect_number=1,
            skn=skn,
            unit=code,
            team="TBKK",
            delivered_on=delivered_on,
            qualifications=("bezit",),
            transnational=False,
            recorded_at=_moment(made.recorded[place], 9),
        )
        deliveries.append(first)
        if made.withdrawn[place] < NOT_YET:
            deliveries.append(replace(first, mutation="ingetrokken", recorded_at=_moment(made.withdrawn[place], 15)))
        if made.counted_from[place] < NOT_YET:
            registered_on = date.fromordinal(int(made.registered[place]))
            registered = RegistrationRow(
                mutation="ingeschreven",
                case_number=f"09/{place:06}-{registered_on:%y}",
                skn=skn,
                dossier_number_as_typed=number,
                suspect_number=1,
                classification="KP",
                registered_on=registered_on,
                recorded_at=_moment(made.counted_from[place], 12),
            )
            registrations.append(registered)
            if made.lapsed[place] < NOT_YET:
                registrations.append(
                    replace(registered, mutation="vervallen", recorded_at=_moment(made.lapsed[place], 12))
                )
    return deliveries, registrations


def _moment(day: int, hour: int) -> datetime:
    return datetime.combine(date.fromordinal(int(day)), time(hour), AMSTERDAM)


def write(made: History, folder: Path) -> list[Path]:
    """An extract of the police and one of the OM, each row in the order in which it was recorded."""
    deliveries, registrations = rows_of(made)
    return [
        write_csv(folder / f"{stem}-{COVERS}.csv", [row.cells() for row in rows])
        for stem, rows in (("police", _in_order(deliveries)), ("om", _in_order(registrations)))
    ]


def _in_order(rows: Sequence[Recorded]) -> list[Recorded]:
    return sorted((row for row in rows if row.recorded_at.date() <= COVERS), key=lambda row: row.recorded_at)


@pytest.fixture(scope="module", params=SEEDS)
def made(request: pytest.FixtureRequest) -> History:
    return history(request.param)


@pytest.fixture(scope="module")
def handed(
    made: History, new_warehouse: NewWarehouse, bootstrap: str, tmp_path_factory: pytest.TempPathFactory
) -> HandedOver:
    handed = handed_over_apart(tmp_path_factory.mktemp("history"), new_warehouse(), bootstrap)
    handed.publish(write(made, handed.folder))
    handed.ingest()
    return handed


@pytest.mark.parametrize(("period", "day"), QUESTIONS, ids=str)
def test_the_answer_is_that_of_the_history_itself(made: History, handed: HandedOver, period: Period, day: date) -> None:
    """What the registers, the links and the warehouse make of it is just what is known of the history."""
    question = Question.of(period, as_of=day, horizon_days=400)
    answer = nowcast(made.known_on(day), question, policy=Settings().read_policy().to_dict())
    assert asked(handed, "--period", period, "--as-of", day) == answer.to_json()


@pytest.mark.parametrize(("period", "day"), QUESTIONS, ids=str)
def test_known_and_what_came_are_what_the_balance_counts(
    made: History, handed: HandedOver, period: Period, day: date
) -> None:
    question = Question.of(period, as_of=day, horizon_days=400)
    for known_on in (day, question.known_on):
        known = made.known_on(known_on)
        counts = dict(zip(TARGETS, known_counts(known, question), strict=True))
        balance = balanced(handed, str(period), str(known_on))
        assert {name: balance[name] for name in TARGETS} == {name: int(one.sum()) for name, one in counts.items()}
        of_unit = {
            unit: {name: int(one[place]) for name, one in counts.items()}
            for place, unit in enumerate(known.units)
            if counts["delivered"][place]
        }
        assert {one["unit"]: {name: one[name] for name in TARGETS} for one in balance["by_unit"]} == of_unit
