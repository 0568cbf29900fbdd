"""State as known on a day, in columns: what the reference reads of the same events, in however many segments."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ketenbalans.columns.coding import LOAD_NUMBER, coded_source
from ketenbalans.columns.kept import RegisterLog
from ketenbalans.columns.newest import KnownRows, newest_rows
from ketenbalans.columns.registers import Registers
from ketenbalans.columns.segment import merged
from schemas.coded_state import DELIVERIES, REGISTRATIONS, coded_state
from schemas.declaration import Source
from tests.reference.section3 import amsterdam_day, deliveries_known_on, registrations_known_on
from tests.unit.columns.worlds import DAYS, KMAR, LOADS, OM, POLICE, Event, as_read, histories, segments_of

pytestmark = pytest.mark.laws

cuts = st.sets(st.integers(1, LOADS - 1)).map(lambda ends: [*sorted(ends), LOADS])
worlds = st.fixed_dictionaries({source.name: histories(source) for source in (POLICE, KMAR, OM)})


def expected(world: dict[str, list[Event]], as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The coded state of what the reference says."""

    def in_words(source: Source, party: str) -> list[dict[str, Any]]:
        filled = [{"team": None, "person_token": one["person_id"], **one} for one in world[source.name]]
        return [{**vars(one), "party": party} for one in deliveries_known_on(filled, as_of)]

    registered = [{"person_token": one["person_id"], **one} for one in world[OM.name]]
    delivered = [*in_words(POLICE, "police"), *in_words(KMAR, "kmar")]
    om = [vars(one) for one in registrations_known_on(registered, as_of)]
    return coded_state(*(frame_of(*one) for one in ((delivered, DELIVERIES), (om, REGISTRATIONS))))


def frame_of(rows: Sequence[dict[str, Any]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame([{**one, "person_id": one["person_token"]} for one in rows], schema=schema)


def registers_with(world: dict[str, list[Event]], ends: Sequence[int]) -> Registers:
    registers = Registers(None)  # type: ignore[arg-type]  # nothing is read: the logs are there
    registers._logs = {
        source.name: RegisterLog(coded_source(source), tuple(segments_of(source, world[source.name], ends=ends)))
        for source in (POLICE, KMAR, OM)
    }
    return registers


def in_one_order(deliveries: pl.DataFrame) -> pl.DataFrame:
    """The reference does not say which of two parties that delivered one number comes first."""
    return deliveries.sort("dossier", "suspect_number", pl.col("party").cast(pl.String))


@settings(max_examples=60)
@given(world=worlds, ends=cuts)
def test_it_is_what_the_reference_reads_however_it_is_cut(world: dict[str, list[Event]], ends: list[int]) -> None:
    registers = registers_with(world, ends)
    for day in DAYS:
        deliveries, registrations = registers.state(as_of=day)
        police, om = expected(world, day)
        assert_frame_equal(in_one_order(deliveries), in_one_order(police))
        assert_frame_equal(registrations, om)
        assert deliveries["dossier"].flags["SORTED_ASC"]
        assert registrations["reported_dossier"].flags["SORTED_ASC"]
        assert deliveries.equals(deliveries.sort("dossier", "suspect_number", maintain_order=True))


@given(world=worlds, ends=cuts, days=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(sorted))
@settings(max_examples=40)
def test_what_changed_since_a_day_is_the_state_of_those_records(
    world: dict[str, list[Event]], ends: list[int], days: list[date]
) -> None:
    since, day = days
    registers = registers_with(world, ends)
    found = registers.state(as_of=day, changed_since=since)
    for state, some, source in zip(registers.state(as_of=day), found, (POLICE, OM), strict=True):
        keys = coded_source(source).record_key
        parties = (POLICE, KMAR) if source is POLICE else (OM,)
        changed = {
            (party.party, *event_key(party, event))
            for party in parties
            for event in world[party.name]
            if since < amsterdam_day(event["recorded_at"]) <= day
        }
        of_which = state if source is POLICE else state.with_columns(party=pl.lit(None, pl.String))
        is_one = [row in changed for row in of_which.select("party", *keys).iter_rows()]
        assert_frame_equal(some, state.filter(is_one))


def event_key(source: Source, event: Event) -> tuple[Any, ...]:
    """What identifies the record of an event, coded."""
    coded = coded_source(source)
    return coded.coded(as_read(source, [event])).select(coded.record_key).row(0)


@given(events=histories(POLICE), loads=st.sets(st.integers(1, LOADS)), ends=cuts)
@settings(max_examples=40)
def test_loads_that_are_left_out_are_as_if_they_had_not_come(
    events: list[Event], loads: set[int], ends: list[int]
) -> None:
    coded = coded_source(POLICE)
    left = [event for event in events if event[LOAD_NUMBER] not in loads]
    known = KnownRows(as_of=DAYS[-1], without_loads=sorted(loads))
    found = newest_rows(coded, segments_of(POLICE, events, ends=ends), known)
    assert_frame_equal(found, newest_rows(coded, segments_of(POLICE, left), KnownRows(as_of=DAYS[-1])))


@given(events=histories(OM), ends=cuts)
@settings(max_examples=40)
def test_segments_made_one_are_the_segment_of_all(events: list[Event], ends: list[int]) -> None:
    (whole,) = segments_of(OM, events)
    one = merged(coded_source(OM), segments_of(OM, events, ends=ends))
    assert (one.first_load, one.last_load) == (whole.first_load, whole.last_load)
    order = whole.rows.columns
    together = [
        pl.concat([part.rows, part.read_ids().cast(pl.String)], how="horizontal").sort(
            *order, "event_id", "event_source"
        )
        for part in (one, whole)
    ]
    assert_frame_equal(*together)
