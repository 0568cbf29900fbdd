"""Where reading goes on, and what in a micro-batch stops it: pure decisions, with their nearest neighbours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from ketenbalans.broker.batch_reading import TopicRecord, Unread
from ketenbalans.broker.reading import Chunk
from ketenbalans.broker.topic_state import TopicState
from ketenbalans.incidents.checks import (
    IngestIncident,
    LogDiffers,
    PartitionAdded,
    RecordsGone,
    TopicGone,
    TopicRecreated,
    incident_kinds,
)
from ketenbalans.incidents.chunk_checks import before_all, clocks_ahead, newer_types
from ketenbalans.incidents.kept import Decided
from ketenbalans.incidents.log_checks import last_same
from ketenbalans.jobs.loading.where_to_start import where_to_start
from schemas.dead_letters import LetterForm
from schemas.log_proofs import LogProof
from schemas.sources.police_deliveries import SOURCE as POLICE
from schemas.wire.messages import Message, Refusal
from schemas.wire.refusals import Reason
from tests.unit.an_incident import incident_of
from warehouse.offsets import Move

ID = "id-1"
STORED = {ID: {0: 5, 1: 7}}
WRITTEN = datetime(2026, 3, 1, tzinfo=UTC)


def state(*, topic_id: str = ID, starts: tuple[int, ...] = (0, 0), ends: tuple[int, ...] = (9, 7)) -> TopicState:
    return TopicState(topic_id, dict(enumerate(starts)), dict(enumerate(ends)))


def decided(error: IngestIncident, *, is_resumed: bool) -> Decided:
    """What is known once an incident was met, and perhaps resumed."""
    kind, resumed_at = str(error.incident_kind), WRITTEN if is_resumed else None
    return Decided.of([incident_of(kind=kind, mark=error.mark, notes=error.notes, resumed_at=resumed_at)])


STOPS: dict[type[IngestIncident], tuple[TopicState | None, dict[int, int]]] = {
    TopicGone: (None, {}),
    TopicRecreated: (state(topic_id="id-2"), {}),
    PartitionAdded: (state(starts=(0, 0, 0), ends=(9, 7, 0)), {}),
    RecordsGone: (state(starts=(6, 0)), {}),
    LogDiffers: (state(), {1: 3}),
}
"""The topic as it is, and up to where its log is the one that was loaded; what is stored is ``STORED``."""


def met(kind: type[IngestIncident], known: Decided = Decided()) -> IngestIncident:  # noqa: B008 (it is frozen)
    topic, same_until = STOPS[kind]
    with pytest.raises(kind) as caught:
        where_to_start(POLICE, topic, STORED, known, same_until)
    assert type(caught.value) is kind
    return caught.value


@pytest.mark.parametrize("stored", [{}, STORED])
def test_an_ordinary_topic_goes_on_at_its_stored_offsets(stored: Any) -> None:
    start = where_to_start(POLICE, state(), stored, Decided(), {})
    assert (start.offsets, start.moves) == (stored.get(ID, {0: None, 1: None}), [])
    assert where_to_start(POLICE, None, {}, Decided(), {}).offsets == {}


@pytest.mark.parametrize("kind", STOPS)
def test_what_was_met_and_not_resumed_is_met_again(kind: type[IngestIncident]) -> None:
    first = met(kind)
    assert met(kind, decided(first, is_resumed=False)).mark == first.mark


@pytest.mark.parametrize(
    ("kind", "offsets", "moves"),
    [
        (TopicGone, {}, []),
        (TopicRecreated, {0: 0, 1: 0}, [Move(0, None, 0), Move(1, None, 0)]),
        (PartitionAdded, {0: 5, 1: 7, 2: None}, []),
    ],
)
def test_what_was_resumed_goes_on(kind: type[IngestIncident], offsets: Any, moves: Any) -> None:
    topic, same_until = STOPS[kind]
    start = where_to_start(POLICE, topic, STORED, decided(met(kind), is_resumed=True), same_until)
    assert (start.offsets, start.moves) == (offsets, moves)


@pytest.mark.parametrize("kind", [TopicRecreated, PartitionAdded])
def test_other_evidence_is_met_although_some_was_resumed(kind: type[IngestIncident]) -> None:
    known = decided(met(kind), is_resumed=True)
    other = state(topic_id="id-3") if kind is TopicRecreated else state(starts=(0,) * 4, ends=(9, 7, 0, 0))
    with pytest.raises(kind) as caught:
        where_to_start(POLICE, other, STORED, known, {})
    assert "id-2" not in caught.value.mark
    assert not caught.value.mark.startswith(f"{ID}/2")


def test_resuming_records_that_are_gone_stores_every_partition() -> None:
    """One that is stored alone would make the others look as if they had been added."""
    with pytest.raises(RecordsGone) as caught:
        where_to_start(POLICE, state(starts=(3, 0)), {}, Decided(), {})
    assert caught.value.notes == {"topic_id": ID, "moves": [[0, None, 3], [1, None, 0]]}
    assert met(RecordsGone).notes == {"topic_id": ID, "moves": [[0, 5, 6]]}


@pytest.mark.parametrize("end", [2, 7, 700])
def test_another_log_is_met_however_far_it_grows_and_goes_on_where_both_are_the_same(end: int) -> None:
    with pytest.raises(LogDiffers) as caught:
        where_to_start(POLICE, state(ends=(9, end)), STORED, decided(met(LogDiffers), is_resumed=True), {1: 2})
    assert caught.value.notes == {"topic_id": ID, "moves": [[1, 7, 2]]}
    assert f"up to offset 2 and another one from there on (loaded up to 7, it ends at {end})" in str(caught.value)


OFFSETS = [3, 5, 9, 14]


@pytest.mark.parametrize("same", range(len(OFFSETS) + 1))
def test_the_furthest_offset_before_which_both_logs_are_the_same_is_found(same: int) -> None:
    def proof(offset: int, log: str) -> LogProof:
        return LogProof(offset - 1, 0, 0, f"{log} {offset}")

    def before(offset: int) -> LogProof:
        return proof(offset, "one" if OFFSETS.index(offset) < same else "other")

    known = [(offset, proof(offset, "one")) for offset in OFFSETS]
    assert last_same(known, before) == (OFFSETS[same - 1] if same else None)


@pytest.mark.parametrize(
    ("event_type", "is_newer"),
    [
        (b"nl.keten.police.delivery.v2", True),
        (b"nl.keten.police.delivery.v10", True),
        (b"nl.keten.police.delivery.v1", False),
        (b"nl.keten.police.delivery.v0", False),
        (b"nl.keten.police.delivery.v02", False),
        (b"nl.keten.police.delivery.v2x", False),
        (b"nl.keten.police.delivery.v", False),
        (b"nl.keten.police.delivery.v\xff", False),
        (b"nl.keten.om.registration.v2", False),
        (None, False),
    ],
)
def test_a_newer_schema_has_the_stem_and_a_higher_version(event_type: bytes | None, is_newer: bool) -> None:  # noqa: FBT001
    messages = [Message(b"k", b"{}", [("ce_type", event_type)])]
    found = newer_types(POLICE, messages, [Refusal(0, Reason.UNKNOWN_VERSION, "ce_type", "is known")])
    assert found == ([(0, (event_type or b"").decode())] if is_newer else [])
    assert newer_types(POLICE, messages, [Refusal(0, Reason.SCHEMA, None, "holds")]) == []


@pytest.mark.parametrize(
    ("after", "is_ahead"),
    [(timedelta(days=-900), False), (timedelta(hours=24), False), (timedelta(hours=24, milliseconds=1), True)],
)
def test_a_clock_may_be_ahead_by_a_day_and_no_more(after: timedelta, is_ahead: bool) -> None:  # noqa: FBT001
    recorded_at = pl.Series([WRITTEN + after], dtype=pl.Datetime("us", "UTC"))
    milliseconds = int(WRITTEN.timestamp() * 1000)
    later = milliseconds + 5_000
    assert clocks_ahead([milliseconds], recorded_at, read_at_ms=later) == ([0] if is_ahead else [])


@pytest.mark.parametrize("timestamp", [-1, 0, 253_402_300_799_000])
@pytest.mark.parametrize(("after", "is_ahead"), [(timedelta(hours=24), False), (timedelta(hours=24, seconds=1), True)])
def test_a_message_that_says_no_moment_or_a_coming_one_is_held_against_when_it_was_read(
    timestamp: int,
    after: timedelta,
    is_ahead: bool,  # noqa: FBT001
) -> None:
    recorded_at = pl.Series([WRITTEN + after], dtype=pl.Datetime("us", "UTC"))
    read_at_ms = int(WRITTEN.timestamp() * 1000)
    assert clocks_ahead([timestamp], recorded_at, read_at_ms=read_at_ms) == ([0] if is_ahead else [])


def test_a_stop_cuts_its_partition_there_and_leaves_the_others_whole() -> None:
    places = [(0, 4), (1, 8), (0, 5), (0, 6), (1, 9)]
    unread = [
        Unread(*place, LetterForm.RECORD, b"", Reason.UNREADABLE, "") for place in [(0, 4, 4), (0, 5, 5), (1, 9, 9)]
    ]
    chunk = Chunk(
        [TopicRecord(*place, None, None, (), -1) for place in places],
        unread,
        positions={0: 7, 1: 10, 2: 3},
        read_at_ms=5,
    )
    cut = before_all(chunk, [3, 2])
    assert ([(one.partition, one.offset) for one in cut.unread], cut.read_at_ms) == ([(0, 4), (1, 9)], 5)
    assert [(one.partition, one.offset) for one in cut.messages] == [(0, 4), (1, 8), (1, 9)]
    assert cut.positions == {0: 5, 1: 10, 2: 3}
    assert before_all(chunk, []).messages == chunk.messages


def test_every_kind_says_what_resuming_it_means() -> None:
    for kind in incident_kinds().values():
        assert kind.resumed, kind
        assert kind.__doc__
