"""The language in which a source is declared, once; tables, schemas, topics and suites are derived from it.

A ``Source`` is what one module of this package declares: its fields in order, what identifies a record, which field is
the partition key, and where its events travel. Everything else in the project asks the declaration.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from schemas.vocabulary import Vocabulary

if TYPE_CHECKING:  # a DAG file reads declarations and may load no frame library
    import polars as pl

TOPIC_PARTITIONS = 4
"""Partitions of every topic: enough for four loaders, few enough that one broker of a laptop serves them."""


PLAIN_TEXT = r"^[^\x00]+$"
"""Any text that PostgreSQL can hold: what a field without a vocabulary or a pattern of its own must match."""

SHORT_TEXT = r"^[^\x00-\x1f]{1,255}$"
"""One line that fits in an index: for identifiers whose form is the source's own affair."""

INVISIBLE_SIGN = r"[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\x01-\x1f\x7f-\x9f]"
"""A character that nobody sees: with one, a key looks like another and is another. For Polars; NUL has its own rule.

Zero-width, soft hyphen, byte order mark, directions, tags, variation selectors, fillers, line separators, controls.
"""

LARGEST_NUMBER = 2**63 - 1
"""What is numbered here (dead letters, incidents) has a number of 64 bits."""

LARGEST_INTEGER = 2**31 - 1
"""Whole numbers fit a 32-bit column; a larger one is a mistake of the source."""


EARLIEST_DAY = date(1990, 1, 1)
LATEST_DAY = date(2199, 12, 31)
"""Outside these days a date is a typing error, whatever the register: neither register existed before."""


NEEDED_OF_A_DELIVERY = ("mutation", "dossier_number", "suspect_number", "person_token", "unit", "delivered_on")
"""What a source whose records are deliveries has to declare; what else linking looks at is null where it is not."""


class Kind(Enum):
    """What a value is. Each kind has one form in an extract, in JSON, in a frame and in PostgreSQL."""

    TEXT = "text"
    INTEGER = "whole number"
    BOOLEAN = "J or N"
    DATE = "date"
    TIMESTAMP = "timestamp with offset"
    WORDS = "list of words"
    OFFSETS = "offset per partition"


@dataclass(frozen=True, kw_only=True)
class WordOnDays:
    """The word that a field is expected to hold on some days.

    No gate refuses another word, since a source may be right where we are not: the quality check reports it.

    Attributes:
        word: the word.
        day: the field whose day decides.
        first: the first of those days; None: from the beginning.
        last: the last of them; None: without an end.
        where: another field and the words of it for which this is expected; None: for all.
    """

    word: Vocabulary
    day: str
    first: date | None = None
    last: date | None = None
    where: tuple[str, tuple[Vocabulary, ...]] | None = None

    def __str__(self) -> str:
        ends = [f"from {self.first}" if self.first else "", f"until {self.last}" if self.last else ""]
        about = f", of {self.where[0]} {' or '.join(self.where[1])}" if self.where else ""
        return f"is {self.word} where {self.day} lies {' '.join(filter(None, ends))}{about}"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an event and the extract column that it comes from.

    Attributes:
        name: the event's field, English.
        meaning: what it says, for the data dictionary.
        column: the extract's column, Dutch; the field's own name where the source speaks JSON; None where a producer
            derives the field from another column.
        required: whether it may be null. Null means "not known", never "no".
        required_with: a mutation that may not come without this field, though others may.
        not_before: the field whose day this one may not lie before, where both are known.
        refers_to: fields of sources, ``source.field``, one of which holds this value too, by now or soon.
        words: the closed vocabulary of the value (of each element, for ``Kind.WORDS``).
        pattern: what the whole text of the event's value must match.
        minimum: the smallest whole number allowed.
        on_days: which word is expected on which days; others are reported and not refused.
        is_personal: the value, though a pseudonym, belongs to one person: it appears in no log, message or report, and
            the event table holds a number instead (``stored_as``).
        in_linking: whether a rule that links compares it: then both registers' rows are linked with it beside them.
        in_causes: whether a rule that gives a break its cause reads it (``schemas.linked_columns``).
        added_later: it came after its version was released, so it is optional. A null one is left out of the value, so
            that a row which was published before keeps its id; an extract may lack its column.
    """

    name: str
    meaning: str
    kind: Kind = Kind.TEXT
    column: str | None = None
    required: bool = True
    required_with: Vocabulary | None = None
    not_before: str | None = None
    refers_to: tuple[str, ...] = ()
    words: type[Vocabulary] | None = None
    pattern: str | None = None
    minimum: int | None = None
    on_days: tuple[WordOnDays, ...] = ()
    is_personal: bool = False
    in_linking: bool = False
    in_causes: bool = False
    added_later: bool = False

    def __post_init__(self) -> None:
        """Refuse a later field without which an earlier event would not hold."""
        if self.added_later and (self.required or self.required_with is not None):
            message = f"{self.name} was added later, so it may be empty: older events lack it"
            raise ValueError(message)

    @property
    def stored_as(self) -> str:
        """The column of the event table: the field's own name, or of a personal field ``NAME_id`` for ``NAME_token``.

        There a person is a number; the token stands once, in the table of persons.
        """
        return f"{self.name.removesuffix('_token')}_id" if self.is_personal else self.name

    @property
    def text_pattern(self) -> str | None:
        """What the text must match when no vocabulary says so; None for a vocabulary and for what is no text."""
        if self.kind is not Kind.TEXT or self.words is not None:
            return None
        return self.pattern or PLAIN_TEXT


@dataclass(frozen=True, kw_only=True)
class Version:
    """An earlier version of a source's events: nothing sends it any more, and it lies on the topic for good.

    Attributes:
        event_type: the CloudEvents type, its version at the end.
        fields: all fields of that version.
        upcast: a frame of its events as one of the version that followed: the same rows in the same order.
        downcast: the other way, as well as it can. A row that ``upcast`` gives back unchanged is one that this version
            could say, and keeps the id that it has there (``schemas.wire.versions``).
    """

    event_type: str
    fields: tuple[Field, ...]
    upcast: "Callable[[pl.DataFrame], pl.DataFrame]"
    downcast: "Callable[[pl.DataFrame], pl.DataFrame]"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One stream of events: a register of the chain, or the control records about its extracts.

    Attributes:
        name: the source's name in commands, the warehouse table and ``ingest_<name>``.
        command: the short name in ``ketenbalans produce``; None when nobody hands over an extract of it.
        meaning: what one event is, for the data dictionary.
        topic: the Kafka topic.
        event_type: the CloudEvents type, its version at the end.
        partition_key: the field whose value is the message key, so that one record's events stay in order.
        record_key: the fields that identify a record; of one record the newest mutation counts.
        mutations: what can happen to a record, oldest first; None when every event is a record of its own.
        fields: all fields of the event, in the order of the extract.
        party: who delivers, when its records are suspects handed to the OM: they are linked with all others and
            reported under this word. Such a source declares ``NEEDED_OF_A_DELIVERY``.
        golden_cases: folders of ``tests/golden`` that show how its records count; those of the police and the OM are
            named in docs/counting-rules.md.
        earlier: the versions of its events before this one, the oldest first; all on this topic, with this key.
    """

    name: str
    command: str | None
    meaning: str
    topic: str
    event_type: str
    partition_key: str
    record_key: tuple[str, ...]
    mutations: type[Vocabulary] | None
    fields: tuple[Field, ...]
    party: str | None = None
    golden_cases: tuple[str, ...] = ()
    earlier: tuple[Version, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a delivering party whose records cannot be linked, and a version that is none of this source."""
        missing = [name for name in NEEDED_OF_A_DELIVERY if name not in {field.name for field in self.fields}]
        if self.party is not None and missing:
            message = (
                f"{self.name} delivers for {self.party} and lacks {', '.join(missing)}: it could not be reconciled"
            )
            raise ValueError(message)
        stem = self.event_type.rpartition(".v")[0]
        for version in self.earlier:
            names = {field.name for field in version.fields}
            if version.event_type.rpartition(".v")[0] != stem or not names >= {self.partition_key, *self.record_key}:
                message = f"{version.event_type} is no version of {stem} with its keys: it needs a topic of its own"
                raise ValueError(message)

    def field(self, name: str) -> Field:
        """Give the field of that name; a ``KeyError`` names the source when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        message = f"{self.name} has no field {name}"
        raise KeyError(message)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The text fields whose every sign counts: keys, chain numbers, and whatever has a form of its own.

        What an extract holds of them is compared or hashed, so it may hold no ``INVISIBLE_SIGN``.
        """
        keys = {self.partition_key, *self.record_key}
        texts = [field for field in self.fields if field.text_pattern is not None]
        return tuple(
            field.name
            for field in texts
            if field.name in keys or field.is_personal or field.refers_to or field.pattern is not None
        )

    @property
    def versions(self) -> "tuple[Source, ...]":
        """Every version as a source of its own that knows those before it, the oldest first and this one last."""
        before = [
            replace(self, event_type=one.event_type, fields=one.fields, earlier=self.earlier[:place], party=None)
            for place, one in enumerate(self.earlier)
        ]
        return (*before, self)

    @property
    def ce_source(self) -> str:
        """The CloudEvents ``source`` of our own producers' events."""
        return f"/ketenbalans/{self.name}"

    @property
    def dead_letter_topic(self) -> str:
        """Where events that break this declaration are published to."""
        return f"{self.topic}.dlq"

    @property
    def topic_settings(self) -> dict[str, str]:
        """The topic's own settings. Records are kept for good: the broker's default is seven days."""
        return {"retention.ms": "-1", "cleanup.policy": "delete"}
