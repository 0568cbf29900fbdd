"""Several versions of one source's events on one topic: read into the frame of the newest, written as the newest.

An event keeps its identity over versions: a row that an earlier version could say has the id that it has there, so
publishing an old extract with newer code changes nothing. A source without earlier versions is read and written by
``schemas.wire.events`` alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import repeat

import polars as pl

from schemas.declaration import Source
from schemas.gate import breaches
from schemas.wire.events import Decoded, Envelope, Message, decode, encode

IDENTITY = ("event_source", "event_id")
"""The columns of ``Decoded.events`` that are no field of any version."""


def decode_versions(source: Source, messages: Sequence[Envelope]) -> Decoded:
    """Read a batch in which each message may be of any declared version: every one becomes a row or a refusal.

    Args:
        source: whose events they should be; the rows are of its own fields.
        messages: as they came from the topic, in order.
    """
    if not source.earlier:
        return decode(source, messages)
    *earlier, _ = source.versions
    places = {version.event_type.encode(): place for place, version in enumerate(earlier)}
    positions: list[list[int]] = [[] for _ in source.versions]
    for position, message in enumerate(messages):
        headers = {name.lower(): value for name, value in message.headers}
        positions[places.get(headers.get("ce_type") or b"", -1)].append(position)
    frames, refusals = [], []
    for place, version in enumerate(source.versions):
        read = decode(version, [messages[position] for position in positions[place]])
        refused = {refusal.position for refusal in read.refusals}
        kept = [position for number, position in enumerate(positions[place]) if number not in refused]
        refusals += [replace(one, position=positions[place][one.position]) for one in read.refusals]
        frames.append(_upcast(source, place, read.events).with_columns(position=pl.Series(kept, dtype=pl.UInt32)))
    events = pl.concat(frames).sort("position").drop("position")
    return Decoded(events, sorted(refusals, key=lambda refusal: refusal.position))


def encode_versions(source: Source, events: pl.DataFrame) -> Iterator[Message]:
    """Write each row of a valid frame as one message of the newest version, with the id that it always had.

    Args:
        source: the declaration that the frame holds to.
        events: one row per event, the columns of ``schemas.frame_types.frame_types``.
    """
    for message, event_id in zip(encode(source, events), _ids(source, events), strict=False):
        if event_id is None:
            yield message
        else:
            yield replace(message, headers=[(n, event_id if n == "ce_id" else value) for n, value in message.headers])


def _upcast(source: Source, place: int, events: pl.DataFrame) -> pl.DataFrame:
    """Events of the version at that place as those of the newest; the identity passes by.

    Raises:
        WrongUpcast: what came out is no event of the newest version. It is the declaration that is wrong.
    """
    if place == len(source.earlier):
        return events
    identity, fields = events.select(IDENTITY), events.drop(IDENTITY)
    for version in source.earlier[place:]:
        fields = version.upcast(fields)
    fields = fields.select([field.name for field in source.fields])
    if fields.height != events.height or not (found := breaches(source, fields)).is_empty():
        rules = (
            [] if fields.height != events.height else sorted({f"{c} {r}" for c, r in found[["column", "rule"]].rows()})
        )
        raise WrongUpcast(source.versions[place].event_type, source.event_type, rules)
    return pl.concat([identity, fields], how="horizontal")


def _ids(source: Source, events: pl.DataFrame) -> Iterator[bytes | None]:
    """Per row, the id that it has in the oldest version that could say it; None where only the newest can."""
    if not source.earlier:
        return repeat(None)
    before, last = source.versions[-2], source.earlier[-1]
    older = last.downcast(events)
    again = last.upcast(older).select(events.columns)
    is_expressible = [one == other for one, other in zip(again.iter_rows(), events.iter_rows(), strict=True)]
    republished = encode_versions(before, older.filter(pl.Series(is_expressible, dtype=pl.Boolean)))
    return (dict(next(republished).headers)["ce_id"] if could else None for could in is_expressible)


class WrongUpcast(ValueError):
    """A declared upcast gives rows that its own source refuses: code has to be mended before anything is loaded."""

    def __init__(self, before: str, after: str, rules: Sequence[str]) -> None:
        """Say which upcast, and which rules its rows break; never a value."""
        broken = "; ".join(rules) or "it loses or adds rows"
        super().__init__(f"the upcast of {before} to {after} is wrong: {broken}. Mend it in the source's schema module")
