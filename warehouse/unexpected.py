"""The questions of a quality suite that are asked in SQL, and patterns in the words of PostgreSQL.

Each query gives one row per stored row that does not hold, and no value of it. ``{batch}`` stands for the table.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, Date, Text, and_, column, exists, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, dialect, distinct_on

from schemas.catalogue import sources
from schemas.declaration import PLAIN_TEXT, Source, WordOnDays
from warehouse.state import CLOCK, newest_first
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
    return _rows_where(column(name, BigInteger()).in_(select(PERSON.c.person_id).where(is_otherwise)))


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


def refers_to_nothing(source: Source, name: str, *, before: date) -> str:
    """The records whose newest row, recorded before a day, names a record that is not there.

    A record that was mended refers to what its newest row says. Withdrawn, lapsed and joined records are there too.
    """
    table = event_table(source)
    keys = [table.c[key] for key in source.record_key]
    newest = select(table).ext(distinct_on(*keys)).order_by(*keys, *newest_first(source, table)).subquery("newest")
    known = []
    for field in source.field(name).refers_to:
        other, _, column_of_it = field.partition(".")
        there = event_table(sources()[other]).alias("there")
        known.append(exists().where(there.c[column_of_it] == newest.c[name]))
    # days and not moments: Great Expectations would take the colons of a moment for a parameter
    is_due = func.timezone(CLOCK, newest.c.recorded_at).cast(Date) < literal(before, Date())
    query = select(literal(1).label("is_unexpected")).where(newest.c[name].is_not(None), is_due, ~or_(*known))
    compiled = str(query.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    rows = f"(SELECT * FROM {{batch}}) AS {source.name}"  # noqa: S608 (its batch may have an alias)
    return compiled.replace(f"FROM {source.name} ORDER BY", f"FROM {rows} ORDER BY")


def _rows_where(condition: ColumnElement[bool]) -> str:
    query = select(literal(1).label("is_unexpected")).select_from(text("{batch}")).where(condition)
    return str(query.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
