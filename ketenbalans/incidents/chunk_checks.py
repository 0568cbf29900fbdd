"""What in a micro-batch stops its source: a message with a newer schema, an event from a clock that is ahead.

What lies before it in its partition, and the other partitions, are loaded; it and what follows it wait. Pure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from ketenbalans.broker.reading import Chunk
from ketenbalans.broker.topic_state import TopicState
from ketenbalans.incidents.checks import ClockAhead, SchemaNewer, TopicIncident
from ketenbalans.incidents.kept import Decided
from schemas.declaration import Source
from schemas.wire.messages import Decoded, Envelope, Refusal
from schemas.wire.refusals import Reason

TOLERANCE_MILLISECONDS = 24 * 60 * 60 * 1000
"""A source says what happened; nothing of it happened more than a day after it was reported."""

_TYPE = re.compile(r"(.+)\.v([1-9][0-9]{0,3})")


@dataclass(frozen=True)
class Stop:
    """What stops a source, and the part of the micro-batch before it."""

    incident: TopicIncident
    before: Chunk


def what_stops(source: Source, state: TopicState, chunk: Chunk, decoded: Decoded, decided: Decided) -> Stop | None:
    """What in a micro-batch stops its source, as far as nobody resumed it; None: nothing."""
    newer = [
        (position, event_type)
        for position, event_type in newer_types(source, chunk.messages, decoded.refusals)
        if not decided.accepts(SchemaNewer, event_type)
    ]
    early = _not_accepted(chunk, _recorded_after_writing(chunk, decoded), decided.clock_accepted_until(state.topic_id))
    if not newer and not early:
        return None
    before = before_all(chunk, [*(position for position, _ in newer), *early])
    if newer:
        position, event_type = newer[0]
        return Stop(SchemaNewer(source, event_type, _place(chunk, position)), before)
    ends = {partition: max(end, chunk.positions.get(partition, 0)) for partition, end in state.ends.items()}
    return Stop(ClockAhead(source, state.topic_id, [_place(chunk, position) for position in early], ends), before)


def newer_types(source: Source, messages: Sequence[Envelope], refusals: Iterable[Refusal]) -> list[tuple[int, str]]:
    """The refused messages whose type has the topic's stem and a higher version: position and type.

    A lower version or a malformed one is none: it stays a dead letter.
    """
    declared = _TYPE.fullmatch(source.event_type)
    assert declared is not None, "a declared event type ends in its version"
    found = []
    for refusal in refusals:
        if refusal.reason == Reason.UNKNOWN_VERSION:
            headers = {name.lower(): value for name, value in messages[refusal.position].headers}
            event_type = (headers.get("ce_type") or b"").decode(errors="replace")
            matched = _TYPE.fullmatch(event_type)
            if matched is not None and matched[1] == declared[1] and int(matched[2]) > int(declared[2]):
                found.append((refusal.position, event_type))
    return found


def clocks_ahead(timestamps: Sequence[int], recorded_at: pl.Series, *, read_at_ms: int) -> list[int]:
    """The places where an event was recorded more than a day after it was written.

    Nothing is read before it was written. So a message without a timestamp, or with one that lies in the future, is
    held against the moment at which it was read.

    Args:
        timestamps: Kafka's, in milliseconds, one per event; 0 and less: the message has none.
        recorded_at: what the events say.
        read_at_ms: when they were read, in milliseconds.
    """
    written = pl.Series(timestamps, dtype=pl.Int64)
    at_last = pl.select(
        pl.when(written > 0).then(written).otherwise(read_at_ms).clip(upper_bound=read_at_ms)
    ).to_series()
    early = recorded_at.dt.epoch("ms") - at_last > TOLERANCE_MILLISECONDS
    return early.arg_true().to_list()


def before_all(chunk: Chunk, stops: Iterable[int]) -> Chunk:
    """The part of a micro-batch that lies, partition by partition, before all of these positions."""
    first: dict[int, int] = {}
    for position in stops:
        partition, offset = _place(chunk, position)
        first[partition] = min(offset, first.get(partition, offset))
    kept = [
        record for record in chunk.messages if record.partition not in first or record.offset < first[record.partition]
    ]
    unread = [one for one in chunk.unread if one.partition not in first or one.offset < first[one.partition]]
    positions = {**chunk.positions, **first}
    proofs = {partition: proof for partition, proof in chunk.proofs.items() if partition not in first}
    return Chunk(messages=kept, unread=unread, positions=positions, proofs=proofs, read_at_ms=chunk.read_at_ms)


def _place(chunk: Chunk, position: int) -> tuple[int, int]:
    record = chunk.messages[position]
    return record.partition, record.offset


def _recorded_after_writing(chunk: Chunk, decoded: Decoded) -> list[int]:
    refused = {refusal.position for refusal in decoded.refusals}
    good = [position for position in range(len(chunk.messages)) if position not in refused]
    timestamps = [chunk.messages[position].timestamp for position in good]
    recorded_at = decoded.events["recorded_at"]
    return [good[place] for place in clocks_ahead(timestamps, recorded_at, read_at_ms=chunk.read_at_ms)]


def _not_accepted(chunk: Chunk, positions: Iterable[int], until: dict[int, int]) -> list[int]:
    return [
        position for position in positions if _place(chunk, position)[1] >= until.get(_place(chunk, position)[0], 0)
    ]
