"""Load what waits on a source's topic: exactly once in effect.

Read from the offsets stored in the warehouse to the ends as they are at the start, decode, and write rows, dead
letters, totals and offsets of each micro-batch in one transaction. Killed anywhere, it loses nothing and doubles
nothing: the next call goes on where the last transaction ended. Reading, decoding and writing are three threads, so
that they overlap; only what is committed counts, so what was read or decoded ahead is never lost, only read again.
"""

import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from ketenbalans.broker.access import Kafka
from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.batch_reading import TopicRecord, Unread
from ketenbalans.broker.errors import TopicNotReadable, TopicUnreachable
from ketenbalans.broker.memory import collected_rarely
from ketenbalans.broker.prefetch import prefetch
from ketenbalans.broker.reading import Chunk, PositionsLost, TopicReader
from ketenbalans.broker.topic_state import TopicState
from ketenbalans.incidents.checks import TopicGone, TopicIncident, TopicRecreated, TopicUnreadable
from ketenbalans.incidents.chunk_checks import what_stops
from ketenbalans.incidents.kept import Decided, decided_about
from ketenbalans.incidents.log_checks import compare_log
from ketenbalans.jobs.loading.where_to_start import topic_is_missed, where_to_start
from schemas.dead_letters import LetterForm
from schemas.declaration import Source
from schemas.log_proofs import LogProof
from schemas.wire.events import Message, Refusal
from schemas.wire.extract_rows import extract_rows
from schemas.wire.versions import decode_versions
from warehouse.errors import OffsetsMoved
from warehouse.extracts import keep_lost
from warehouse.loading import Batch, DeadLetter, Loaded, load, run_totals
from warehouse.offsets import Move, Topic, stored_offsets
from warehouse.staging import CopyRows, OnStep, copy_rows

__all__ = ["Loaded", "ingest", "run_totals", "waiting_on"]

TRIES = 8
LONGEST_PAUSE_SECONDS = 2.0


def _ignore_step(_step: str) -> None:
    """Nobody listens to the steps."""


def ingest(  # noqa: PLR0913 (each by its name)
    source: Source,
    *,
    engine: Engine,
    bootstrap: Kafka,
    run: str,
    on_step: OnStep = _ignore_step,
    limits: BatchLimits | None = None,
) -> Loaded:
    """Load everything that waits on the topic of a source when this starts; gives what this call did.

    Args:
        source: whose topic.
        engine: the warehouse, migrated.
        bootstrap: Kafka.
        run: who loads. ``run_totals`` counts over all tries of a run, also those that died.
        on_step: called with each step's name when it is done, so that a test can end the process in between.
        limits: how large what is opened may be; what is larger becomes a dead letter.

    Raises:
        TopicIncident: the topic is not what the warehouse has read of it, and nobody resumed that; nothing was moved
            beyond it.
        BrokerUnreachable: Kafka does not answer; what was loaded stays loaded.
        WarehouseUnreachable: the warehouse does not answer.
        OffsetsMoved: other loaders were first, each time.
    """
    job = _Ingest(source, engine, run, on_step)
    loaded = Loaded()
    with TopicReader(bootstrap, source.topic, limits) as reader:
        for tries_left in reversed(range(TRIES)):
            try:
                state = reader.state()
                before, decided = job.offsets_to_start_from(reader, state)
                if state is not None:
                    with job.prefetch_batches(reader, state, before, decided) as batches:
                        for number, batch in enumerate(batches):
                            if number == 0:  # from here on a broker that comes back is noticed by its connection
                                job.is_still_the_log(reader, state)
                            loaded += job.load_batch(reader, state, batch, before)
            except TopicNotReadable as refused:
                raise TopicUnreadable(refused.bootstrap, refused.topic, refused.reason) from None
            except (OffsetsMoved, PositionsLost) as error:
                if not tries_left:
                    gave_up = TopicUnreachable(str(bootstrap), source.topic, "it goes away and comes back")
                    raise error if isinstance(error, OffsetsMoved) else gave_up from None
                pause_seconds = min(LONGEST_PAUSE_SECONDS, 0.05 * 2 ** (TRIES - tries_left))
                time.sleep(pause_seconds * random.uniform(0.5, 1.0))  # noqa: S311 (so that two loaders part ways)
            else:
                break
    return loaded


def waiting_on(reader: TopicReader, source: Source, *, engine: Engine, also_the_log: bool = True) -> int:
    """How many offsets of a source's topic are not loaded yet; 0 when ``ingest`` has nothing to do.

    What ``ingest`` would refuse as an incident counts as at least one, so that whoever waits runs it and learns why.
    Whether the log is still the one that was loaded costs a fetch more, so whoever asks often may leave that out.
    """
    try:
        return _waiting_on(reader, source, engine, also_the_log=also_the_log)
    except (TopicNotReadable, PositionsLost):
        return 1


def _waiting_on(reader: TopicReader, source: Source, engine: Engine, *, also_the_log: bool) -> int:
    state = reader.state(with_starts=also_the_log)
    with engine.connect() as connection:
        stored = stored_offsets(connection, source)
        if state is None:
            return int(topic_is_missed(stored, decided_about(connection, source.name)))
    differs = also_the_log and compare_log(engine, reader, state, source, stored).shows_a_loss
    offsets = stored.get(state.topic_id, {})
    behind = sum(abs(end - offsets.get(partition, 0)) for partition, end in state.ends.items())
    return max(behind, 1) if differs or (stored and not offsets) else behind


def _begin(before: Mapping[int, int | None]) -> dict[int, int]:
    return {partition: offset or 0 for partition, offset in before.items()}


@dataclass(frozen=True)
class _Ingest:
    """One call of ``ingest``: what stays the same over its batches."""

    source: Source
    engine: Engine
    run: str
    on_step: OnStep

    def offsets_to_start_from(
        self, reader: TopicReader, state: TopicState | None
    ) -> tuple[dict[int, int | None], Decided]:
        """Where each partition goes on, and what persons decided about incidents of the source.

        That is its stored offset, and None where nothing is stored, which means the topic's first record.

        Raises:
            TopicIncident: reading on from there would pass something over, or read it as something else.
        """
        with self.engine.connect() as connection:
            stored, decided = stored_offsets(connection, self.source), decided_about(connection, self.source.name)
        look = compare_log(self.engine, reader, state, self.source, stored)
        start = where_to_start(self.source, state, stored, decided, look.same_until)
        if look.lost:
            with self.engine.begin() as connection:
                keep_lost(connection, look.lost)
        if state is not None:
            here = stored.get(state.topic_id, {})
            proven = [
                Move(partition, here[partition], here[partition], proof) for partition, proof in look.unproven.items()
            ]
            if start.moves or proven:
                topic = Topic(self.source.name, self.source.topic, state.topic_id)
                load(self.engine, Batch(source=self.source, topic=topic, run=self.run, moves=[*start.moves, *proven]))
                self.on_step("accepted")
        return start.offsets, decided

    def is_still_the_log(self, reader: TopicReader, state: TopicState) -> None:
        """Look at the log once more, now that messages of it were read.

        Raises:
            PositionsLost: it became another one since it was looked at.
        """
        with self.engine.connect() as connection:
            stored = stored_offsets(connection, self.source)
        if compare_log(self.engine, reader, state, self.source, stored).same_until:
            message = f"{self.source.topic} became another log while it was read"
            raise PositionsLost(message)

    @contextmanager
    def prefetch_batches(
        self, reader: TopicReader, state: TopicState, before: Mapping[int, int | None], decided: Decided
    ) -> Iterator[Iterator["_ReadBatch"]]:
        """The micro-batches, read in one thread and decoded in another, while the last one is written in this one."""
        given_up = threading.Event()
        chunks_read = self._read(reader.read(_begin(before), state.ends, given_up), _begin(before))
        with (
            collected_rarely(),
            prefetch(chunks_read, give_up=given_up.set) as chunks,
            prefetch(self._decoded(chunks, state, decided), give_up=given_up.set) as batches,
        ):
            yield batches

    def _read(self, chunks: Iterator[Chunk], begin: Mapping[int, int]) -> Iterator[Chunk]:
        for chunk in chunks:
            if chunk.messages or chunk.unread or chunk.positions != begin:
                self.on_step("read")
                yield chunk

    def _decoded(self, chunks: Iterator[Chunk], state: TopicState, decided: Decided) -> Iterator["_ReadBatch"]:
        for chunk in chunks:
            read = _decode(self.source, chunk, state, decided)
            self.on_step("decoded")
            yield read

    def load_batch(
        self, reader: TopicReader, state: TopicState, read: "_ReadBatch", before: dict[int, int | None]
    ) -> Loaded:
        """Write a batch whole; ``before`` then says where its partitions are.

        Raises:
            TopicIncident: something stops the source; what lies before it was written.
        """
        now = reader.topic_id()
        if now != state.topic_id:  # made anew while it was read: whose messages these are, nobody can say
            raise TopicGone(self.source, [state.topic_id]) if now is None else TopicRecreated(self.source, now)
        batch = Batch(
            source=self.source,
            topic=Topic(self.source.name, self.source.topic, state.topic_id),
            run=self.run,
            rows=read.rows,
            sent=read.sent,
            dead_letters=read.dead_letters,
            extract_rows=read.extract_rows,
            moves=[
                Move(partition, before[partition], position, read.proofs.get(partition))
                for partition, position in read.positions.items()
                if position != before[partition]  # also one that is empty: it is known, so it was not added later
            ],
        )
        loaded = load(self.engine, batch, on_step=self.on_step)
        before.update({move.partition: move.after for move in batch.moves})
        if read.stop is not None:
            raise read.stop
        return loaded


@dataclass(frozen=True)
class _ReadBatch:
    """A micro-batch, ready to be written. ``stop`` is what stops the source right after it."""

    rows: CopyRows
    sent: list[TopicRecord]
    dead_letters: list[DeadLetter]
    extract_rows: Mapping[str, list[int]]
    positions: Mapping[int, int]
    proofs: Mapping[int, LogProof]
    stop: TopicIncident | None = None


def _decode(source: Source, chunk: Chunk, state: TopicState, decided: Decided) -> _ReadBatch:
    decoded = decode_versions(source, chunk.messages)
    if (stop := what_stops(source, state, chunk, decoded, decided)) is not None:
        return replace(_decode(source, stop.before, state, decided), stop=stop.incident)
    letters = []
    for refusal in decoded.refusals:
        record = chunk.messages[refusal.position]
        message = Message(record.key, record.value, record.headers)
        letters.append(DeadLetter(record.partition, record.offset, message, refusal))
    letters += map(_unread_letter, chunk.unread)
    refused = {refusal.position for refusal in decoded.refusals}
    return _ReadBatch(
        rows=copy_rows(source, decoded.events),
        sent=[record for position, record in enumerate(chunk.messages) if position not in refused],
        dead_letters=letters,
        extract_rows=extract_rows(chunk.messages),
        positions=chunk.positions,
        proofs=chunk.proofs,
    )


def _unread_letter(unread: Unread) -> DeadLetter:
    """What holds no message that can be read, to be kept as its bytes."""
    refusal = Refusal(0, unread.reason, None, unread.rule)
    message = Message(None, unread.data, [])
    last_offset = unread.last_offset if unread.form is LetterForm.BATCH else None
    return DeadLetter(unread.partition, unread.offset, message, refusal, unread.form, last_offset)
