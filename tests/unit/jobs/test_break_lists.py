"""The work list is what waits for somebody, the oldest due first; shown and left out together are all there is."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.cli.break_list import Sort
from ketenbalans.jobs.breaks.of_balance import Breaks
from ketenbalans.jobs.breaks.work_list import ORDERS, WAITS_FOR_SOMEBODY, BreakList, BreakQuestion, chosen
from ketenbalans.reconciliation.break_life import LIFE
from schemas.break_frames import FOUND
from schemas.breaks import BreakState
from schemas.period import Period

pytestmark = pytest.mark.laws

DAY = date(2015, 6, 30)
KINDS: dict[str, Any] = {
    **dict.fromkeys(LIFE, pl.String()),
    **{name: kind for name, kind in FOUND.items() if name in LIFE},
    **dict.fromkeys(("opened_on", "due_on", "resolved_on"), pl.Date()),
    "age_days": pl.Int64(),
}

days = st.integers(0, 700).map(lambda back: DAY - timedelta(days=back))
lives = st.fixed_dictionaries(
    {
        "year": st.sampled_from([2012, 2013, 2014]),
        "state": st.sampled_from([str(state) for state in BreakState]),
        "opened_on": days,
        "due_on": st.none() | days,
        "unit": st.none() | st.sampled_from(["PL0100", "PL0600"]),
        "owner": st.none() | st.sampled_from(["desk-1", "desk-2"]),
    }
)


def asked(rows: list[dict[str, Any]], **question: Any) -> BreakList:
    """The answer to a question over years that have these breaks."""
    known = []
    for year in sorted({row["year"] for row in rows}):
        of_year = [
            {
                **dict.fromkeys(LIFE),
                **{name: value for name, value in row.items() if name != "year"},
                "break_id": f"{year}-police-{number}",
                "age_days": (DAY - row["opened_on"]).days,
                "cause": "missing",
            }
            for number, row in enumerate(rows)
            if row["year"] == year
        ]
        frame = pl.DataFrame(of_year, schema=KINDS)
        known.append(Breaks(period=Period.of_year(year), as_of=DAY, decided_until=DAY, is_kept=True, rows=frame))
    return chosen(known, BreakQuestion(**question))


@given(rows=st.lists(lives, min_size=1), due_by=st.none() | days, order=st.sampled_from(list(ORDERS)))
@pytest.mark.parametrize("only_waiting", [True, False])
def test_what_is_shown_and_what_is_left_out_are_all_there_is(
    rows: list[dict[str, Any]], due_by: date | None, order: str, *, only_waiting: bool
) -> None:
    found = asked(rows, only_waiting=only_waiting, due_by=due_by, order=order)
    shown = found.rows["state"].to_list()
    everything = [row["state"] for row in rows]
    assert {state: everything.count(state) - shown.count(state) for state in set(everything)} == {
        state: found.left_out.get(state, 0) for state in set(everything)
    }
    assert not only_waiting or set(shown) <= set(WAITS_FOR_SOMEBODY)
    if not only_waiting and due_by is None:
        assert found.left_out == {}


@given(st.lists(lives, min_size=1))
def test_the_oldest_due_comes_first_and_without_a_due_day_it_is_due_since_it_was_opened(
    rows: list[dict[str, Any]],
) -> None:
    found = asked(rows, only_waiting=True, order="due").rows
    due = [row["due_on"] or row["opened_on"] for row in found.to_dicts()]
    assert due == sorted(due)


@given(st.lists(lives, min_size=1), days)
def test_nothing_that_waits_and_is_due_by_a_day_is_left_out(rows: list[dict[str, Any]], day: date) -> None:
    shown = asked(rows, only_waiting=True, due_by=day).rows
    due = [row for row in rows if row["state"] in WAITS_FOR_SOMEBODY and (row["due_on"] or row["opened_on"]) <= day]
    assert shown.height == len(due)


def test_what_nobody_waits_for_is_never_due() -> None:
    explained = {"year": 2014, "state": "explained", "opened_on": DAY, "due_on": None, "unit": None, "owner": None}
    assert asked([explained], due_by=DAY).rows.is_empty()


@pytest.mark.parametrize(
    ("order", "column", "descending"),
    [("age", "age_days", True), ("opened", "opened_on", False), ("unit", "unit", False), ("id", "break_id", False)],
)
@given(rows=st.lists(lives, min_size=1))
def test_a_list_is_in_the_order_asked_for(
    order: str, column: str, rows: list[dict[str, Any]], *, descending: bool
) -> None:
    found = asked(rows, order=order).rows[column]
    assert found.to_list() == found.sort(descending=descending, nulls_last=True).to_list()


def test_the_command_line_names_every_order() -> None:
    assert set(map(str, Sort)) == set(ORDERS)
