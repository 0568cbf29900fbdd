"""The questions of a quality suite that are asked in SQL, and patterns in the words of PostgreSQL.

Each query gives one row per stored row that does not hold, and no value of it. ``{batch}`` stands for the table.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Text,
    and_,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, dialect

from schemas.catalogue import sources
from schemas.declaration import PLAIN_TEXT, Source, WordOnDays
from warehouse.state import CLOCK, order_of_rows
from warehouse.tables.events import event_table
from warehouse.tables.persons import PERSON

DIALECT = dialect()  # type: ignore[no-untyped-call]

DAYS_BEFORE_ITS_RECORD = 1
"""A register may be written on the evening before the day that it is about, not earlier."""


def pattern_in_postgresql(pattern: str) -> str:
    """A declared pattern as PostgreSQL reads it. Its texts hold no zero byte, and its patterns cannot name one."""
    return "^.+$" if pattern == PLAIN_TEXT else pattern.replace(r"\x00-", r"\x01-")


def lists_with_other_words(name: str, words: Iterable[str]) -> str:
    """The rows whose list holds a word that the vocabulary does not, or holds nothing where a word should be."""
    known = literal(list(words), ARRAY(Text()))
    holds = column(name, ARRAY(Text())).contained_by(known)
    return _rows_where(~holds)


def persons_otherwise_than(name: str, pattern: str) -> str:
    """The rows of a person whose token does not match a declared pattern. One that was taken away matches any."""
    literally = pattern_in_postgresql(pattern).replace("{", "{{").replace("}", "}}")  # for {batch} is put in by format
    is_otherwise = ~PERSON.c.person_token.regexp_match(literally)
    of_batch = select(column(name, BigInteger())).select_from(text("{batch}"))  # few rows are of few persons
    persons = select(PERSON.c.person_id).where(PERSON.c.person_id.in_(of_batch), is_otherwise)
    return _rows_where(column(name, BigInteger()).in_(persons))


def missing_with(name: str, mutation: str) -> str:
    """The rows of one mutation that lack the field that it may not come without."""
    return _rows_where((column("mutation", Text()) == mutation) & column(name).is_(None))


def days_before(name: str, earlier: str) -> str:
    """The rows whose day lies before that of another column."""
    return _rows_where(column(name, Date()) < column(earlier, Date()))


def days_after_their_record(name: str) -> str:
    """The rows that are about a day more than a day after they were recorded, in Amsterdam."""
    recorded_on = func.timezone(CLOCK, column("recorded_at")).cast(Date)
    return _rows_where(column(name, Date()) > recorded_on + DAYS_BEFORE_ITS_RECORD)


def with_another_word(name: str, expected: WordOnDays) -> str:
    """The rows that hold another word than is expected on their day."""
    day, conditions = column(expected.day, Date()), [column(name, Text()) != str(expected.word)]
    if expected.first is not None:
        conditions.append(day >= expected.first)
    if expected.last is not None:
        conditions.append(day <= expected.last)
    if expected.where is not None:
        about, words = expected.where
        conditions.append(column(about, Text()).in_([str(word) for word in words]))
    return _rows_where(and_(*conditions))


def repeated_with(source: Source, names: Sequence[str]) -> str:
    """The stored rows, whenever they came, that say the same in some columns as another one, which is in the batch.

    The columns are those of an index, or begin it: each row of the batch is looked up, and no other one is read.
    """
    table = event_table(source)
    key = tuple_(*(table.c[name] for name in names))
    rows = func.count().over(partition_by=[table.c[name] for name in names]).label("rows")
    batch: Any = select(*(column(name) for name in names)).select_from(text("{batch}"))
    counted = select(rows).where(key.in_(batch)).subquery("counted")
    query = select(literal(1).label("is_unexpected")).select_from(counted).where(counted.c.rows > 1)
    return str(query.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))


def refers_to_nothing(source: Source, name: str, *, before: date) -> str:
    """The records whose newest row, recorded before a day, names a record that is not there.

    A record that was mended refers to what its newest row says. Withdrawn, lapsed and joined records are there too.
    All records are asked about, whatever the batch: what was awaited yesterday may be missing today. Those that refer
    to nothing are found first, for they are few, and only of them whether anything newer is known.
    """
    table = event_table(source)
    known = []
    for field in source.field(name).refers_to:
        other, _, column_of_it = field.partition(".")
        there = event_table(sources()[other]).alias("there")
        known.append(exists(select(literal(1)).where(there.c[column_of_it] == table.c[name]).correlate_except(there)))
    newer = table.alias("newer")
    is_same = and_(*(newer.c[key] == table.c[key] for key in source.record_key))
    is_newer = tuple_(*order_of_rows(source, newer)) > tuple_(*order_of_rows(source, table))
    is_overtaken = exists(select(literal(1)).where(is_same, is_newer).correlate_except(newer))
    # days and not moments: Great Expectations would take the colons of a moment for a parameter
    is_due = func.timezone(CLOCK, table.c.recorded_at).cast(Date) < literal(before, Date())
    rows = select(literal(1).label("is_unexpected")).where(table.c[name].is_not(None), is_due, ~or_(*known))
    compiled = str(rows.where(~is_overtaken).compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    return f"WITH batch AS (SELECT 1 FROM {{batch}}) {compiled}"  # noqa: S608 (it has to name its batch)


def _rows_where(condition: ColumnElement[bool]) -> str:
    query = select(literal(1).label("is_unexpected")).select_from(text("{batch}")).where(condition)
    return str(query.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
