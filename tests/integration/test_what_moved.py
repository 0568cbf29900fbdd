"""What moved a figure: the records loaded since it last came out as published, or the breaks that were there before."""

from collections.abc import Iterator
from dataclasses import replace as with_other
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from ketenbalans.figures.measures import MEASURES
from ketenbalans.jobs.figures.verify import Verdict, Verified, in_words, verify
from ketenbalans.jobs.reporting.what_moved import Moved, WhatMoved
from ketenbalans.scenarios.rows import DeliveryRow
from ketenbalans.scenarios.truth import Truth
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.settings import Settings
from schemas.period import Period
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.handing_over import HandedOver
from tests.integration.reclassified import UNTIL, reclassified
from tests.integration.scenario_events import delivered, load_scenario, registered
from tests.integration.warehouse.rows import (
    AGGREGATES,
    HOTLINE,
    INTERVENTIONS,
    INVESTIGATIONS,
    OM,
    POLICE,
    frame,
    load_covered,
    load_rows,
    om,
    police,
)
from tests.integration.warehouse.rows_beside import hotline_report, intervention, investigation, victims
from warehouse.database import snapshot
from warehouse.register import last_agreed
from warehouse.staging import copy_rows, insert_events

pytestmark = pytest.mark.stack

ONE_MORE = {"dossier_number": "PL0900-2014999999", "delivered_on": date(2014, 6, 2)}

POLICY = Settings().read_policy()
MOMENT = datetime(2015, 1, 30, 9, tzinfo=UTC)
DELIVERED, RECOGNISABLE, CASES, GROWTH = "L15-022", "L15-023", "L15-018", "L15-036"
"""What the letter of 2015 says of 2014."""
PRODUCTION = "L15-007"


def differing(engine: Engine) -> dict[str, Verified]:
    return {one.figure.figure_id: one for one in verify(engine, policy=POLICY) if one.verdict is Verdict.DIFFERS}


def moves_of(one: Verified) -> list[tuple[str, str, str | None, str | None]]:
    assert one.moved is not None
    assert one.moved.in_all == len(one.moved.records)
    return [(record.record, record.movement, record.break_id, record.cause) for record in one.moved.records]


@pytest.fixture(scope="module")
def agreed(new_warehouse: NewWarehouse) -> Engine:
    engine = new_warehouse()
    load_scenario(engine, YEAR_2014)
    assert not differing(engine)
    return engine


@pytest.fixture
def warehouse(agreed: Engine, copy_of: CopyOf) -> Engine:
    return copy_of(agreed)


def suspects_of_2014() -> Iterator[DeliveryRow]:
    """What was recorded last about each suspect of 2014 by the day of the figures, of those without a later word."""
    for delivery in YEAR_2014.records.chain.deliveries:
        row = delivery.newest
        if row.delivered_on.year == 2014 and row.mutation != "ingetrokken" and row.recorded_at < MOMENT:
            yield row


def test_nothing_loaded_and_nothing_differs(agreed: Engine) -> None:
    assert all(one.moved is None for one in verify(agreed, policy=POLICY))
    with snapshot(agreed) as connection:
        last, what = last_agreed(connection), WhatMoved(connection, policy=POLICY)
        for name in ("suspects_delivered_to_om", "suspects_recognisable_at_om", "share_cases_production"):
            found = what.moved(MEASURES[name], Period.of_year(2014), UNTIL, since=last[RECOGNISABLE])
            assert (found.records, found.in_all) == ((), 0)
            assert "no record moved it, so the code or the policy did" in found.in_words()


def test_another_policy_is_no_record(agreed: Engine) -> None:
    narrow = POLICY.model_copy(update={"registered_after_delivery_days": 1})
    found = [one for one in verify(agreed, policy=narrow) if one.verdict is Verdict.DIFFERS]
    assert [one.figure.figure_id for one in found] == [RECOGNISABLE]
    assert moves_of(found[0]) == []
    assert "no record moved it, so the code or the policy did" in in_words(found[0])


def test_of_all_that_was_loaded_only_the_record_whose_count_moved_is_named(warehouse: Engine) -> None:
    moves, after_the_day = (
        reclassified(YEAR_2014, recorded_at=moment, place=place)
        for place, moment in ((3, MOMENT), (4, datetime(2015, 2, 1, tzinfo=UTC)))
    )
    same_again = reclassified(YEAR_2014, recorded_at=MOMENT, place=5).row
    rows = [moves.row, after_the_day.row, with_other(same_again, mutation="afgedaan", classification="KP")]
    load_rows(warehouse, OM, [registered(f"later-{place}", row) for place, row in enumerate(rows)])
    corrected = next(suspects_of_2014())
    same = with_other(corrected, mutation="gecorrigeerd", team="another", recorded_at=MOMENT)
    load_rows(warehouse, POLICE, [delivered("later", same)])
    found = differing(warehouse)
    assert list(found) == [RECOGNISABLE]
    assert moves_of(found[RECOGNISABLE]) == [(moves.record, "changed", moves.break_id, "other_classification")]
    assert moves.break_id in in_words(found[RECOGNISABLE])


def test_who_came_and_who_left_are_named_with_their_break(warehouse: Engine) -> None:
    registrations = YEAR_2014.records.chain.registrations
    in_2014 = {one.case_number for one in registrations if one.newest.registered_on.year == 2014}
    gone = next(row for row in suspects_of_2014() if case_of(row) in in_2014)
    its_own = f"2014-om-{case_of(gone)}"
    withdrawn = with_other(gone, mutation="ingetrokken", recorded_at=MOMENT)
    load_rows(warehouse, POLICE, [delivered("withdrawn", withdrawn)])
    one_less = differing(warehouse)
    assert {DELIVERED, RECOGNISABLE, GROWTH} <= set(one_less)
    ((record, movement, break_id, cause),) = moves_of(one_less[DELIVERED])
    assert (record, movement) == (record_of(gone), "left")
    assert (cause, break_id) == ("delivery_withdrawn", its_own), "of the registration that it was linked with"
    assert moves_of(one_less[GROWTH]) == moves_of(one_less[DELIVERED])

    fresh = with_other(gone, dossier_number="PL0900-2014999999", suspect_number=1, skn="", mutation="aangeleverd")
    load_rows(warehouse, POLICE, [delivered("fresh", with_other(fresh, recorded_at=MOMENT))])
    made_up_for = differing(warehouse)
    assert DELIVERED not in made_up_for
    ((_, movement, break_id, _),) = moves_of(made_up_for[RECOGNISABLE])
    assert (movement, break_id) == ("left", its_own), "who came is not recognised and moved nothing"


def test_a_share_that_moved_without_any_suspect_names_what_was_loaded(warehouse: Engine) -> None:
    without = [row for row in suspects_of_2014() if "productie" not in row.qualifications][:5]
    rows = [
        with_other(row, mutation="gecorrigeerd", qualifications=("productie",), recorded_at=MOMENT) for row in without
    ]
    load_rows(warehouse, POLICE, [delivered(f"made-{place}", row) for place, row in enumerate(rows)])
    one = differing(warehouse)[PRODUCTION]
    named = [(record, movement) for record, movement, _, _ in moves_of(one)]
    assert named == sorted((record_of(row), "loaded") for row in rows)


def test_a_figure_that_never_came_out_names_the_breaks_recorded_last_first(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    changed = reclassified(YEAR_2014, recorded_at=datetime(2015, 1, 31, 22, 59, tzinfo=UTC))
    load_scenario(engine, YEAR_2014)
    load_rows(engine, OM, [registered("last", changed.row)])
    one = differing(engine)[RECOGNISABLE]
    assert one.moved is not None
    assert (one.moved.since, one.moved.in_all) == (None, len(one.moved.records))
    named = [record.break_id for record in one.moved.records]
    assert named[0] == changed.break_id
    assert {record.movement for record in one.moved.records} == {"break"}
    of_police = [record.record for record in one.moved.records[1:] if record.source == POLICE.name]
    assert len(of_police) == 44, "every other break of the gap is named, and those of the OM's side beside them"
    recorded = [recorded_last(record) for record in of_police]
    assert recorded == sorted(recorded, reverse=True)
    assert f"it never came out as published here; breaks, recorded last first: {changed.break_id}" in in_words(one)


def test_a_figure_of_another_source_names_the_record_that_was_loaded_since(
    all_years: HandedOver, copy_of: CopyOf
) -> None:
    engine = copy_of(all_years.engine)
    assert not differing(engine)
    known = datetime(2013, 3, 14, 12, tzinfo=UTC)
    loaded: dict[str, tuple[Any, dict[str, Any], str]] = {
        "L18-002": (INTERVENTIONS, intervention("one-more", date(2017, 5, 1)), "one-more"),
        "R19-007": (INVESTIGATIONS, investigation("one-more", date(2019, 5, 1)), "one-more"),
        "L13-027": (HOTLINE, hotline_report("one-more", date(2013, 3, 1), recorded_at=known), "one-more"),
        "L15-001": (
            AGGREGATES,
            victims("more", 2014, "combined", 424),
            "victims_identified/all/combined/2014-01-01/2014-12-31/2015-01-31",
        ),
    }
    for source, row, _ in loaded.values():
        load_rows(engine, source, [row])
    found = differing(engine)
    for figure, (source, _, record) in loaded.items():
        moved = found[figure].moved
        assert isinstance(moved, Moved)
        assert [(one.source, one.record, one.movement, one.break_id) for one in moved.records] == [
            (source.name, record, "loaded", None)
        ]
    assert set(found) == {*loaded, "R19-013"}, "the total of the investigations, and nothing else"


@cache
def truth() -> dict[str, Truth]:
    """What the truth says of every suspect of 2014 on the day of the figures, by record."""
    answer = (one for one in YEAR_2014.truths([UNTIL]) if (one.side, one.period) == ("police", 2014))
    return {f"{one.dossier_number}/{one.suspect_number}": one for one in answer}


def record_of(row: DeliveryRow) -> str:
    return f"{row.dossier_number}/{row.suspect_number}"


def case_of(row: DeliveryRow) -> str:
    """The registration that makes a suspect of 2014 recognised; empty when it is not."""
    one = truth()[record_of(row)]
    return one.case_number if one.is_recognised else ""


def recorded_last(record: str) -> datetime:
    """When the newest word about a suspect or its registration was recorded, by the day of the figures."""
    chain = YEAR_2014.records.chain
    found = next(one for one in chain.deliveries if record_of(one.newest) == record)
    counterpart = found.counterpart(UNTIL)
    known = [one.known_on(UNTIL) for one in (found, counterpart) if one is not None]
    return max(row.recorded_at for row in known if row is not None)


def test_a_transnational_case_names_the_record_that_moved_it(warehouse: Engine) -> None:
    row = next(r for r in suspects_of_2014() if not r.transnational)
    flipped = with_other(row, mutation="gecorrigeerd", transnational=True, recorded_at=MOMENT)
    load_rows(warehouse, POLICE, [delivered("n1", flipped), police("n2", MOMENT, **ONE_MORE)])
    assert [record for record, *_ in moves_of(differing(warehouse)["L15-009"])] == [record_of(row)]


def test_a_number_of_cases_names_only_the_new_case(warehouse: Engine) -> None:
    row = next(suspects_of_2014())
    second = police("n1", MOMENT, dossier_number=row.dossier_number, suspect_number=77, delivered_on=date(2014, 6, 2))
    load_rows(warehouse, POLICE, [second, police("n2", MOMENT, **ONE_MORE)])
    assert [record for record, *_ in moves_of(differing(warehouse)[CASES])] == ["PL0900-2014999999/1"]


def test_what_a_load_brought_that_ran_beside_the_verification_is_named(warehouse: Engine) -> None:
    changed = reclassified(YEAR_2014, recorded_at=MOMENT)
    other = sa.create_engine(warehouse.url)
    with other.begin() as slow:
        insert_events(slow, OM, copy_rows(OM, frame(OM, [registered("slow", changed.row)])), lambda _step: None)
        assert not differing(warehouse)
    other.dispose()
    assert [record for record, *_ in moves_of(differing(warehouse)[RECOGNISABLE])] == [changed.record]


def test_a_figure_whose_day_moved_on_names_what_that_day_knows(new_warehouse: NewWarehouse) -> None:
    engine, known = new_warehouse(), datetime(2010, 3, 1, tzinfo=UTC)
    of_2010 = {"delivered_on": date(2010, 1, 5)}
    rows = [police(f"p{n}", known, dossier_number=f"PL0900-2010{n:06}", **of_2010) for n in range(475)]
    late = police("late", datetime(2013, 4, 2, tzinfo=UTC), dossier_number="PL0900-2010999999", **of_2010)
    load_covered(engine, POLICE, [*rows, late], until=date(2013, 5, 6))
    load_covered(engine, OM, [om("o1", known, registered_on=date(2010, 1, 5))], until=date(2013, 3, 1))
    assert "L13-006" not in differing(engine)
    any_other = om("o2", datetime(2013, 4, 1, tzinfo=UTC), case_number="0900000213", registered_on=date(2013, 4, 1))
    load_covered(engine, OM, [any_other], until=date(2013, 5, 6))
    assert [record for record, *_ in moves_of(differing(engine)["L13-006"])] == ["PL0900-2010999999/1"]
