"""Where reading a topic goes on, or why it may not: the topic as it is against what the warehouse has read of it.

Pure: the state of the topic, the stored offsets and what persons resumed in; offsets or an incident out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ketenbalans.broker.topic_state import TopicState
from ketenbalans.incidents.checks import Jump, LogDiffers, PartitionAdded, RecordsGone, TopicGone, TopicRecreated
from ketenbalans.incidents.kept import Decided
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


def where_to_start(
    source: Source,
    state: TopicState | None,
    stored: Offsets,
    decided: Decided,
    same_until: Mapping[int, int],
) -> Start:
    """The offset from which each partition is read, as the warehouse keeps it.

    Args:
        source: whose topic.
        state: the topic as it is; None when there is none.
        stored: the stored offsets.
        decided: what persons resumed.
        same_until: the partitions whose log is not the one that was loaded: up to which offset it is
            (``incidents.log_checks``).

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
    if same_until:
        jumps = [Jump(partition, here[partition], offset) for partition, offset in sorted(same_until.items())]
        raise LogDiffers(source, state.topic_id, jumps, state.ends)
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
