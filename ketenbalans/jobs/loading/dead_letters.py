"""What a person does about dead letters: list them, look at one, put them aside.

Nothing here says a value: places, reasons, columns, rules and sizes are all that is known without the bytes. These are
written to a file that only its owner can read, when somebody asks for them.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, RowMapping

from schemas.dead_letters import LetterForm, LetterState, LetterStep
from schemas.decisions import checked_note
from schemas.json_object import JsonObject, fields_to_json
from schemas.people import Identity, checked_handle
from schemas.wire.messages import header_name_shown
from schemas.wire.refusals import Reason
from warehouse.database import snapshot
from warehouse.dead_letters import DeadLetterEvent, KeptLetter, keep_steps, read_letters, read_stored, steps_of
from warehouse.errors import DecisionRefused


@dataclass(frozen=True, kw_only=True)
class LetterHistoryStep:
    """What happened to a letter.

    ``by``, ``identity`` (how it is known who) and ``note`` are of a person, the place of one that was sent on; None: of
    neither.
    """

    step: str
    at: datetime
    by: str | None
    identity: str | None
    note: str | None
    partition: int | None
    offset: int | None

    def to_json(self) -> JsonObject:
        """One of ``history``, as ``deadletters show --json`` prints it; what there is none of is left out."""
        return {name: value for name, value in fields_to_json(self).items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class WrittenValue:
    """The value of a letter in a file: where it is, and how many bytes it has."""

    file: Path
    size_bytes: int

    def to_json(self) -> JsonObject:
        """``raw``, as ``deadletters show --json`` prints it."""
        return {"file": str(self.file), "bytes": self.size_bytes}


@dataclass(frozen=True, kw_only=True)
class ShownLetter:
    """A letter with what its words mean and what happened to it.

    Attributes:
        letter: as it is kept.
        means: its reason in a sentence.
        form_means: its form in a sentence.
        headers: what its headers are called.
        history: its steps, in order.
        raw: its value in a file; None: nobody asked for that.
    """

    letter: KeptLetter
    means: str
    form_means: str
    headers: tuple[str, ...]
    history: tuple[LetterHistoryStep, ...]
    raw: WrittenValue | None = None

    def to_json(self) -> JsonObject:
        """What ``deadletters show --json`` prints."""
        return {
            **self.letter.to_json(),
            "means": self.means,
            "form_means": self.form_means,
            "headers": list(self.headers),
            "history": [step.to_json() for step in self.history],
            **({} if self.raw is None else {"raw": self.raw.to_json()}),
        }


def list_letters(
    engine: Engine, *, source: str | None, reason: str | None, state: LetterState | None
) -> list[KeptLetter]:
    """The letters that are asked for, the oldest first; None asks for all."""
    with snapshot(engine) as connection:
        return read_letters(connection, source=source, reason=reason, state=state)


def show_letter(engine: Engine, dead_letter_id: int) -> ShownLetter:
    """One letter: its place, why it is no event, what its headers are called, how large it is, and its history.

    Raises:
        DecisionRefused: there is none of that number.
    """
    with snapshot(engine) as connection:
        (letter,) = known_letters(connection, [dead_letter_id])
        (stored,) = read_stored(connection, [dead_letter_id])
        steps = steps_of(connection, dead_letter_id)
    history = tuple(
        LetterHistoryStep(
            step=step["step"],
            at=step["at"],
            by=step["by"],
            identity=step["identity"],
            note=step["note"],
            partition=step["partition"],
            offset=step["offset"],
        )
        for step in steps
    )
    return ShownLetter(
        letter=letter,
        means=Reason.of(letter.reason).meaning,
        form_means=LetterForm.of(letter.form).meaning,
        headers=tuple(header_name_shown(name) for name, _ in stored.message.headers),
        history=history,
    )


def write_raw_value(engine: Engine, dead_letter_id: int, file: Path) -> int:
    """Write a letter's value, byte for byte, to a new file that only its owner can read; gives how many bytes.

    Raises:
        DecisionRefused: there is no such letter, or it has no value.
        FileExistsError: the file is there already; it is left as it is.
    """
    with snapshot(engine) as connection:
        known_letters(connection, [dead_letter_id])
        (stored,) = read_stored(connection, [dead_letter_id])
    if stored.message.value is None:
        message = f"dead letter {dead_letter_id} has no value at all, so there is nothing to write"
        raise DecisionRefused(message)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as out:  # noqa: PTH123 (with its mode)
            return out.write(stored.message.value)
    except OSError:
        file.unlink()  # half a value is none
        raise


def discard(
    engine: Engine, ids: Sequence[int], *, note: str, by: str, identity: Identity = Identity.DECLARED
) -> list[KeptLetter]:
    """Put letters aside for good, all of them or none; the same by the same person again changes nothing.

    Args:
        engine: the warehouse.
        ids: which letters.
        note: why, in a few words of administration.
        by: the handle of who decides.
        identity: how it is known who that is.

    Raises:
        InvalidHandle: who discards is named by what is none.
        InvalidDecision: the note is none.
        DecisionRefused: a letter does not wait any more, or there is none of that number; nothing was done.
        LettersTaken: somebody else dealt with one at the same moment; nothing was done.
    """
    checked_handle(by, "who discards")
    checked_note(note)
    with engine.begin() as connection:
        letters = known_letters(connection, ids)
        ended = [last for letter in letters if (last := last_step(connection, letter)) is not None]
        no_longer_waiting = [
            describe_step(last)
            for last in ended
            if (last["step"], last["by"], last["note"]) != (LetterStep.DISCARDED.value, by, note)
        ]
        if no_longer_waiting:
            message = f"{'; '.join(no_longer_waiting)}; what waits no more cannot be discarded, so nothing was done"
            raise DecisionRefused(message)
        keep_steps(
            connection,
            [
                DeadLetterEvent(
                    dead_letter_id=letter.dead_letter_id,
                    step=LetterStep.DISCARDED,
                    by=by,
                    identity=identity,
                    note=note,
                )
                for letter in letters
                if letter.state == LetterState.WAITING.value
            ],
        )
        return known_letters(connection, ids)


def known_letters(connection: Connection, ids: Collection[int]) -> list[KeptLetter]:
    """The letters of these numbers.

    Raises:
        DecisionRefused: there is none of one of them.
    """
    letters = read_letters(connection, ids=ids)
    missing = sorted(set(ids) - {letter.dead_letter_id for letter in letters})
    if missing:
        message = (
            f"there is no dead letter {', '.join(map(str, missing))} "
            "(`ketenbalans deadletters list --state all` lists them)"
        )
        raise DecisionRefused(message)
    return letters


def last_step(connection: Connection, letter: KeptLetter) -> RowMapping | None:
    """The step after which the letter waits no more; None while it waits."""
    if letter.state == LetterState.WAITING.value:
        return None
    return next(step for step in steps_of(connection, letter.dead_letter_id) if step["step"] == letter.state)


def describe_step(step: RowMapping) -> str:
    """A step in words: which letter, what, by whom, when and why."""
    who = f" by {step['by']}" if step["by"] else ""
    why = f" ({step['note']})" if step["note"] else ""
    return f"dead letter {step['dead_letter_id']} was {step['step']}{who} on {step['at']:%Y-%m-%d}{why}"
