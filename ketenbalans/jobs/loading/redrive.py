"""Read dead letters again after a fix: what is an event for today's code is loaded once, the rest goes on waiting.

The way is that of every other event: decode, the gate, staging, one transaction. The step that takes a letter off is
written in it, so a letter whose event was loaded never waits, and one that waits was never loaded by this.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine

from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.batch_reading import BatchReader
from ketenbalans.broker.unread_letters import read_again
from ketenbalans.incidents.checks import TotalsDiffer
from ketenbalans.incidents.extract_checks import raise_what_stands
from ketenbalans.jobs.loading.dead_letters import describe_step, known_letters, last_step
from schemas.catalogue import source_named
from schemas.dead_letters import LetterForm, LetterState, LetterStep
from schemas.declaration import Source
from schemas.json_object import JsonObject, fields_to_json
from schemas.people import Identity, Person, checked_handle
from schemas.wire.events import Refusal
from schemas.wire.extract_rows import extract_rows
from schemas.wire.refusals import Reason
from schemas.wire.versions import decode_versions
from warehouse.database import snapshot
from warehouse.dead_letters import DeadLetterEvent, KeptLetter, StoredLetter, read_letters, read_stored
from warehouse.errors import DecisionRefused, IdReused, LettersTaken
from warehouse.loading import ID_IS_ONE_EVENT, Batch, Loaded, load
from warehouse.offsets import Topic
from warehouse.staging import copy_rows

BATCH_LETTERS = 1_000
BATCH_BYTES = 64 * 1024 * 1024
TRIES = 3


@dataclass(frozen=True, kw_only=True)
class StillWaiting:
    """A letter that is no event for today's code either: which, and what of it breaks what rule."""

    dead_letter_id: int
    reason: str
    column: str | None
    rule: str

    def to_json(self) -> JsonObject:
        """One of ``waiting``, as ``deadletters redrive --json`` prints it."""
        return fields_to_json(self)


@dataclass(kw_only=True)
class Redriven:
    """What reading dead letters again came to.

    Attributes:
        redriven: the letters whose events are loaded now.
        already: the letters that were redriven before; nothing was done about them.
        waiting: the letters that are no events for today's code either, each with why not now.
        loaded: what loading did with the events: one that had come properly meanwhile is a duplicate.
    """

    redriven: list[int] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    waiting: list[StillWaiting] = field(default_factory=list)
    loaded: Loaded = field(default_factory=Loaded)

    def to_json(self) -> JsonObject:
        """As ``deadletters redrive --json`` prints it."""
        loaded = {"inserted": self.loaded.inserted, "duplicates": self.loaded.duplicates}
        return {
            "redriven": self.redriven,
            "already": self.already,
            "waiting": [one.to_json() for one in self.waiting],
            **loaded,
        }


def redrive(  # noqa: PLR0913 (each by its name)
    engine: Engine,
    *,
    ids: Collection[int] = (),
    source: str | None = None,
    reason: str | None = None,
    by: str | None,
    identity: Identity = Identity.DECLARED,
    limits: BatchLimits | None = None,
) -> Redriven:
    """Read waiting letters again with today's code; what is an event now is loaded once, the rest goes on waiting.

    The events are loaded in the transaction that takes the letters off, so nothing doubles and nothing is lost. Doing
    it again changes nothing.

    Args:
        engine: the warehouse.
        ids: these letters; all that wait when there are none.
        source: only of this source.
        reason: only with this reason.
        by: the handle of who does it, where it is known.
        identity: how it is known who that is.
        limits: how large what is opened may be.

    Raises:
        DecisionRefused: a letter that is named was discarded, or there is none of that number; nothing was done.
        ExtractIncident: a source of theirs stands still until a person has looked; nothing was done.
        LettersTaken: somebody else was first, each time; what was loaded before stays loaded.
    """
    who = None if by is None else Person(handle=checked_handle(by, "who redrives"), identity=identity)
    done, run = Redriven(), f"redrive {uuid.uuid4()}"
    with snapshot(engine) as connection:
        asked = known_letters(connection, ids) if ids else read_letters(connection, state=LetterState.WAITING)
        _none_is_discarded(connection, asked)
    asked = [one for one in asked if source in (None, one.source) and reason in (None, one.reason)]
    done.already = [one.dead_letter_id for one in asked if one.state == LetterState.REDRIVEN.value]
    waiting = [one for one in asked if one.state == LetterState.WAITING.value]
    # what was refused may be just what lacks
    raise_what_stands(engine, {one.source for one in waiting}, but=(TotalsDiffer,))
    again = partial(_redrive_batch, engine, done=done, run=run, who=who, reader=BatchReader(limits or BatchLimits()))
    for batch in _batches(waiting):
        for tries_left in reversed(range(TRIES)):
            try:
                again(batch)
            except LettersTaken:
                if not tries_left:
                    raise
            else:
                break
    return done


def _redrive_batch(  # noqa: PLR0913 (each by its name)
    engine: Engine, batch: Sequence[KeptLetter], *, done: Redriven, run: str, who: Person | None, reader: BatchReader
) -> None:
    """Read letters of one topic again and load the good ones, all of them or none."""
    with snapshot(engine) as connection:
        still = read_letters(connection, ids=[one.dead_letter_id for one in batch], state=LetterState.WAITING)
        letters = read_stored(connection, [one.dead_letter_id for one in still])
    if not letters:
        return
    source = source_named(batch[0].source)
    if letters[0].form is not LetterForm.MESSAGE:
        (letter,) = letters
        _redrive_unread(engine, source, letter, done=done, run=run, who=who, reader=reader)
        return
    decoded = decode_versions(source, [letter.message for letter in letters])
    refused = {refusal.position for refusal in decoded.refusals}
    good = [letter.dead_letter_id for position, letter in enumerate(letters) if position not in refused]
    steps = [_redriven(number, who) for number in good]
    still_refused = list(decoded.refusals)
    if good:
        topic = Topic(source.name, letters[0].topic, letters[0].place.topic_id)
        loaded = load(
            engine,
            Batch(source=source, topic=topic, run=run, rows=copy_rows(source, decoded.events), moves=[], steps=steps),
        )
        done.loaded += loaded
        positions = [position for position in range(len(letters)) if position not in refused]
        still_refused += [
            Refusal(positions[place], Reason.ID_REUSED, "ce_id", ID_IS_ONE_EVENT) for place in loaded.reused
        ]
    waiting = {refusal.position for refusal in still_refused}
    done.redriven += [letter.dead_letter_id for position, letter in enumerate(letters) if position not in waiting]
    done.waiting += [_still_waits(letters[refusal.position], refusal) for refusal in still_refused]


def _redriven(number: int, who: Person | None) -> DeadLetterEvent:
    """The step by which a letter waits no more."""
    redriven = DeadLetterEvent(dead_letter_id=number, step=LetterStep.REDRIVEN)
    return redriven if who is None else replace(redriven, by=who.handle, identity=who.identity)


def _redrive_unread(  # noqa: PLR0913 (each by its name)
    engine: Engine,
    source: Source,
    letter: StoredLetter,
    *,
    done: Redriven,
    run: str,
    who: Person | None,
    reader: BatchReader,
) -> None:
    """Take a record or a batch apart again, and load what it holds when every message in it is an event."""
    messages, refusal = read_again(letter, reader)
    decoded = decode_versions(source, messages)
    refusal = refusal or next(iter(decoded.refusals), None)
    loaded = Loaded()
    if refusal is None:
        batch = Batch(
            source=source,
            topic=Topic(source.name, letter.topic, letter.place.topic_id),
            run=run,
            rows=copy_rows(source, decoded.events),
            extract_rows=extract_rows(messages),
            moves=[],
            steps=[_redriven(letter.dead_letter_id, who)],
            all_or_none=True,
        )
        try:
            loaded = load(engine, batch)
        except IdReused:
            refusal = Refusal(0, Reason.ID_REUSED, "ce_id", ID_IS_ONE_EVENT)
    if refusal is not None:
        done.waiting.append(_still_waits(letter, refusal))
        return
    done.loaded += loaded
    done.redriven.append(letter.dead_letter_id)


def _still_waits(letter: StoredLetter, refusal: Refusal) -> StillWaiting:
    return StillWaiting(
        dead_letter_id=letter.dead_letter_id, reason=str(refusal.reason), column=refusal.column, rule=refusal.rule
    )


def _batches(letters: Iterable[KeptLetter]) -> list[list[KeptLetter]]:
    """Letters that are read at once: of one topic, and not too many; one that could not be read is alone."""
    batches: list[list[KeptLetter]] = []
    size_bytes = 0
    together: tuple[Any, ...] | None = None
    for one in sorted(letters, key=lambda one: (one.source, one.topic_id, one.dead_letter_id)):
        is_message = one.form == LetterForm.MESSAGE.value
        before, together = together, (one.source, one.topic_id, None if is_message else one.dead_letter_id)
        if before != together or size_bytes >= BATCH_BYTES or len(batches[-1]) >= BATCH_LETTERS:
            batches.append([])
            size_bytes = 0
        batches[-1].append(one)
        size_bytes += one.value_bytes or 0
    return batches


def _none_is_discarded(connection: Connection, letters: Iterable[KeptLetter]) -> None:
    for letter in letters:
        last = last_step(connection, letter)
        if last is not None and last["step"] == LetterStep.DISCARDED.value:
            message = f"{describe_step(last)}; it is not read again, and nothing was done: ask the source for the event"
            raise DecisionRefused(message)
