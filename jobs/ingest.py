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
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Engine

from jobs.ahead import ahead, hands_over_often
from jobs.incidents import OffsetPastEnd, RecordsGone, TopicGone, TopicRecreated
from jobs.topic_reader import Chunk, PositionsLost, TopicReader, TopicState
from schemas.declaration import Source
from schemas.events import Message, decode
from warehouse.errors import OffsetsMoved
from warehouse.loading import Batch, DeadLetter, Loaded, OnStep, load, run_totals
from warehouse.offsets import Move, Topic, stored_offsets

__all__ = ["Loaded", "ingest", "run_totals", "waiting_on"]

TRIES = 8
LONGEST_PAUSE_SECONDS = 2.0


def _unheard(_step: str) -> None:
    """Nobody listens to the steps."""


def ingest(  # noqa: PLR0913 (each is named at the call)
    source: Source,
    *,
    engine: Engine,
    bootstrap: str,
    run: str,
    accept_recreated_topic: bool = False,
    on_step: OnStep = _unheard,
) -> Loaded:
    """Load everything that waits on the topic of a source when this starts; gives what this call did.

    Args:
        source: whose topic.
        engine: the warehouse, migrated.
        bootstrap: Kafka.
        run: who loads. ``run_totals`` counts over all tries of a run, also those that died.
        accept_recreated_topic: whether a topic that was made anew is loaded from its start; it is an incident when not.
        on_step: told each step's name when it is done, so that a test can end the process in between.

    Raises:
        IngestIncident: the topic is not what the warehouse has read of it; nothing was moved.
        BrokerUnreachable: Kafka does not answer; what was loaded stays loaded.
        WarehouseUnreachable: the warehouse does not answer.
        OffsetsMoved: other loaders were first, each time.
    """
    job = _Ingest(source, engine, run, on_step)
    loaded = Loaded()
    with TopicReader(bootstrap, source.topic) as reader:
        for tries_left in reversed(range(TRIES)):
            try:
                state = reader.state()
                before = job.offsets_to_start_from(state, accept_recreated_topic=accept_recreated_topic)
                if state is not None:
                    with job.read_ahead(reader, state, before) as batches:
                        for batch in batches:
                            loaded += job.load_batch(reader, state.topic_id, batch, before)
            except (OffsetsMoved, PositionsLost):
                if not tries_left:
                    raise
                pause_seconds = min(LONGEST_PAUSE_SECONDS, 0.05 * 2 ** (TRIES - tries_left))
                time.sleep(pause_seconds * random.uniform(0.5, 1.0))  # noqa: S311 (so that two loaders part ways)
            else:
                break
    return loaded


def waiting_on(reader: TopicReader, source: Source, *, engine: Engine) -> int:
    """How many offsets of a source's topic are not loaded yet; 0 when ``ingest`` has nothing to do.

    What ``ingest`` would refuse as an incident counts as at least one, so that whoever waits runs it and hears why.
    """
    state = reader.state()
    with engine.connect() as connection:
        stored = stored_offsets(connection, source)
    if state is None:
        return 1 if stored else 0
    offsets = stored.get(state.topic_id, {})
    behind = sum(abs(end - offsets.get(partition, 0)) for partition, end in state.ends.items())
    return max(behind, 1) if stored and not offsets else behind


def _begin(before: Mapping[int, int | None]) -> dict[int, int]:
    return {partition: offset or 0 for partition, offset in before.items()}


@dataclass(frozen=True)
class _Ingest:
    """One call of ``ingest``: what stays the same over its batches."""

    source: Source
    engine: Engine
    run: str
    on_step: OnStep

    def offsets_to_start_from(self, state: TopicState | None, *, accept_recreated_topic: bool) -> dict[int, int | None]:
        """The stored offset of each partition, None where nothing is stored, which means the topic's first record.

        Raises:
            IngestIncident: reading on from there would pass something over, or read it as something else.
        """
        with self.engine.connect() as connection:
            stored = stored_offsets(connection, self.source)
        if state is None:
            if stored:
                raise TopicGone(self.source)
            return {}
        if stored and state.topic_id not in stored:
            if not accept_recreated_topic:
                raise TopicRecreated(self.source, state.topic_id)
            stored[state.topic_id] = self._accept(state)
        before = {partition: stored.get(state.topic_id, {}).get(partition) for partition in state.ends}
        for partition, offset in _begin(before).items():
            if offset < state.starts[partition]:
                raise RecordsGone(self.source, partition, stored=offset, start=state.starts[partition])
            if offset > state.ends[partition]:
                raise OffsetPastEnd(self.source, partition, stored=offset, end=state.ends[partition])
        return before

    @contextmanager
    def read_ahead(
        self, reader: TopicReader, state: TopicState, before: Mapping[int, int | None]
    ) -> Iterator[Iterator["_ReadBatch"]]:
        """The micro-batches, read in one thread and decoded in another, while the last one is written in this one."""
        given_up = threading.Event()
        chunks_read = self._read(reader.read(_begin(before), state.ends, given_up), _begin(before))
        with (
            hands_over_often(),
            ahead(chunks_read, give_up=given_up.set) as chunks,
            ahead(self._decoded(chunks), give_up=given_up.set) as batches,
        ):
            yield batches

    def _read(self, chunks: Iterator[Chunk], begin: Mapping[int, int]) -> Iterator[Chunk]:
        for chunk in chunks:
            if chunk.messages or chunk.positions != begin:
                self.on_step("read")
                yield chunk

    def _decoded(self, chunks: Iterator[Chunk]) -> Iterator["_ReadBatch"]:
        for chunk in chunks:
            read = _decode(self.source, chunk)
            self.on_step("decoded")
            yield read

    def load_batch(
        self, reader: TopicReader, topic_id: str, read: "_ReadBatch", before: dict[int, int | None]
    ) -> Loaded:
        """Write a batch whole; ``before`` then says where its partitions are."""
        now = reader.topic_id()
        if now != topic_id:  # made anew while it was read: whose messages these are, nobody can say
            raise TopicGone(self.source) if now is None else TopicRecreated(self.source, now)
        batch = Batch(
            source=self.source,
            topic=Topic(self.source.name, self.source.topic, topic_id),
            run=self.run,
            events=read.events,
            dead_letters=read.dead_letters,
            moves=[
                Move(partition, before[partition], position)
                for partition, position in read.positions.items()
                if position != (before[partition] or 0)
            ],
        )
        loaded = load(self.engine, batch, on_step=self.on_step)
        before.update({move.partition: move.after for move in batch.moves})
        return loaded

    def _accept(self, state: TopicState) -> dict[int, int]:
        """Store the start of a topic that was made anew, so that from here on it is the topic."""
        moves = [Move(partition, None, start) for partition, start in state.starts.items()]
        topic = Topic(self.source.name, self.source.topic, state.topic_id)
        nothing = decode(self.source, []).events
        load(self.engine, Batch(source=self.source, topic=topic, run=self.run, events=nothing, moves=moves))
        self.on_step("accepted")
        return dict(state.starts)


@dataclass(frozen=True)
class _ReadBatch:
    """A micro-batch, decoded: the messages themselves are gone, apart from those that are no events."""

    events: pl.DataFrame
    dead_letters: list[DeadLetter]
    positions: Mapping[int, int]


def _decode(source: Source, chunk: Chunk) -> _ReadBatch:
    decoded = decode(source, chunk.messages)
    letters = []
    for refusal in decoded.refusals:
        record = chunk.messages[refusal.position]
        message = Message(record.key, record.value, record.headers)
        letters.append(DeadLetter(record.partition, record.offset, message, refusal))
    return _ReadBatch(decoded.events, letters, chunk.positions)
