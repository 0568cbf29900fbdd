"""Persons of a batch on their way to their numbers: a token that nobody has yet becomes a person.

In the order of their tokens, in one statement, and before any row that names them: so two transactions that bring the
same persons, of one register or of two, never wait for each other in a circle.
"""

from collections.abc import Sequence
from typing import TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Table,
    any_,
    bindparam,
    case,
    delete,
    func,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from schemas.declaration import Source
from warehouse.tables.persons import PERSON

Tokens: TypeAlias = "CompoundSelect[str]"
"""A query of tokens, each once, none of them null."""


def keep_persons(connection: Connection, came: Tokens) -> list[int]:
    """Give every token a number, and say which numbers are new.

    Args:
        connection: inside the transaction that inserts the rows which name them.
        came: the tokens (``tokens_of``).
    """
    tokens = came.subquery("came").c
    unknown = select(tokens.token).where(number_of(tokens.token).is_(None)).order_by(tokens.token)
    new = insert(PERSON).from_select(["person_token"], unknown).on_conflict_do_nothing().returning(PERSON.c.person_id)
    return connection.scalar(select(func.array_agg(new.cte("new").c.person_id))) or []


def tokens_of(source: Source, staging: Table, *conditions: ColumnElement[bool]) -> Tokens:
    """The tokens in the rows of a staging table that meet some conditions, each once.

    Of a source with a personal field; others have none.
    """
    columns = [staging.c[field.name] for field in source.fields if field.is_personal]
    return union(*(select(column.label("token")).where(column.is_not(None), *conditions) for column in columns))


def number_of(token: ColumnElement[str]) -> ColumnElement[int]:
    """The number of a token; null for none, and for one that nobody has.

    By itself, so that PostgreSQL looks each up in the index: a join would read all persons for a batch of a few.
    """
    return select(PERSON.c.person_id).where(PERSON.c.person_token == token).scalar_subquery()


def is_another(token: ColumnElement[str], stored: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a token that came is not that of a stored person. Of one whose token was taken away it may be."""
    token_of = select(func.coalesce(PERSON.c.person_token, token)).where(PERSON.c.person_id == stored).scalar_subquery()
    return case((token.is_(None), stored.is_not(None)), else_=token_of.is_distinct_from(token))


def forget_unused(connection: Connection, new: Sequence[int], *, named: Tokens) -> None:
    """Take back the new persons whom no event that was inserted names: theirs were there, or are dead letters.

    Args:
        connection: inside the transaction that made them.
        new: their numbers.
        named: the tokens of the events that were inserted.
    """
    is_new = PERSON.c.person_id == any_(bindparam("new", list(new), ARRAY(BigInteger)))
    connection.execute(delete(PERSON).where(is_new, PERSON.c.person_token.not_in(named)))
