"""A figure set is named by what it says, and by nothing else."""

import hashlib
import json
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.signoff.figure_set import FigureSet, count_breaks
from schemas.breaks import BreakState
from schemas.causes import Cause
from tests.unit.signoff.a_signoff import figures

BREAKS = st.lists(st.tuples(st.sampled_from(list(map(str, BreakState))), st.sampled_from(list(map(str, Cause)))))


def frame(breaks: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(breaks, schema={"state": pl.String, "cause": pl.String}, orient="row")


@given(breaks=BREAKS, data=st.data())
def test_the_order_of_breaks_does_not_matter(breaks: list[tuple[str, str]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(breaks))
    one, other = (figures(breaks=count_breaks(frame(list(way)))) for way in (breaks, shuffled))
    assert one.document == other.document
    assert one.set_id == other.set_id


@given(breaks=BREAKS)
def test_every_break_that_stands_is_counted_once(breaks: list[tuple[str, str]]) -> None:
    counted = count_breaks(frame(breaks))
    stand = [one for one in breaks if one[0] != BreakState.RESOLVED]
    assert sum(number for causes in counted.values() for number in causes.values()) == len(stand)
    assert all(counted[state][cause] == stand.count((state, cause)) for state, cause in stand)


def test_it_is_canonical_json_under_its_sha_256_and_is_read_as_it_was() -> None:
    one = figures()
    assert json.dumps(json.loads(one.document), sort_keys=True, separators=(",", ":")) == one.document
    assert one.set_id == hashlib.sha256(one.document.encode()).hexdigest()
    assert FigureSet.read(one.document) == one
    assert FigureSet.read(one.document).set_id == one.set_id


@pytest.mark.parametrize(
    "other",
    [
        {"policy": {"transit_allowance_days": 61}},
        {"later_day_may_move": 5},
        {"code_version": "0.1.0+def"},
        {"input_fingerprint": "1" * 64},
        {"synthetic": False},
        {"breaks": {"acknowledged": {"missing": 3}}},
        {"balance": figures(missing=4).balance},
    ],
)
def test_whatever_it_says_otherwise_is_another_set(other: dict[str, object]) -> None:
    assert replace(figures(), **other).set_id != figures().set_id  # type: ignore[arg-type]


def test_figures_are_named_as_people_read_them() -> None:
    found = figures(in_transit=2).figures
    assert found["gap"] == 5
    assert (found["causes.missing"], found["causes.in_transit"]) == (3, 2)
    assert found["breaks.open.missing"] == 3
    assert "closes" not in found
