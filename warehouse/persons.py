"""Persons of a batch on their way to their numbers: a token that nobody has yet becomes a person.

In the order of their tokens, in one statement, and before any row that names them: so two transactions that bring the
same persons, of one register or of two, never wait for each other in a circle. Rows name a person by its place among
the batch's tokens, so that PostgreSQL finds a number by counting and leaves the rows in their order.
"""

from collections.abc import Iterable
from typing import Any

import polars as pl
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Table,
    any_,
    case,
    delete,
    func,
    select,
    type_coerce,
    union,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.schema import CreateTable

from schemas.declaration import Field, Kind, Source
from warehouse.copying import copy_in
from warehouse.tables.persons import PERSON

PLACE, TOKEN = "place", "person_token"
TOKEN_KINDS = {PLACE: Kind.INTEGER, TOKEN: Kind.TEXT}

CAME = Table(
    "staging_token",
    MetaData(),
    Column(PLACE, Integer),
    Column(TOKEN, PERSON.c.person_token.type),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
"""The tokens of a batch, each once, with their places: from 1, in their order."""

NUMBERED = Table(
    "staging_person",
    MetaData(),
    Column(PLACE, Integer),
    Column(TOKEN, PERSON.c.person_token.type),
    Column("person_id", BigInteger),
    Column("is_new", Boolean),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
"""They with their numbers; null for one that another transaction committed while it was waited for."""


def personal_fields(source: Source) -> list[Field]:
    """The fields of a source that name a person."""
    return [field for field in source.fields if field.is_personal]


def tokens_in(source: Source, events: pl.DataFrame) -> pl.DataFrame:
    """The tokens that events name, each once and in their order, with their places (``TOKEN_KINDS``)."""
    named = [events[field.name].drop_nulls() for field in personal_fields(source)]
    every: pl.Series = pl.concat([pl.Series(TOKEN, [], pl.String), *(one.alias(TOKEN) for one in named)])
    return every.unique().sort().to_frame().with_row_index(PLACE, offset=1).with_columns(pl.col(PLACE).cast(pl.Int32))


def with_places(source: Source, events: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Events with the place of each token (``tokens_in``) instead of the token; null where there is none."""
    return events.with_columns(
        pl.col(field.name).replace_strict(tokens[TOKEN], tokens[PLACE], default=None, return_dtype=pl.Int32)
        for field in personal_fields(source)
    )


def keep_persons(connection: Connection, tokens: Iterable[bytes]) -> None:
    """Give every token of a batch a number, in ``NUMBERED``.

    Args:
        connection: inside the transaction that inserts the rows which name them.
        tokens: ``tokens_in`` as rows for a COPY.
    """
    connection.execute(CreateTable(CAME))
    connection.execute(CreateTable(NUMBERED))
    copy_in(connection, CAME.name, TOKEN_KINDS, tokens)
    came = CAME.c
    keep = insert(PERSON).from_select(["person_token"], select(came.person_token).order_by(came.place))
    new = keep.on_conflict_do_nothing().returning(PERSON.c.person_id, PERSON.c.person_token).cte("new")
    numbered = select(
        came.place,
        came.person_token,
        func.coalesce(new.c.person_id, number_of(came.person_token)),
        new.c.person_id.is_not(None),
    ).select_from(CAME.outerjoin(new, new.c.person_token == came.person_token))
    connection.execute(insert(NUMBERED).from_select([column.name for column in NUMBERED.columns], numbered))


def numbers(source: Source, staging: Table) -> dict[str, ColumnElement[Any]]:
    """The number of the person whom a row of a staging table names, per field; null where it names none.

    One that another transaction committed just before ``keep_persons`` may be missing there, and is looked up. Every
    place has a number then: in an array without nulls PostgreSQL finds a place without passing those before it.
    """
    number = func.coalesce(NUMBERED.c.person_id, number_of(NUMBERED.c.person_token))
    in_order = select(func.array_agg(aggregate_order_by(number, NUMBERED.c.place))).scalar_subquery()
    by_place = type_coerce(in_order, ARRAY(BigInteger))
    return {field.stored_as: by_place[staging.c[field.name]] for field in personal_fields(source)}


def with_tokens(source: Source, staging: Table) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    """A staging table beside the tokens of its persons, and the token per field as it is stored."""
    joined: FromClause = staging
    tokens: dict[str, ColumnElement[Any]] = {}
    for field in personal_fields(source):
        named = NUMBERED.alias(f"named_{field.name}")
        joined = joined.outerjoin(named, named.c.place == staging.c[field.name])
        tokens[field.stored_as] = named.c.person_token
    return joined, tokens


def number_of(token: ColumnElement[str]) -> ColumnElement[int]:
    """The number of a token; null for none, and for one that nobody has.

    By itself, so that PostgreSQL looks each up in the index: a join would read all persons for a batch of a few.
    """
    return select(PERSON.c.person_id).where(PERSON.c.person_token == token).scalar_subquery()


def is_another(token: ColumnElement[str], stored: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a token that came is not that of a stored person. Of one whose token was taken away it may be."""
    token_of = select(func.coalesce(PERSON.c.person_token, token)).where(PERSON.c.person_id == stored).scalar_subquery()
    return case((token.is_(None), stored.is_not(None)), else_=token_of.is_distinct_from(token))


def forget_unused(connection: Connection, source: Source, staging: Table, is_inserted: ColumnElement[bool]) -> None:
    """Take back the new persons whom no event that was inserted names: theirs were there, or are dead letters.

    Args:
        connection: inside the transaction that made them.
        source: whose rows; with a personal field.
        staging: its declared fields, persons by their places.
        is_inserted: which rows of the staging table were inserted.
    """
    columns = [staging.c[field.name] for field in personal_fields(source)]
    named = union(*(select(column).where(column.is_not(None), is_inserted) for column in columns))
    unused = select(NUMBERED.c.person_id).where(NUMBERED.c.is_new, NUMBERED.c.place.not_in(named)).scalar_subquery()
    # an array, so that PostgreSQL looks these up and does not read all persons to find them
    connection.execute(delete(PERSON).where(PERSON.c.person_id == any_(func.array(unused))))
