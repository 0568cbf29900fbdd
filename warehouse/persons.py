"""Persons of a batch on their way to their numbers: a token that nobody has yet becomes a person.

In the order of their tokens, in one statement, and before any row that names them: so two transactions that bring the
same persons, of one register or of two, never wait for each other in a circle.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Table,
    and_,
    any_,
    case,
    delete,
    func,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import CreateTable

from schemas.declaration import Field, Source
from warehouse.tables.persons import PERSON

CAME = Table(
    "staging_person",
    MetaData(),
    Column("person_token", PERSON.c.person_token.type),
    Column("person_id", BigInteger),
    Column("is_new", Boolean),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
"""The tokens of a batch, each once, with their numbers; beside them they are joined without reading all persons."""


def personal_fields(source: Source) -> list[Field]:
    """The fields of a source that name a person."""
    return [field for field in source.fields if field.is_personal]


def keep_persons(connection: Connection, source: Source, staging: Table) -> None:
    """Give every token of a staging table a number, in ``CAME``.

    Args:
        connection: inside the transaction that inserts the rows which name them.
        source: whose rows; with a personal field.
        staging: its declared fields as they came.
    """
    connection.execute(CreateTable(CAME))
    came = _tokens_of(source, staging).cte("came")
    keep = insert(PERSON).from_select(["person_token"], select(came.c.token).order_by(came.c.token))
    new = keep.on_conflict_do_nothing().returning(PERSON.c.person_id, PERSON.c.person_token).cte("new")
    numbered = select(
        came.c.token, func.coalesce(new.c.person_id, number_of(came.c.token)), new.c.person_id.is_not(None)
    ).select_from(came.outerjoin(new, new.c.person_token == came.c.token))
    connection.execute(insert(CAME).from_select([column.name for column in CAME.columns], numbered))


def with_numbers(source: Source, staging: Table) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    """A staging table beside the numbers of its persons, and the number per field.

    One that another transaction committed just before ``keep_persons`` may be missing there, and is looked up.
    """
    joined: FromClause = staging
    numbers: dict[str, ColumnElement[Any]] = {}
    for field in personal_fields(source):
        came, token = CAME.alias(f"came_{field.name}"), staging.c[field.name]
        joined = joined.outerjoin(came, came.c.person_token == token)
        is_missing = and_(came.c.person_id.is_(None), token.is_not(None))
        numbers[field.stored_as] = case((is_missing, number_of(token)), else_=came.c.person_id)
    return joined, numbers


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
        staging: its declared fields as they came.
        is_inserted: which rows of the staging table were inserted.
    """
    # an array, so that PostgreSQL looks these up and does not read all persons to find them
    is_new = PERSON.c.person_id == any_(func.array(select(CAME.c.person_id).where(CAME.c.is_new).scalar_subquery()))
    named = _tokens_of(source, staging, is_inserted)
    connection.execute(delete(PERSON).where(is_new, PERSON.c.person_token.not_in(named)))


def _tokens_of(source: Source, staging: Table, *conditions: ColumnElement[bool]) -> Any:
    """The tokens in the rows of a staging table that meet some conditions, each once and none of them null."""
    columns = [staging.c[field.name] for field in personal_fields(source)]
    return union(*(select(column.label("token")).where(column.is_not(None), *conditions) for column in columns))
