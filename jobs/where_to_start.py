"""Where reading a topic goes on, or why it may not: the topic as it is against what the warehouse has read of it.

Pure: the state of the topic, the stored offsets and what persons resumed in; offsets or an incident out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.incidents import Jump, OffsetPastEnd, PartitionAdded, RecordsGone, TopicGone, TopicRecreated
from jobs.incidents_kept import Decided
from jobs.topic_reader import TopicState
from schemas.declaration import Source
from warehouse.offsets import Move

Offsets = Mapping[str, Mapping[int, int]]
"""Stored next offsets by topic id and partition."""

Known = Mapping[int, int | None]
"""The stored next offset of each partition of the topic that is there; None: nothing is stored."""


@dataclass(frozen=True)
class Start:
    """Where each partition goes on: its stored offset once ``moves`` are stored, None where nothing is stored.

    Nothing stored means the topic's first record. ``moves`` store the start of a topic that a person accepted.
    """

    offsets: dict[int, int | None]
    moves: list[Move]


def where_to_start(source: Source, state: TopicState | None, stored: Offsets, decided: Decided) -> Start:
    """The offset from which each partition is read, as the warehouse keeps it.

    Raises:
        TopicIncident: reading on from there would pass something over, or read it as something else.
    """
    if state is None:
        if topic_is_missed(stored, decided):
            raise TopicGone(source, sorted(stored))
        return Start({}, [])
    if stored and state.topic_id not in stored:
        if not decided.accepts(TopicRecreated, state.topic_id):
            raise TopicRecreated(source, state.topic_id)
        return Start(dict(state.starts), [Move(partition, None, start) for partition, start in state.starts.items()])
    here = stored.get(state.topic_id, {})
    offsets = {partition: here.get(partition) for partition in sorted(state.ends)}
    if stored:
        _no_partition_is_new(source, state, offsets, decided)
    _no_record_is_gone(source, state, offsets)
    _no_record_was_lost(source, state, offsets, decided)
    return Start(offsets, [])


def topic_is_missed(stored: Offsets, decided: Decided) -> bool:
    """Whether a topic that is not there is news: events of it were loaded, and nobody said that it may be gone."""
    return bool(stored) and not decided.accepts(TopicGone, *stored)


def _no_partition_is_new(source: Source, state: TopicState, offsets: Known, decided: Decided) -> None:
    new = [
        partition
        for partition, offset in offsets.items()
        if offset is None and not decided.accepts(PartitionAdded, f"{state.topic_id}/{partition}")
    ]
    if new:
        raise PartitionAdded(source, state.topic_id, new)


def _no_record_is_gone(source: Source, state: TopicState, offsets: Known) -> None:
    jumps = [
        Jump(partition, offset, state.starts[partition])
        for partition, offset in offsets.items()
        if (offset or 0) < state.starts[partition]
    ]
    if jumps:
        # what is not stored yet is stored with them: a partition that is missing among others counts as a new one
        unread = [Jump(partition, None, state.starts[partition]) for partition in offsets if offsets[partition] is None]
        raise RecordsGone(
            source, state.topic_id, jumps, [*(jump for jump in jumps if jump.before is not None), *unread]
        )


def _no_record_was_lost(source: Source, state: TopicState, offsets: Known, decided: Decided) -> None:
    """A stored offset lies past the end, or once did: a topic that grows beyond it hides the loss and does not end it.

    What was written under the old offsets would be passed over, so it stands until a person resumes it.
    """
    jumps = []
    for partition, offset in offsets.items():
        if offset is not None:
            end = min(state.ends[partition], *_ends_met(state.topic_id, partition, offset, decided), offset)
            if end < offset:
                jumps.append(Jump(partition, offset, end))
    if jumps:
        raise OffsetPastEnd(source, state.topic_id, jumps)


def _ends_met(topic_id: str, partition: int, offset: int, decided: Decided) -> list[int]:
    """Where a partition ended when its stored offset was met past the end, as far as nobody resumed that."""
    before = f"{topic_id}/{partition}/{offset}/"
    kind = OffsetPastEnd.__name__
    unresumed = decided.met.get(kind, frozenset()) - decided.accepted.get(kind, frozenset())
    return [int(part.removeprefix(before)) for part in unresumed if part.startswith(before)]
