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

from ketenbalans.columns.coding import bit_of, rank_of
from ketenbalans.columns.registers import registers_of
from ketenbalans.jobs.loading.columns_after_load import columns_after_load
from schemas.coded_state import NO_LONGER_STANDING, coded_state
from schemas.declaration import Source
from schemas.period import Period
from schemas.vocabulary import Disposal, Qualification
from tests.integration.warehouse.rows import OM, POLICE, load_rows, om, police
from tests.integration.warehouse.rows_beside import KMAR, kmar
from tests.integration.warehouse.state_by_sql import read_deliveries, read_registrations
from tests.integration.warehouse.test_state import SUMMER_AND_WINTER_ENDS, moments, om_events, police_events
from tests.reference.section3 import OM_MUTATIONS, POLICE_MUTATIONS, amsterdam_day, histories, known_on
from warehouse.breaks import moment_of
from warehouse.database import COLUMNS, memo_of, snapshot

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


@pytest.mark.parametrize("seed", range(2))
def test_they_are_what_sql_reads_with_files_without_and_in_steps(engine: Engine, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    kept = with_columns(engine, tmp_path / "columns")
    were: list[tuple[datetime, list[States]]] = []
    for source, events in batches(random, 3):
        load_rows(engine, source, events)
        if random.random() < 0.5:  # half of the loads keep them, the others leave that to the question
            columns_after_load(kept, source)
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


def test_the_figures_that_are_counted_in_columns_are_those_of_the_events(engine: Engine, tmp_path: Path) -> None:
    random = Random(7)
    loaded: dict[str, list[dict[str, Any]]] = {POLICE.name: [], OM.name: [], KMAR.name: []}
    for source, events in batches(random, 2):
        counted = [{**one, **of_figures(random, source)} for one in events]
        loaded[source.name] += counted
        load_rows(engine, source, counted)
    with snapshot(with_columns(engine, tmp_path / "columns")) as connection:
        registers = registers_of(connection)
        for day in DAYS:
            known = {name: known_on(events, day) for name, events in loaded.items()}
            days = [one.get("delivered_on") or one["registered_on"] for events in known.values() for one in events]
            assert registers.years(as_of=day) == sorted({one.year for one in days})
            for year in range(2012, 2017):
                period = Period.of_year(year)
                found = registers.deliveries_with_figures(as_of=day)
                assert cases_by_quality(found, period) == cases_of_events(known[POLICE.name], year)
                settled = registers.registrations_with_figures(as_of=day).filter(
                    (pl.col("disposal_rank") == rank_of(Disposal.INDIGO))
                    & (pl.col("round") != NO_LONGER_STANDING)
                    & pl.col("disposed_first_on").is_between(period.start, period.end)
                )
                assert settled.height == settled_in(known[OM.name], year)


def of_figures(random: Random, source: Source) -> dict[str, object]:
    """What is counted of an event, at random."""
    day = date(random.choice([2013, 2014, 2015]), 6, 1)
    if source is OM:
        return {"registered_on": day, "disposal": random.choice([None, "indigo", "dismissal"])}
    return {"delivered_on": day} | ({"transnational": random.random() < 0.5} if source is POLICE else {})


def cases_by_quality(deliveries: pl.DataFrame, period: Period) -> dict[str, int]:
    """The cases of a period by what they are about, as the columns say."""
    counts = ~pl.col("is_withdrawn") & pl.col("delivered_on").is_between(period.start, period.end)
    has = {one.value: (pl.col("qualifications_mask") & bit_of(one)) != 0 for one in Qualification}
    has["transnational"] = pl.col("is_transnational")
    return {name: deliveries.filter(counts & one)["dossier"].n_unique() for name, one in has.items()}


def cases_of_events(known: list[Any], year: int) -> dict[str, int]:
    """The same, plainly, of events that are known."""
    newest = [one[-1] for one in histories(known, ("dossier_number", "suspect_number"), POLICE_MUTATIONS)]
    counts = [one for one in newest if one["mutation"] != "withdrawn" and one["delivered_on"].year == year]
    found = {
        one.value: {row["dossier_number"] for row in counts if one.value in (row["qualifications"] or [])}
        for one in Qualification
    }
    found["transnational"] = {row["dossier_number"] for row in counts if row["transnational"]}
    return {name: len(cases) for name, cases in found.items()}


def settled_in(known: list[Any], year: int) -> int:
    """How many registrations stand with INDIGO that the OM first recorded in a year."""
    settled = 0
    for history in histories(known, ("case_number",), OM_MUTATIONS):
        newest, first = history[-1], [one for one in history if one["disposal"] == "indigo"][:1]
        stands = newest["mutation"] not in ("lapsed", "joined") and newest["disposal"] == "indigo"
        settled += stands and amsterdam_day(first[0]["recorded_at"]).year == year
    return settled


def test_what_a_load_reaches_is_what_it_brought_and_what_was_recorded_since(engine: Engine) -> None:
    """The records whose state is another one than in an earlier snapshot on an earlier day are among those found."""
    random = Random(11)
    first, *later = batches(random, 3)
    load_rows(engine, *first)
    before_day, day = DAYS[1], DAYS[5]
    with snapshot(engine) as connection:
        registers = registers_of(connection)
        loads = {name: 0 if mark is None else mark.load_number for name, mark in registers.loads.items()}
        before = registers.state(as_of=before_day)
    for source, events in later:
        load_rows(engine, source, events)
    with snapshot(engine) as connection:
        after = registers_of(connection).state(as_of=day)
        reached = registers_of(connection).state(as_of=day, changed_since=before_day, loaded_after=loads)
    keys = ("party", "dossier", "suspect_number"), ("case",)
    for was, now, found, key in zip(before, after, reached, keys, strict=True):
        moved = now.join(was, on=now.columns, how="anti", nulls_equal=True)
        assert moved.join(found, on=now.columns, how="anti", nulls_equal=True).is_empty()
        assert found.join(now, on=now.columns, how="anti", nulls_equal=True).is_empty()
        assert not moved.is_empty()
        assert found.height == found.unique(key).height


def test_a_snapshot_keeps_what_was_worked_out_in_it_and_no_other_has_it(engine: Engine) -> None:
    with snapshot(engine) as connection:
        registers = registers_of(connection)
        with snapshot(connection) as inner:
            assert registers_of(inner) is registers
        memo = memo_of(connection)
        assert memo
    assert not memo
    with snapshot(engine) as connection:
        assert registers_of(connection) is not registers
    with pytest.raises(ValueError, match="in no snapshot"):
        memo_of(connection)
    with engine.connect() as plain, pytest.raises(ValueError, match="in no snapshot"):
        registers_of(plain)


def test_the_key_is_another_one_after_each_load(engine: Engine) -> None:
    keys = []
    for source, events in ((POLICE, [police("a")]), (POLICE, [police("b")]), (OM, [om("a")])):
        load_rows(engine, source, events)
        with snapshot(engine) as connection:
            keys.append(registers_of(connection).key)
        with snapshot(engine) as connection:
            assert registers_of(connection).key == keys[-1]
    assert len(set(keys)) == len(keys)
