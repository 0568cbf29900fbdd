"""State as known on a day, in columns: what the reference reads of the same events, in however many segments."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ketenbalans.columns.coding import coded_source
from ketenbalans.columns.kept import RegisterLog
from ketenbalans.columns.registers import Registers
from schemas.coded_state import DELIVERIES, REGISTRATIONS, coded_state
from schemas.declaration import Source
from tests.reference.section3 import deliveries_known_on, registrations_known_on
from tests.unit.columns.worlds import DAYS, KMAR, LOADS, OM, POLICE, Event, histories, segments_of

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
        source.name: RegisterLog(coded_source(source), tuple(segments_of(source, world[source.name], ends=ends)), None)
        for source in (POLICE, KMAR, OM)
    }
    return registers


def in_one_order(deliveries: pl.DataFrame) -> pl.DataFrame:
    """The reference does not say which of two parties that delivered one number comes first."""
    return deliveries.sort("dossier", "suspect_number", pl.col("party").cast(pl.String))


@settings(phases=(Phase.generate,))
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
