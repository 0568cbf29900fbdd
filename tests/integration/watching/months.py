"""Months of extracts handed over to a warehouse without Kafka: every row goes through its producer and back."""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine

from ketenbalans.broker.sending import Receipt
from ketenbalans.columns.registers import registers_of
from ketenbalans.incidents.checks import ChainKeyDiffers
from ketenbalans.incidents.extract_checks import check_extracts
from ketenbalans.jobs.balancing.balances import default_as_of_date
from ketenbalans.jobs.balancing.making import balance_and_store
from ketenbalans.jobs.breaks.decisions import decide
from ketenbalans.jobs.breaks.of_balance import read_breaks
from ketenbalans.jobs.watching.watch import WatchResult, watch
from ketenbalans.scenarios.extract_files import as_json_lines, write_csv
from ketenbalans.scenarios.extract_sets import ExtractSet
from ketenbalans.scenarios.sources import HOTLINE
from ketenbalans.settings import Settings
from ketenbalans.whole_files import write_whole
from producers.catalogue import producer_of
from producers.control import Totals, control_record
from producers.pseudonyms import ChainKey
from schemas.alerts import AlertStep
from schemas.breaks import BreakState, BreakStep
from schemas.catalogue import source_named
from schemas.decisions import Decision
from schemas.declaration import Source
from schemas.period import AMSTERDAM, Period
from schemas.sources import extracts as control_records
from schemas.wire.events import decode, encode
from schemas.wire.extract_rows import rows_key
from tests.unit.producers.extracts import outcome_of_file
from warehouse.breaks import years_kept
from warehouse.database import snapshot
from warehouse.loading import Batch, load
from warehouse.offsets import Move, Topic, stored_offsets
from warehouse.reports import REPORTED_FIGURES, keep_report
from warehouse.staging import copy_rows

SETTINGS = Settings()
POLICY, ALERT_POLICY = SETTINGS.read_policy(), SETTINGS.read_alert_policy()
KEY, OTHER_KEY = (
    ChainKey.of("a key of the tests, long enough for any"),
    ChainKey.of("another key of the tests, long enough too"),
)
DESK = "desk-1"


@dataclass
class Year:
    """What the looks of some months raised and resolved, as (rule, subject) with the day that was covered."""

    raised: list[tuple[str, str]] = field(default_factory=list)
    resolved: list[tuple[str, str]] = field(default_factory=list)
    days: dict[tuple[str, str], date] = field(default_factory=dict)
    standing: list[tuple[str, str]] = field(default_factory=list)


def live_through(engine: Engine, sets: Sequence[ExtractSet]) -> Year:
    """Hand over set after set; after each the balance, the look, the work of the desk, and the report."""
    year = Year()
    for one in sets:
        look = month(engine, one)
        for step in look.steps:
            subject = (step.rule.value, step.subject)
            if step.step is AlertStep.RAISED:
                year.raised.append(subject)
                year.days.setdefault(subject, one.covers)
            elif step.step is AlertStep.RESOLVED:
                year.resolved.append(subject)
        year.standing = [(alert.rule.value, alert.subject) for alert in look.standing]
    return year


def month(engine: Engine, one: ExtractSet) -> WatchResult:
    """One month: what the sources hand over the day after, and what everybody does with it."""
    received_at = hand_over_all(engine, one)
    as_of = default_as_of_date(engine)
    assert as_of == one.covers
    with snapshot(engine) as connection:
        periods = [Period.of_year(year) for year in registers_of(connection).years(as_of=as_of)]
    check_extracts(engine)
    stored = []
    with suppress(ChainKeyDiffers):  # then nothing is balanced until the source has published the right extract
        made = balance_and_store(engine, SETTINGS, periods=periods, as_of=as_of, policy=POLICY, keeps_breaks=True)
        stored = [one.stored for one in made]
    look = watch(engine, policy=POLICY, alert_policy=ALERT_POLICY, now=received_at + timedelta(minutes=30), channels=[])
    the_desk_takes_what_is_open(engine, as_of)
    with engine.begin() as connection:
        for balance in stored:
            figures = {name: balance.answer.figure(name) for name in REPORTED_FIGURES}
            keep_report(connection, period=balance.period, as_of=as_of, balance_id=balance.balance_id, figures=figures)
    return look


def hand_over_all(engine: Engine, one: ExtractSet) -> datetime:
    """What the sources hand over the day after a month; gives the moment at which they begin."""
    received_at = datetime.combine(one.covers + timedelta(days=1), time(9), AMSTERDAM).astimezone(UTC)
    for name, of_source in one.rows.items():
        key = OTHER_KEY if name in one.other_chain_key else KEY
        for turn in range(one.received[name]):
            hand_over(
                engine,
                source_named(name),
                of_source,
                covers=one.covers,
                key=key,
                received_at=received_at + timedelta(minutes=turn),
            )
    return received_at


def hand_over(
    engine: Engine, source: Source, rows: Sequence[Any], *, covers: date, key: ChainKey, received_at: datetime
) -> None:
    """Write rows as an extract, read and map it as its producer does, and load it with its control record."""
    with tempfile.TemporaryDirectory() as folder:
        if source.name == HOTLINE:
            file = write_whole(Path(folder) / "extract.jsonl", as_json_lines(row.cells() for row in rows))
        else:
            file = write_csv(Path(folder) / "extract.csv", (row.cells() for row in rows))
        found = outcome_of_file(producer_of(source), file, key=key)
    extract = found.extract
    assert found.rejected == []
    end = load_next(engine, source, found.events, {rows_key(extract.extract_id, key.check): found.numbers})
    totals = Totals(
        extract_id=extract.extract_id,
        covers_until=covers,
        rows=extract.rows,
        published=extract.published,
        rejected=0,
        synthetic=extract.synthetic,
    )
    receipt = Receipt(topic_id=topic_id(source), offsets={0: end})
    record = control_record(source.name, totals, receipt, check=key.check, recorded_at=received_at)
    load_next(engine, control_records.SOURCE, record)


def load_next(
    engine: Engine, source: Source, events: pl.DataFrame, extract_rows: Mapping[str, list[int]] | None = None
) -> int:
    """Load events as if they followed on one partition; gives the offset after them."""
    decoded = decode(source, list(encode(source, events)))
    assert not decoded.refusals
    with engine.connect() as connection:
        before = stored_offsets(connection, source).get(topic_id(source), {}).get(0)
    after = (before or 0) + decoded.events.height
    topic = Topic(source.name, source.topic, topic_id(source))
    load(
        engine,
        Batch(
            source=source,
            topic=topic,
            run="months",
            rows=copy_rows(source, decoded.events),
            extract_rows=extract_rows or {},
            moves=[Move(0, before, after)],
        ),
    )
    return after


def topic_id(source: Source) -> str:
    return f"id-of-{source.topic}"


def the_desk_takes_what_is_open(engine: Engine, as_of: date) -> None:
    """People do their work: whatever is open gets an owner and a note."""
    with engine.connect() as connection:
        years = years_kept(connection)
    for year in years:
        found = read_breaks(engine, period=Period.of_year(year), as_of=None, policy=POLICY)
        assert found is not None
        for break_id in found.rows.filter(pl.col("state") == BreakState.OPEN.value)["break_id"]:
            decide(
                engine,
                Decision(
                    verdict=BreakStep.ACKNOWLEDGED,
                    break_id=break_id,
                    decided_by=DESK,
                    decided_on=as_of,
                    owner=DESK,
                    note="looked up at both sides",
                ),
            )
