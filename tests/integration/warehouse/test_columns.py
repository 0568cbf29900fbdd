"""Columns beside the warehouse: the same as PostgreSQL reads, with files, without them, made anew and in steps."""

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import Connection, Engine

from ketenbalans.columns.registers import registers_of
from schemas.coded_state import coded_state
from schemas.declaration import Source
from tests.integration.warehouse.rows import OM, POLICE, load_rows
from tests.integration.warehouse.rows_beside import KMAR, kmar
from tests.integration.warehouse.state_by_sql import read_deliveries, read_registrations
from tests.integration.warehouse.test_state import SUMMER_AND_WINTER_ENDS, moments, om_events, police_events
from warehouse.breaks import moment_of
from warehouse.database import COLUMNS, snapshot

pytestmark = pytest.mark.stack

DAYS = [*SUMMER_AND_WINTER_ENDS, date(2014, 3, 28), date(2014, 12, 30), date(2014, 12, 31), date(2015, 1, 1)]
States = tuple[pl.DataFrame, pl.DataFrame]


def with_columns(engine: Engine, folder: Path) -> Engine:
    """The same warehouse, whose columns are kept in a folder."""
    return engine.execution_options(**{COLUMNS: folder})


def by_sql(
    connection: Connection, as_of: date, *, loaded_by: datetime | None = None, changed_since: date | None = None
) -> States:
    """Both states as PostgreSQL reads them, coded; of one number the police's first."""
    which: dict[str, Any] = {"as_of": as_of, "loaded_by": loaded_by, "changed_since": changed_since}
    deliveries, om = coded_state(read_deliveries(connection, **which), read_registrations(connection, **which))
    words = pl.col("party").cast(pl.String)
    return deliveries.sort("dossier", "suspect_number", words != "police", words), om


def assert_same(found: States, expected: States) -> None:
    for one, other in zip(found, expected, strict=True):
        assert_frame_equal(one, other)


def batches(random: Random, number: int) -> list[tuple[Source, list[dict[str, object]]]]:
    """Events of the three registers in batches, whose order is that of their loads."""
    made: list[tuple[Source, list[dict[str, object]]]] = []
    for batch in range(number):
        towards = [random.choice([None, "PL0600"]) for _ in range(6)]
        of_the_kmar = [
            kmar(f"k{batch}{place}", moments(random), suspect_number=place % 2 + 1, transferred_to=to)
            for place, to in enumerate(towards)
        ]
        for source, events in (
            (POLICE, police_events(random, 60)),
            (OM, om_events(random, 60)),
            (KMAR, of_the_kmar),
        ):
            named = [{**one, "event_id": f"{one['event_id']}{random.choice('aAzé')}{batch}"} for one in events]
            made.append((source, named))
    return made


@pytest.mark.parametrize("seed", range(3))
def test_they_are_what_sql_reads_with_files_without_and_in_steps(engine: Engine, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    kept = with_columns(engine, tmp_path / "columns")
    were: list[tuple[datetime, list[States]]] = []
    for source, events in batches(random, 3):
        load_rows(engine, source, events)
        with snapshot(engine) as connection:
            expected = [by_sql(connection, day) for day in DAYS]
            were.append((moment_of(connection), expected))
            for day, one in zip(DAYS, expected, strict=True):
                assert_same(registers_of(connection).state(as_of=day), one)
        with snapshot(kept) as connection:
            for day, one in zip(DAYS, expected, strict=True):
                assert_same(registers_of(connection).state(as_of=day), one)
    with snapshot(with_columns(engine, tmp_path / "anew")) as connection, snapshot(kept) as in_steps:
        anew, stepwise = registers_of(connection), registers_of(in_steps)
        assert anew.key == stepwise.key
        for moment, expected in were:
            for day, one in zip(DAYS, expected, strict=True):
                assert_same(anew.state(as_of=day, loaded_by=moment), one)
                assert_same(stepwise.state(as_of=day, loaded_by=moment), one)
        for earlier, later in pairwise(DAYS):
            since = by_sql(connection, later, changed_since=earlier)
            assert_same(anew.state(as_of=later, changed_since=earlier), since)
            assert_same(stepwise.state(as_of=later, changed_since=earlier), since)
