"""Dead letters as they are kept: which wait, what happened to each, and what is still to be published.

A letter is the message as it came and never changes; where it stands follows from its steps, which are append-only.
What is read for a person holds places, reasons and sizes; the bytes are read apart, by who needs them.
"""

import base64
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, false, func, select
from sqlalchemy.dialects.postgresql import insert

from schemas.dead_letters import LAST_STEPS, LetterForm, LetterState, LetterStep
from schemas.declaration import Source
from schemas.json_object import JsonObject, fields_to_json
from schemas.people import Identity
from schemas.wire.events import Message
from warehouse.errors import LettersTaken
from warehouse.locks import Lock, hold
from warehouse.tables.dead_letters import DEAD_LETTER, DEAD_LETTER_STEP

ENDED = (
    select(DEAD_LETTER_STEP).where(DEAD_LETTER_STEP.c.step.in_([str(step) for step in LAST_STEPS])).subquery("ended")
)
SENT = select(DEAD_LETTER_STEP).where(DEAD_LETTER_STEP.c.step == LetterStep.PUBLISHED.value).subquery("sent")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a message is: the id of its topic, the partition and the offset."""

    topic_id: str
    partition: int
    offset: int


@dataclass(frozen=True, kw_only=True)
class DeadLetterEvent:
    """One step of one letter.

    Attributes:
        dead_letter_id: whose.
        step: what happened.
        by: the handle of who did it; None for what is done by itself.
        identity: how it is known who it was; says nothing of what is done by itself.
        note: why, in a few words of administration.
        place: where it is on the topic of dead letters, of one that was published.
    """

    dead_letter_id: int
    step: LetterStep
    by: str | None = None
    identity: Identity = Identity.DECLARED
    note: str | None = None
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class KeptLetter:
    """A dead letter as a person sees it: place, reason and sizes, never the bytes.

    Attributes:
        dead_letter_id: its number.
        source: whose topic it was on.
        topic: that topic.
        topic_id: its id.
        partition: where in it.
        offset: where in the partition; of a batch, the first.
        reason: why it is no event.
        column: what of it; None: it as a whole.
        rule: that it breaks.
        failed_at: when it was met.
        form: what was kept: a message, a record or a batch.
        last_offset: of a batch; None of the others.
        state: whether it waits.
        published_at: when it was sent to the topic of dead letters; None: not yet.
        key_bytes: how large its key is; None: it has none.
        value_bytes: likewise its value.
    """

    dead_letter_id: int
    source: str
    topic: str
    topic_id: str
    partition: int
    offset: int
    reason: str
    column: str | None
    rule: str
    failed_at: datetime
    form: str
    last_offset: int | None
    state: str
    published_at: datetime | None
    key_bytes: int | None
    value_bytes: int | None

    @property
    def offsets(self) -> str:
        """Where in its partition: an offset, or those of a batch from the first to the last."""
        is_one = self.last_offset in (None, self.offset)
        return f"{self.offset}" if is_one else f"{self.offset}-{self.last_offset}"

    def to_json(self) -> JsonObject:
        """The letter as ``deadletters --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class StoredLetter:
    """A dead letter with its bytes: to be read again, or sent on.

    What could not be read, a record or a batch, is the value of a ``message`` without anything else.
    """

    dead_letter_id: int
    topic: str
    place: Place
    message: Message
    form: LetterForm
    last_offset: int | None
    reason: str
    column: str | None
    rule: str


def waiting_dead_letters(connection: Connection) -> list[tuple[str, int, int]]:
    """Per source with any that wait: its name, how many, and the number of the newest one that it ever had.

    Of all and not of those that wait: when the newest is dealt with, nothing new has come.
    """
    letters = DEAD_LETTER.c
    waiting = func.count().filter(ENDED.c.step.is_(None))
    counted = select(letters.source, waiting, func.max(letters.dead_letter_id)).select_from(_with(ENDED))
    per_source = counted.group_by(letters.source).having(waiting > 0).order_by(letters.source)
    return [tuple(row) for row in connection.execute(per_source)]


def read_letters(
    connection: Connection,
    *,
    ids: Collection[int] | None = None,
    source: str | None = None,
    reason: str | None = None,
    state: LetterState | None = None,
) -> list[KeptLetter]:
    """The letters that are asked for, the oldest first: place, reason, column, rule, state and sizes, never the bytes.

    Args:
        connection: in a transaction.
        ids: only these; one that is not there is left out.
        source: only of this source.
        reason: only with this reason.
        state: only in this state.
    """
    letters = DEAD_LETTER.c
    columns = [column for column in letters if column.name not in ("key", "value", "headers")]
    standing = func.coalesce(ENDED.c.step, LetterState.WAITING.value)
    query = select(
        *columns,
        standing.label("state"),
        SENT.c.at.label("published_at"),
        func.octet_length(letters.key).label("key_bytes"),
        func.octet_length(letters.value).label("value_bytes"),
    ).select_from(_with(ENDED, SENT))
    for column, wanted in ((letters.source, source), (letters.reason, reason), (standing, state and state.value)):
        query = query if wanted is None else query.where(column == wanted)
    query = query if ids is None else query.where(letters.dead_letter_id.in_(ids) if ids else false())
    return [KeptLetter(**row) for row in connection.execute(query.order_by(letters.dead_letter_id)).mappings()]


def read_stored(connection: Connection, ids: Collection[int]) -> list[StoredLetter]:
    """Letters with their bytes, the oldest first."""
    letters = DEAD_LETTER.c
    query = select(DEAD_LETTER).where(letters.dead_letter_id.in_(ids)).order_by(letters.dead_letter_id)
    return [
        StoredLetter(
            dead_letter_id=row["dead_letter_id"],
            topic=row["topic"],
            place=Place(row["topic_id"], row["partition"], row["offset"]),
            message=Message(row["key"], row["value"], headers_of(row["headers"])),
            form=LetterForm.of(row["form"]),
            last_offset=row["last_offset"],
            reason=row["reason"],
            column=row["column"],
            rule=row["rule"],
        )
        for row in connection.execute(query).mappings()
    ]


def steps_of(connection: Connection, dead_letter_id: int) -> list[RowMapping]:
    """What happened to a letter, in order."""
    steps = DEAD_LETTER_STEP.c
    query = select(DEAD_LETTER_STEP).where(steps.dead_letter_id == dead_letter_id).order_by(steps.step_number)
    return list(connection.execute(query).mappings())


def keep_steps(connection: Connection, steps: Sequence[DeadLetterEvent]) -> None:
    """Write down what happened to letters. One that is known to be published is left as it is.

    Raises:
        LettersTaken: one was redriven or discarded by somebody else meanwhile. The caller's transaction has to be
            undone.
    """
    ended = 0
    rows = []
    for step in sorted(steps, key=lambda step: step.dead_letter_id):
        place = {"topic_id": None, "partition": None, "offset": None} if step.place is None else asdict(step.place)
        who = {"by": step.by, "identity": None if step.by is None else step.identity.value}
        step_row = {"dead_letter_id": step.dead_letter_id, "step": step.step.value, **who, "note": step.note}
        rows.append({**step_row, **place})
        ended += step.step in LAST_STEPS
    if not rows:
        return
    new = insert(DEAD_LETTER_STEP).on_conflict_do_nothing().returning(DEAD_LETTER_STEP.c.step)
    written = connection.execute(new, rows).scalars()
    if sum(LetterStep.of(step) in LAST_STEPS for step in written) < ended:
        raise LettersTaken


def hold_outbox(connection: Connection, source: Source) -> None:
    """Let nobody else publish the dead letters of a source until the transaction ends."""
    hold(connection, Lock.OUTBOX, of=source.name)


def unpublished(connection: Connection, source: Source) -> list[tuple[int, Place, int]]:
    """The letters of a source that are not known to be published, the oldest first: number, place, bytes of value."""
    letters = DEAD_LETTER.c
    size = func.coalesce(func.octet_length(letters.value), 0)
    query = (
        select(letters.dead_letter_id, letters.topic_id, letters.partition, letters.offset, size)
        .select_from(_with(SENT))
        .where(letters.source == source.name, SENT.c.step.is_(None))
    )
    rows = connection.execute(query.order_by(letters.dead_letter_id))
    return [(number, Place(*place), value_bytes) for number, *place, value_bytes in rows]


def published_until(connection: Connection, topic_id: str) -> dict[int, int]:
    """Per partition of a topic of dead letters the offset after the last letter that is known to be there."""
    steps = DEAD_LETTER_STEP.c
    query = select(steps.partition, (func.max(steps.offset) + 1).label("until")).where(steps.topic_id == topic_id)
    rows = connection.execute(query.group_by(steps.partition))
    return {row.partition: row.until for row in rows}


def headers_of(stored: Iterable[Sequence[str | None]]) -> list[tuple[str, bytes | None]]:
    """A message's headers from how they are kept (``warehouse.loading.headers_as_json``)."""
    return [(name or "", None if value is None else base64.b64decode(value)) for name, value in stored]


def _with(*steps: Any) -> Any:
    """All letters, each with its step of that kind where it has one."""
    joined: Any = DEAD_LETTER
    for step in steps:
        joined = joined.outerjoin(step, step.c.dead_letter_id == DEAD_LETTER.c.dead_letter_id)
    return joined
