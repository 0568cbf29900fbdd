"""The rows of a micro-batch on their way into their event table: copied beside it first, then those that are new.

An id that is there already and says something else is found here too: what counts is what would be stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, distinct_on, insert
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeEngine

from schemas.declaration import Field, Kind, Source
from schemas.sources.extracts import SOURCE as EXTRACTS
from warehouse.binary_rows import binary_rows
from warehouse.copying import ROWS_AT_ONCE, copy_in
from warehouse.day_digests import DaySums, named_by_day, sums_of
from warehouse.loads import keep_load, last_load_held
from warehouse.persons import (
    TOKEN_KINDS,
    forget_unused,
    is_another,
    keep_persons,
    numbers,
    personal_fields,
    tokens_in,
    with_places,
    with_tokens,
)
from warehouse.tables.events import EVENT_KEY, event_table, type_as_it_comes
from warehouse.tables.extracts import CONTROL_ARRIVAL

PLACE = "place_in_batch"
"""The column of a staging table that says which of the batch's events a row is, from 0."""

COUNTED = {"preserve_rowcount": True}
"""SQLAlchemy drops the number of rows that an INSERT wrote, unless it is asked for."""

OnStep = Callable[[str], None]
"""Called with the name of each step when it is done. For tests that end the process in between."""


@dataclass(frozen=True)
class CopyRows:
    """Events in the binary form in which a COPY takes them, in the order of their ids, each with its place.

    Attributes:
        events: how many there are, those with an id of another among them.
        pieces: the bytes; persons by their places among the tokens.
        tokens: the bytes of ``warehouse.persons.tokens_in``.
        named: the day and the name of each event, by place (``warehouse.day_digests.named_by_day``).
        sums: the sum of each day, of all of them.
    """

    events: int = 0
    pieces: Sequence[bytes] = ()
    tokens: Sequence[bytes] = field(default=(), repr=False)
    named: pl.DataFrame = field(default_factory=pl.DataFrame)
    sums: DaySums = field(default_factory=dict)

    def sums_at(self, places: Sequence[int]) -> DaySums:
        """The sum of each day, of the events at some places."""
        return self.sums if len(places) == self.events else sums_of(self.named[list(places)])


def copy_rows(source: Source, events: pl.DataFrame) -> CopyRows:
    """Events as rows for a COPY. It takes a while and needs no connection, so it may be done before there is one.

    Args:
        source: the declaration that they hold to.
        events: ``event_source``, ``event_id`` and the declared columns (``schemas.wire.events.Decoded.events``).
    """
    tokens = tokens_in(source, events)
    rows = with_places(source, events, tokens).with_row_index(PLACE).sort(*EVENT_KEY, PLACE)
    kinds = {
        **dict.fromkeys(EVENT_KEY, Kind.TEXT),
        **{one.name: Kind.INTEGER if one.is_personal else one.kind for one in source.fields},
        PLACE: Kind.INTEGER,
    }
    named = named_by_day(events)
    return CopyRows(events.height, _pieces(rows, kinds), _pieces(tokens, TOKEN_KINDS), named, sums_of(named))


def _pieces(rows: pl.DataFrame, kinds: Mapping[str, Kind]) -> list[bytes]:
    return [binary_rows(some, kinds) for some in rows.iter_slices(ROWS_AT_ONCE)]


def insert_events(
    connection: Connection, source: Source, rows: CopyRows, on_step: OnStep
) -> tuple[int, tuple[int, ...]]:
    """Insert the events that are not there yet, as the next load of their source, through a staging table.

    The persons whom they name have their numbers then; of control records the order is kept too. Nothing is numbered
    when every event is there already.

    Returns:
        How many, and the places of those whose id is there and says something else.
    """
    if not rows.events:
        return 0, ()
    table, staging = event_table(source), _staging_table(source)
    connection.execute(CreateTable(staging))
    copy_in(connection, staging.name, [*EVENT_KEY, *(field.name for field in source.fields), PLACE], rows.pieces)
    on_step("copied")
    before = last_load_held(connection, source)
    if personal_fields(source):
        keep_persons(connection, rows.tokens)
    on_step("persons")
    inserted = _insert(connection, source, staging, before.following)
    places: Sequence[int] = range(rows.events)
    reused: tuple[int, ...] = ()
    if inserted < rows.events:
        places = _inserted(connection, staging, table, before.following) if inserted else ()
        reused = _reused(connection, source, staging, table)
        if personal_fields(source):
            is_inserted = staging.c[PLACE] == any_(bindparam("places", list(places), ARRAY(Integer)))
            forget_unused(connection, source, staging, is_inserted)
    if inserted:
        keep_load(connection, source, before, rows.sums_at(places))
    if source.name == EXTRACTS.name:
        in_order = select(*_key(staging)).order_by(staging.c[PLACE])
        connection.execute(insert(CONTROL_ARRIVAL).from_select(list(EVENT_KEY), in_order).on_conflict_do_nothing())
    on_step("inserted")
    return inserted, reused


def _insert(connection: Connection, source: Source, staging: Table, number: int) -> int:
    """Insert the events that are not there yet as a load of that number, of those with one id the first; how many."""
    values = {**_values(source, staging), **numbers(source, staging), "load_number": literal(number)}
    # sorted by id, so that two loaders with the same events never wait for each other in a circle; they are already,
    # and PostgreSQL has but to see it
    key = _key(staging)
    news = select(*values.values()).ext(distinct_on(*key)).order_by(*key, staging.c[PLACE])
    new = insert(event_table(source)).from_select(list(values), news).on_conflict_do_nothing(index_elements=EVENT_KEY)
    return connection.execute(new, execution_options=COUNTED).rowcount


def _key(staging: Table) -> list[ColumnElement[Any]]:
    return [staging.c[name] for name in EVENT_KEY]


def _values(source: Source, staging: Table) -> dict[str, ColumnElement[Any]]:
    """The columns of the event table that a batch fills as they came: all but persons."""
    values: dict[str, ColumnElement[Any]] = {name: staging.c[name] for name in EVENT_KEY}
    for one in source.fields:
        if not one.is_personal:
            came = staging.c[one.name]
            values[one.stored_as] = came.cast(JSONB) if one.kind is Kind.OFFSETS else came
    return values


def _inserted(connection: Connection, staging: Table, table: Table, number: int) -> Sequence[int]:
    """The places of the events that are in the table by this load: of those with one id the first."""
    key = _key(staging)
    loaded_by = select(table.c.load_number).where(_same_id(staging, table)).scalar_subquery()
    firsts = select(staging.c[PLACE]).ext(distinct_on(*key)).where(loaded_by == number)
    return connection.execute(firsts.order_by(*key, staging.c[PLACE])).scalars().all()


def _reused(connection: Connection, source: Source, staging: Table, table: Table) -> tuple[int, ...]:
    """The places of the events whose id is in the table and says something else there."""
    stored = select(table).where(_same_id(staging, table)).offset(0).lateral("stored")  # looked up one by one
    values = _values(source, staging)
    differs = tuple_(*values.values()).is_distinct_from(tuple_(*(stored.c[name] for name in values)))
    beside, tokens = with_tokens(source, staging)
    others = [is_another(token, stored.c[name]) for name, token in tokens.items()]
    found = select(staging.c[PLACE]).select_from(beside.join(stored, true())).where(or_(differs, *others))
    return tuple(connection.execute(found.order_by(staging.c[PLACE])).scalars())


def _same_id(staging: Table, table: Table) -> ColumnElement[bool]:
    return and_(*(staging.c[name] == table.c[name] for name in EVENT_KEY))


def _staging_table(source: Source) -> Table:
    """The events of a batch as they came, in a table that lives as long as the transaction."""
    texts = event_table(source).c
    columns: list[Column[Any]] = [
        *(Column(name, texts[name].type) for name in EVENT_KEY),
        *(Column(one.name, _staged_type(one)) for one in source.fields),
        Column(PLACE, Integer()),
    ]
    return Table(f"staging_{source.name}", MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _staged_type(field: Field) -> TypeEngine[Any]:
    """The type of a field beside its event table: of a person the place among the batch's tokens."""
    if field.is_personal:
        return Integer()
    return Text() if field.kind is Kind.OFFSETS else type_as_it_comes(field)
