"""Loading one micro-batch in one transaction: rows, dead letters, the run's totals and the offsets, or nothing at all.

An event that is there already is left alone, so loading again changes nothing; an id that is there already and says
something else is a dead letter. A process that is killed anywhere in here has written all of the batch or none of it.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from schemas.dead_letters import LetterForm
from schemas.declaration import Source
from schemas.refused import Refused
from schemas.wire.messages import Envelope, Refusal
from schemas.wire.refusals import Reason
from warehouse.dead_letters import DeadLetterEvent, keep_steps
from warehouse.errors import IdReused, errors_without_values
from warehouse.extract_rows import keep_extract_rows
from warehouse.offsets import Move, Topic, move_offsets
from warehouse.refusals import add_refusals, refused_in
from warehouse.staging import CopyRows, OnStep, insert_events
from warehouse.tables.dead_letters import DEAD_LETTER
from warehouse.tables.loading import INGEST_RUN

ID_IS_ONE_EVENT = "says the same whenever it comes again"
"""The rule that an event breaks whose id another one has."""


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
    """A message that is no event of its source, with its place and why.

    Attributes:
        partition: where it was.
        offset: where it was there; of a batch its first offset.
        message: itself, or with the value alone what was not read.
        refusal: why.
        form: whether it is a message, or a record or a batch that could not be read.
        last_offset: of a batch its last offset; None for anything else.
    """

    partition: int
    offset: int
    message: Envelope
    refusal: Refusal
    form: LetterForm = LetterForm.MESSAGE
    last_offset: int | None = None


class Sent(Envelope, Protocol):
    """A message with its place."""

    @property
    def partition(self) -> int:
        """Where it lies."""

    @property
    def offset(self) -> int:
        """Where in the partition."""


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
        extract_rows: which rows of which extracts all these messages are (``schemas.wire.extract_rows``).
        moves: the offsets, from where the batch began to where it ends; without any, nothing was read from the topic
            by this, and the run's totals stay as they are.
        steps: what becomes of dead letters by this, one per event: ``rows`` are theirs, read again.
        all_or_none: whether nothing is written when the id of one event turns out to be another event's.
    """

    source: Source
    topic: Topic
    run: str
    rows: CopyRows = field(default=CopyRows())
    sent: Sequence[Sent] = field(default=())
    dead_letters: Sequence[DeadLetter] = field(default=())
    extract_rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    moves: Sequence[Move]
    steps: Sequence[DeadLetterEvent] = field(default=())
    all_or_none: bool = False


def load(engine: Engine, batch: Batch, *, on_step: OnStep = lambda _step: None) -> Loaded:
    """Write a batch whole, or not at all.

    Raises:
        OffsetsMoved: another loader was first; nothing was written.
        LettersTaken: so was somebody else who dealt with one of the dead letters.
        IdReused: the id of an event is another event's, of a batch that is loaded in whole or not.
        WriteFailed: PostgreSQL refused; nothing was written.
        WarehouseUnreachable: the connection broke; what was written is all or nothing.
    """
    with engine.connect() as connection, errors_without_values(connection, f"a batch of {batch.topic.name}"):
        with connection.begin():
            inserted, reused = insert_events(connection, batch.source, batch.rows, on_step)
            if reused and batch.all_or_none:
                raise IdReused
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


def _with_reused_ids(batch: Batch, reused: Sequence[int]) -> list[DeadLetter]:
    """The messages of these events as dead letters, where they came from the topic."""
    letters = []
    for place in reused:
        if place < len(batch.sent):
            message = batch.sent[place]
            refusal = Refusal(place, Reason.ID_REUSED, "ce_id", ID_IS_ONE_EVENT)
            letters.append(DeadLetter(message.partition, message.offset, message, refusal))
    return letters


def _insert_dead_letters(connection: Connection, batch: Batch, letters: Sequence[DeadLetter]) -> None:
    rows = [
        {
            "source": batch.source.name,
            "topic": batch.topic.name,
            "topic_id": batch.topic.topic_id,
            "partition": letter.partition,
            "offset": letter.offset,
            "last_offset": letter.last_offset,
            "form": letter.form.value,
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
    """A message's headers, in order and without loss: name, and the bytes in base64 or null.

    A name that is no UTF-8 has a lone surrogate for each byte that is none, which JSON's text can hold.
    """
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
