"""How far each topic has been loaded: the offsets that are kept in the warehouse, keyed by the topic's id.

An offset is moved by compare-and-set in the transaction that writes the rows before it, partitions in sorted order: of
two loaders one wins and the other writes nothing, and two never wait for each other in a circle. What lies right
before each stored offset is kept as a proof, of earlier ones too, so that it can be said up to where a log is the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from schemas.declaration import Source
from schemas.log_proofs import LogProof
from warehouse.errors import OffsetsMoved
from warehouse.tables.loading import LOG_PROOF, TOPIC_OFFSET

Positions = dict[str, dict[str, dict[str, int]]]
"""Stored offsets as JSON can hold them: source, topic id, partition (as text), next offset."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of one source, by name and by id; a topic that is made anew has another id."""

    source: str
    name: str
    topic_id: str


@dataclass(frozen=True, slots=True, order=True)
class Move:
    """One partition's stored offset, from what it was when the batch was read (None: nothing stored) to what it is.

    ``proof`` is what lies right before ``after``; None where nothing does, or nobody looked.
    """

    partition: int
    before: int | None
    after: int
    proof: LogProof | None = field(default=None, compare=False)


_PROOF = tuple(LOG_PROOF.c[name] for name in LogProof.__dataclass_fields__)


def stored_offsets(connection: Connection, source: Source) -> dict[str, dict[int, int]]:
    """The next offset per topic id and partition of a source; empty when nothing of it was ever loaded."""
    table = TOPIC_OFFSET.c
    rows = connection.execute(
        select(table.topic_id, table.partition, table.next_offset)
        .where(table.source == source.name)
        .order_by(table.topic_id, table.partition)
    )
    found: dict[str, dict[int, int]] = {}
    for topic_id, partition, next_offset in rows:
        found.setdefault(topic_id, {})[partition] = next_offset
    return found


def proofs_before(connection: Connection, topic_id: str, offsets: Mapping[int, int]) -> dict[int, LogProof]:
    """What lay right before an offset of each partition when it was stored; a partition without a proof is left out."""
    table = LOG_PROOF.c
    places = tuple_(table.partition, table.next_offset).in_(list(offsets.items()))
    rows = connection.execute(select(table.partition, *_PROOF).where(table.topic_id == topic_id, places))
    return {partition: LogProof(*proof) for partition, *proof in rows}


def earlier_proofs(connection: Connection, topic_id: str, partition: int) -> dict[int, LogProof]:
    """What lay right before each offset of a partition that was ever stored, by offset in ascending order."""
    table = LOG_PROOF.c
    rows = connection.execute(
        select(table.next_offset, *_PROOF)
        .where(table.topic_id == topic_id, table.partition == partition)
        .order_by(table.next_offset)
    )
    return {next_offset: LogProof(*proof) for next_offset, *proof in rows}


def positions(connection: Connection) -> Positions:
    """All stored offsets, to be kept beside what was made from the rows before them."""
    table = TOPIC_OFFSET.c
    rows = connection.execute(
        select(table.source, table.topic_id, table.partition, table.next_offset).order_by(
            table.source, table.topic_id, table.partition
        )
    )
    found: Positions = {}
    for source, topic_id, partition, next_offset in rows:
        found.setdefault(source, {}).setdefault(topic_id, {})[str(partition)] = next_offset
    return found


def have_reached(reached: Mapping[str, Mapping[str, int]], wanted: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether offsets of one source cover other ones: every partition of every topic id at least as far."""
    return all(
        reached.get(topic_id, {}).get(partition, 0) >= next_offset
        for topic_id, partitions in wanted.items()
        for partition, next_offset in partitions.items()
    )


def move_offsets(connection: Connection, topic: Topic, moves: Iterable[Move]) -> None:
    """Move the stored offsets, if they are still where each move says they were, and keep what proves their log.

    An offset that moves back leaves no proof beyond it: what lay there is another log's.

    Raises:
        OffsetsMoved: another loader was first. The caller's transaction has to be undone.
    """
    table = TOPIC_OFFSET.c
    for move in sorted(moves):
        if move.before is None:
            place = {"topic_id": topic.topic_id, "partition": move.partition, "topic": topic.name}
            new = insert(TOPIC_OFFSET).values(**place, source=topic.source, next_offset=move.after)
            moved = connection.execute(new.on_conflict_do_nothing().returning(table.partition)).first()
        else:
            here = (table.topic_id == topic.topic_id) & (table.partition == move.partition)
            moved = connection.execute(
                update(TOPIC_OFFSET)
                .where(here, table.next_offset == move.before)
                .values(next_offset=move.after)
                .returning(table.partition)
            ).first()
        if moved is None:
            raise OffsetsMoved(topic.name, move.partition)
        _keep_proof(connection, topic, move)


def _keep_proof(connection: Connection, topic: Topic, move: Move) -> None:
    table = LOG_PROOF.c
    place = {"topic_id": topic.topic_id, "partition": move.partition}
    if move.before is not None and move.after < move.before:
        here = (table.topic_id == topic.topic_id) & (table.partition == move.partition)
        connection.execute(delete(LOG_PROOF).where(here, table.next_offset > move.after))
    if move.proof is not None:
        proof = {column.name: getattr(move.proof, column.name) for column in _PROOF}
        new = insert(LOG_PROOF).values(**place, next_offset=move.after, **proof)
        connection.execute(new.on_conflict_do_nothing())
