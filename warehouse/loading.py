"""Loading one micro-batch in one transaction: rows, dead letters, the run's totals and the offsets, or nothing at all.

An event that is there already is left alone, so loading again changes nothing; an id that is there already and says
something else is a dead letter. A process that is killed anywhere in here has written all of the batch or none of it.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl
from psycopg import sql
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, and_, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, distinct_on, insert
from sqlalchemy.schema import CreateTable

from schemas.declaration import Kind, Source
from schemas.extracts import SOURCE as EXTRACTS
from schemas.messages import Envelope, Refusal
from schemas.refusals import Reason
from schemas.refused import Refused
from warehouse.binary_rows import SIGNATURE, TRAILER, binary_rows
from warehouse.database import driver_of
from warehouse.dead_letters import Step, keep_steps
from warehouse.errors import told_without_values
from warehouse.extract_rows import keep_extract_rows
from warehouse.offsets import Move, Topic, move_offsets
from warehouse.refusals import add_refusals, refused_in
from warehouse.tables import CONTROL_ARRIVAL, DEAD_LETTER, EVENT_KEY, INGEST_RUN, event_table

ROWS_AT_ONCE = 10_000
"""Rows whose bytes are in memory at a time."""

PLACE = "place_in_batch"
"""The column of a staging table that says which of the batch's events a row is, from 0."""

ID_IS_ONE_EVENT = "says the same whenever it comes again"
"""The rule that an event breaks whose id another one has."""

COUNTED = {"preserve_rowcount": True}
"""SQLAlchemy drops the number of rows that an INSERT wrote, unless it is asked for."""

OnStep = Callable[[str], None]
"""Told the name of each step when it is done. For tests that end the process in between."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What loading did, in messages: ``read == inserted + duplicates + dead_letters``.

    ``refused`` says of the dead letters which rules they broke, ``reused`` which events were no news and no repetition
    either: their places among the events of the batch. Two of these are equal when their numbers are.
    """

    read: int = 0
    inserted: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    refused: tuple[Refused, ...] = field(default=(), compare=False)
    reused: tuple[int, ...] = field(default=(), compare=False)

    def __add__(self, other: "Loaded") -> "Loaded":
        together = {name: amount + getattr(other, name) for name, amount in self.numbers.items()}
        return Loaded(**together, refused=Refused.counted([*self.refused, *other.refused]))

    @property
    def numbers(self) -> dict[str, int]:
        """The numbers of messages, by name."""
        return {name: getattr(self, name) for name in ("read", "inserted", "duplicates", "dead_letters")}

    def to_dict(self) -> dict[str, Any]:
        """What ``ingest --json`` prints."""
        return {**self.numbers, "refused": [one.to_dict() for one in self.refused]}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that is no event of its source, with its place and why."""

    partition: int
    offset: int
    message: Envelope
    refusal: Refusal


class Sent(Envelope, Protocol):
    """A message with its place."""

    @property
    def partition(self) -> int:
        """Where it lies."""

    @property
    def offset(self) -> int:
        """Where in the partition."""


@dataclass(frozen=True)
class CopyRows:
    """Events in the binary form in which a COPY takes them, in the order of their ids, each with its place.

    Attributes:
        events: how many there are, those with an id of another among them.
        pieces: the bytes.
    """

    events: int = 0
    pieces: Sequence[bytes] = ()


def copy_rows(source: Source, events: pl.DataFrame) -> CopyRows:
    """Events as rows for a COPY. It takes a while and needs no connection, so it may be done ahead.

    Args:
        source: the declaration that they hold to.
        events: ``event_source``, ``event_id`` and the declared columns (``schemas.events.Decoded.events``).
    """
    kinds = {**dict.fromkeys(EVENT_KEY, Kind.TEXT), **{field.name: field.kind for field in source.fields}}
    kinds[PLACE] = Kind.INTEGER
    rows = events.with_row_index(PLACE).select(list(kinds)).sort(*EVENT_KEY, PLACE)
    return CopyRows(events.height, [binary_rows(some, kinds) for some in rows.iter_slices(ROWS_AT_ONCE)])


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One micro-batch, read and decoded.

    Attributes:
        source: whose events they are.
        topic: where it was read.
        run: who loads; totals are kept per run, over all its tries.
        rows: the events.
        sent: the messages of those events, in their order, for those whose id turns out to be another event's.
        dead_letters: the messages that are no events.
        extract_rows: which rows of which extracts all these messages are (``schemas.extract_rows``).
        moves: the offsets, from where the batch began to where it ends; without any, nothing was read from the topic
            by this, and the run's totals stay as they are.
        steps: what becomes of dead letters by this, one per event: ``rows`` are theirs, read again.
    """

    source: Source
    topic: Topic
    run: str
    rows: CopyRows = field(default=CopyRows())
    sent: Sequence[Sent] = field(default=())
    dead_letters: Sequence[DeadLetter] = field(default=())
    extract_rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    moves: Sequence[Move]
    steps: Sequence[Step] = field(default=())


def load(engine: Engine, batch: Batch, *, on_step: OnStep = lambda _step: None) -> Loaded:
    """Write a batch whole, or not at all.

    Raises:
        OffsetsMoved: another loader was first; nothing was written.
        LettersTaken: so was somebody else who dealt with one of the dead letters.
        WriteFailed: PostgreSQL refused; nothing was written.
        WarehouseUnreachable: the connection broke; what was written is all or nothing.
    """
    with engine.connect() as connection, told_without_values(connection, f"a batch of {batch.topic.name}"):
        with connection.begin():
            inserted, reused = _insert_events(connection, batch, on_step)
            dead_letters = [*batch.dead_letters, *_with_reused_ids(batch, reused)]
            _insert_dead_letters(connection, batch, dead_letters)
            keep_steps(connection, [step for place, step in enumerate(batch.steps) if place not in reused])
            on_step("dead letters")
            loaded = Loaded(
                read=batch.rows.events + len(batch.dead_letters),
                inserted=inserted,
                duplicates=batch.rows.events - inserted - len(reused),
                dead_letters=len(batch.dead_letters) + len(reused),
                refused=Refused.counted(map(_refused, dead_letters)),
                reused=reused,
            )
            keep_extract_rows(connection, batch.source, batch.extract_rows)
            if batch.moves:
                _add_to_run(connection, batch, loaded)
            add_refusals(connection, batch.run, batch.source, loaded.refused)
            on_step("totals")
            move_offsets(connection, batch.topic, batch.moves)
            on_step("offsets")
        on_step("committed")
    return loaded


def run_totals(engine: Engine, run: str, source: Source) -> Loaded:
    """What a run has done for a source over all its tries, also those that died after they wrote."""
    table = INGEST_RUN.c
    totals = (table.read, table.inserted, table.duplicates, table.dead_letters)
    with engine.connect() as connection:
        row = connection.execute(select(*totals).where(table.run == run, table.source == source.name)).mappings()
        found = row.one_or_none()
        refused = refused_in(connection, run, source)
    return Loaded() if found is None else Loaded(**found, refused=refused)


def _insert_events(connection: Connection, batch: Batch, on_step: OnStep) -> tuple[int, tuple[int, ...]]:
    """Insert the events that are not there yet, through a staging table.

    Returns:
        How many, and the places of those whose id is there and says something else.
    """
    if not batch.rows.events:
        return 0, ()
    table = event_table(batch.source)
    staging = _staging_table(batch.source)
    connection.execute(CreateTable(staging))
    _copy(connection, staging.name, batch)
    on_step("copied")
    offsets = {field.name for field in batch.source.fields if field.kind is Kind.OFFSETS}
    came = {
        column.name: column.cast(JSONB) if column.name in offsets else column
        for column in staging.columns
        if column.name != PLACE
    }
    # sorted by id, so that two loaders with the same events never wait for each other in a circle; they are already,
    # and PostgreSQL has but to see it
    key = [staging.c[name] for name in EVENT_KEY]
    rows = select(*came.values()).ext(distinct_on(*key)).order_by(*key, staging.c[PLACE])
    new = insert(table).from_select(list(came), rows).on_conflict_do_nothing(index_elements=EVENT_KEY)
    inserted = connection.execute(new, execution_options=COUNTED).rowcount
    reused: Sequence[int] = ()
    if inserted < batch.rows.events:
        same_id = and_(*(staging.c[name] == table.c[name] for name in EVENT_KEY))
        stored = tuple_(*(table.c[name] for name in came))
        others = select(staging.c[PLACE]).join(table, same_id).where(tuple_(*came.values()).is_distinct_from(stored))
        reused = connection.execute(others.order_by(staging.c[PLACE])).scalars().all()
    if batch.source.name == EXTRACTS.name:
        in_order = select(*key).order_by(staging.c[PLACE])
        connection.execute(insert(CONTROL_ARRIVAL).from_select(list(EVENT_KEY), in_order).on_conflict_do_nothing())
    on_step("inserted")
    return inserted, tuple(reused)


def _with_reused_ids(batch: Batch, reused: Sequence[int]) -> list[DeadLetter]:
    """The messages of these events as dead letters, where they came from the topic."""
    letters = []
    for place in reused:
        if place < len(batch.sent):
            message = batch.sent[place]
            refusal = Refusal(place, Reason.ID_REUSED, "ce_id", ID_IS_ONE_EVENT)
            letters.append(DeadLetter(message.partition, message.offset, message, refusal))
    return letters


def _staging_table(source: Source) -> Table:
    """The columns of the event table that a batch fills, in a table that lives as long as the transaction."""
    columns: list[Column[Any]] = [
        Column(column.name, Text() if isinstance(column.type, JSONB) else column.type)
        for column in event_table(source).columns
        if column.name != "ingested_at"
    ]
    columns.append(Column(PLACE, Integer()))
    return Table(f"staging_{source.name}", MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _copy(connection: Connection, staging: str, batch: Batch) -> None:
    """Send the rows as they are, in PostgreSQL's own binary form."""
    names = [*EVENT_KEY, *(field.name for field in batch.source.fields), PLACE]
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(staging), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with driver_of(connection).cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(SIGNATURE)
        for piece in batch.rows.pieces:
            copy.write(piece)
        copy.write(TRAILER)


def _insert_dead_letters(connection: Connection, batch: Batch, letters: Sequence[DeadLetter]) -> None:
    rows = [
        {
            "source": batch.source.name,
            "topic": batch.topic.name,
            "topic_id": batch.topic.topic_id,
            "partition": letter.partition,
            "offset": letter.offset,
            "key": letter.message.key,
            "value": letter.message.value,
            "headers": headers_as_json(letter.message),
            "reason": str(letter.refusal.reason),
            "column": letter.refusal.column,
            "rule": letter.refusal.rule,
        }
        for letter in sorted(letters, key=lambda letter: (letter.partition, letter.offset))
    ]
    if rows:
        connection.execute(insert(DEAD_LETTER).on_conflict_do_nothing(), rows)


def _refused(letter: DeadLetter) -> Refused:
    refusal = letter.refusal
    return Refused(reason=str(refusal.reason), column=refusal.column or "", rule=refusal.rule, messages=1)


def headers_as_json(message: Envelope) -> list[list[str | None]]:
    """A message's headers, in order and without loss: name, and the bytes in base64 or null."""
    return [
        [name, None if value is None else base64.b64encode(value).decode("ascii")] for name, value in message.headers
    ]


def _add_to_run(connection: Connection, batch: Batch, loaded: Loaded) -> None:
    amounts = loaded.numbers
    new = insert(INGEST_RUN).values(run=batch.run, source=batch.source.name, **amounts)
    added = {name: INGEST_RUN.c[name] + amount for name, amount in amounts.items()}
    connection.execute(
        new.on_conflict_do_update(index_elements=["run", "source"], set_={**added, "updated_at": func.now()})
    )
