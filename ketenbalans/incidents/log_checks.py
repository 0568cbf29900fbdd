"""Whether a topic's log is still the one that was loaded, partition by partition, and up to where.

Offsets alone do not say: a log that went back to an older copy and grew again has other records under the same ones.
What lay right before each stored offset was kept with it; it is held against what lies there now.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Engine

from ketenbalans.broker.reading import TopicReader
from ketenbalans.broker.topic_state import TopicState
from schemas.declaration import Source
from schemas.log_proofs import LogProof
from warehouse.extracts import ControlRecord, control_records
from warehouse.offsets import earlier_proofs, proofs_before

Before = Callable[[int], LogProof | None]
"""What lies right before an offset of one partition now; None where nothing is left."""


@dataclass(frozen=True)
class LogComparison:
    """What a look at a topic's log came to.

    Attributes:
        same_until: the partitions whose log is not the one that was loaded, each with the offset up to which it is:
            the furthest one that was ever stored before which both hold the same, or the log's start.
        unproven: what lies before the stored offset of the partitions of which nothing had been kept.
        lost: control records of which rows have not arrived and are not there any more.
    """

    same_until: Mapping[int, int] = field(default_factory=dict)
    unproven: Mapping[int, LogProof] = field(default_factory=dict)
    lost: Sequence[ControlRecord] = ()

    @property
    def shows_a_loss(self) -> bool:
        """Whether something that was there is not."""
        return bool(self.same_until or self.lost)


def compare_log(
    engine: Engine,
    reader: TopicReader,
    state: TopicState | None,
    source: Source,
    stored: Mapping[str, Mapping[int, int]],
) -> LogComparison:
    """Hold the log of each partition against what was kept of it, and against what control records say of it.

    A partition before whose stored offset nothing is left any more counts as the same, unless it ends before it.

    Args:
        engine: the warehouse; no transaction stays open while Kafka is asked.
        reader: of the topic.
        state: the topic as it is; None when there is none.
        source: whose topic.
        stored: the stored offsets, by topic id and partition.
    """
    if state is None:
        return LogComparison()
    with engine.connect() as connection:
        missed = [
            record
            for record in control_records(connection)
            if record.source == source.name and record.missing and not record.is_read
        ]
    offsets = {p: offset for p, offset in stored.get(state.topic_id, {}).items() if p in state.ends}
    lost = _not_there(reader, state, missed, earlier=stored.keys() - {state.topic_id})
    if not offsets:
        return LogComparison(lost=lost)
    with engine.connect() as connection:
        kept = proofs_before(connection, state.topic_id, offsets)
    too_short = {partition for partition, offset in offsets.items() if offset > state.ends[partition]}
    if too_short:  # or another loader went on since the topic was looked at
        ends = reader.ends_with_open_transactions()
        too_short = {partition for partition in too_short if offsets[partition] > ends.get(partition, 0)}
    asked = {partition: offset for partition, offset in offsets.items() if partition not in too_short}
    there = reader.proofs(asked) if asked else {}
    other = {partition for partition, proof in there.items() if proof != kept.get(partition, proof)}
    same_until = {}
    for partition in sorted(too_short | other):
        end = min(state.ends[partition], offsets[partition])
        with engine.connect() as connection:
            earlier = earlier_proofs(connection, state.topic_id, partition)
        known = [(offset, proof) for offset, proof in earlier.items() if state.starts[partition] < offset <= end]
        found = last_same(known, partial(_before, reader, partition))
        same_until[partition] = state.starts[partition] if found is None else found
    return LogComparison(
        same_until, {partition: proof for partition, proof in there.items() if partition not in kept}, lost
    )


def _not_there(
    reader: TopicReader, state: TopicState, records: Sequence[ControlRecord], *, earlier: Collection[str]
) -> list[ControlRecord]:
    """Those whose rows the topic does not hold, though they were acknowledged before the control record was sent.

    The topic ends before they do, or they lie on an ``earlier`` one of its name.
    """
    here = [record for record in records if record.topic_id == state.topic_id]
    ends = state.ends
    if any(_reaches_beyond(record, ends) for record in here):  # or they came since, or wait for a transaction
        ends = reader.ends_with_open_transactions()
    gone = [record for record in records if record.topic_id in earlier]
    return [*gone, *(record for record in here if _reaches_beyond(record, ends))]


def _reaches_beyond(record: ControlRecord, ends: Mapping[int, int]) -> bool:
    return any(offset > ends.get(int(partition), 0) for partition, offset in record.offsets.items())


def _before(reader: TopicReader, partition: int, offset: int) -> LogProof | None:
    return reader.proofs({partition: offset}).get(partition)


def last_same(known: Sequence[tuple[int, LogProof]], before: Before) -> int | None:
    """The furthest of some offsets before which the log holds what it held then; None when it is before none of them.

    Where two logs hold the same batch, they hold the same before it too, so halving finds it.

    Args:
        known: offsets in ascending order, each with what lay before it.
        before: what lies before an offset now.
    """
    low, high = 0, len(known)
    while low < high:
        middle = (low + high) // 2
        offset, proof = known[middle]
        if before(offset) == proof:
            low = middle + 1
        else:
            high = middle
    return known[low - 1][0] if low else None
