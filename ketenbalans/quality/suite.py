"""What is expected of the rows of an event table, derived from the source's declaration.

The same rules that the gate holds a batch against, held against what is stored, and those that only the whole table can
break: an event is there once, and a record says one thing at a time. Plain data; ``quality.running`` hands it to Great
Expectations.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from typing import Any

from schemas.declaration import EARLIEST_DAY, LARGEST_INTEGER, LATEST_DAY, Field, Kind, Source
from schemas.gate import not_before_rule, required_with_rule
from schemas.quality import Concern
from warehouse.tables.events import EVENT_KEY
from warehouse.unexpected import (
    days_after_their_record,
    days_before,
    lists_with_other_words,
    missing_with,
    pattern_in_postgresql,
    persons_otherwise_than,
    refers_to_nothing,
    repeated_with,
    with_another_word,
)


@dataclass(frozen=True)
class Expected:
    """One expectation.

    Attributes:
        rule: what is expected, in words that complete "the column ...".
        column: the column it is about, several joined by a comma.
        name: the class in ``great_expectations.expectations``.
        arguments: what that class is made with.
        concern: what it is about.
    """

    rule: str
    column: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    concern: Concern = Concern.DECLARATION


@dataclass(frozen=True, kw_only=True)
class Band:
    """A number that was counted over what is stored, and where it is expected to lie.

    Attributes:
        concern: what it is about.
        subject: the source, its unit or its column.
        what: what was counted, and when.
        counted: the number.
        lowest: the lowest that is expected; None: any.
        highest: the highest that is expected; None: any.
    """

    concern: Concern
    subject: str
    what: str
    counted: int
    lowest: int | None = None
    highest: int | None = None


def expectations(source: Source, *, of_loads: bool = False) -> list[Expected]:
    """Everything that is expected of the event table of a source.

    Args:
        source: whose table.
        of_loads: held against the rows of some loads: that an event is there once, and that a record says one thing of
            a moment, is then asked of every stored row that shares the key with one of these.
    """
    found = [_filled(name) for name in (*EVENT_KEY, "ingested_at")]
    moment = ("recorded_at", "mutation") if source.mutations is not None else ("recorded_at",)
    record = tuple(dict.fromkeys([*source.record_key, *moment]))
    for columns, rule in (
        (EVENT_KEY, "is one event, stored once"),
        (record, "says one thing of one moment: two rows are a contradiction in the source"),
    ):
        query = repeated_with(source, columns)
        found.append(_query(", ".join(columns), rule, query) if of_loads else _unique(columns, rule))
    for declared in source.fields:
        if declared.required:
            found.append(_filled(declared.stored_as))
        found.extend(_of_values(declared))
        if declared.kind is Kind.DATE and source.mutations is not None:
            rule = "tells of no day more than a day after the row was recorded"
            found.append(_query(declared.name, rule, days_after_their_record(declared.name)))
    return found


def references(source: Source, *, covered: Mapping[str, date], awaited_days: int) -> list[Expected]:
    """What a record refers to exists, or is awaited.

    It is awaited while it was named less than so many days before the last day that each source it may be in covers:
    the one that comes last may still bring it. Where none of them has reported anything yet, all is awaited.

    Args:
        source: whose records refer.
        covered: the latest day that each source covers, of those with a loaded extract.
        awaited_days: a policy, so it has no default (ADR 0024).
    """
    found = []
    for declared in source.fields:
        days = [covered[one] for one in (name.partition(".")[0] for name in declared.refers_to) if one in covered]
        if days:
            query = refers_to_nothing(source, declared.name, before=min(days) - timedelta(days=awaited_days - 1))
            rule = f"is in {' or '.join(declared.refers_to)} {awaited_days} days after it was named"
            found.append(
                Expected(
                    rule,
                    declared.name,
                    "UnexpectedRowsExpectation",
                    {"unexpected_rows_query": query},
                    Concern.REFERENCE,
                )
            )
    return found


def digest_of(expected: Sequence[Expected]) -> str:
    """A digest of what is expected, and of the library that asks: where it is another, what passed may not pass now."""
    library = version("great-expectations")
    return hashlib.sha256(repr((library, list(expected))).encode()).hexdigest()


def _of_values(declared: Field) -> Iterator[Expected]:
    """The rules of one column's values."""
    name = declared.name
    if declared.words is not None:
        words = [str(word) for word in declared.words]
        rule = f"is one of {', '.join(words)}"
        if declared.kind is Kind.WORDS:
            yield _query(name, rule, lists_with_other_words(name, words))
        else:
            yield Expected(rule, name, "ExpectColumnValuesToBeInSet", {"column": name, "value_set": words})
    elif declared.text_pattern is not None:
        yield _matching(declared, declared.text_pattern)
    elif declared.kind is Kind.INTEGER:
        least = declared.minimum or 0
        yield _between(name, f"is a whole number of {least} or more", least, LARGEST_INTEGER)
    elif declared.kind is Kind.DATE:
        yield _between(name, f"lies between {EARLIEST_DAY} and {LATEST_DAY}", EARLIEST_DAY, LATEST_DAY)
    elif declared.kind is Kind.TIMESTAMP:
        first, last = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (EARLIEST_DAY, LATEST_DAY))
        yield _between(name, f"lies between {EARLIEST_DAY} and {LATEST_DAY}", first, last)
    if declared.required_with is not None:
        yield _query(name, required_with_rule(declared), missing_with(name, str(declared.required_with)))
    for expected in declared.on_days:
        yield _query(name, str(expected), with_another_word(name, expected))
    if declared.not_before is not None:
        yield _query(name, not_before_rule(declared.not_before), days_before(name, declared.not_before))


def _matching(declared: Field, pattern: str) -> Expected:
    name, rule = declared.name, f"matches {pattern}"
    if declared.is_personal:
        return _query(name, rule, persons_otherwise_than(declared.stored_as, pattern))
    arguments = {"column": name, "regex": pattern_in_postgresql(pattern)}
    return Expected(rule, name, "ExpectColumnValuesToMatchRegex", arguments)


def _filled(column: str) -> Expected:
    return Expected("is filled", column, "ExpectColumnValuesToNotBeNull", {"column": column})


def _unique(columns: tuple[str, ...], rule: str) -> Expected:
    if len(columns) == 1:
        return Expected(rule, columns[0], "ExpectColumnValuesToBeUnique", {"column": columns[0]})
    return Expected(rule, ", ".join(columns), "ExpectCompoundColumnsToBeUnique", {"column_list": list(columns)})


def _between(column: str, rule: str, least: Any, most: Any) -> Expected:
    arguments = {"column": column, "min_value": least, "max_value": most}
    return Expected(rule, column, "ExpectColumnValuesToBeBetween", arguments)


def _query(column: str, rule: str, query: str) -> Expected:
    return Expected(rule, column, "UnexpectedRowsExpectation", {"unexpected_rows_query": query})
