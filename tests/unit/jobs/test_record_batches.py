"""Reading record batches: what kafka-python says, record by record; and what can't be read is kept, with its place."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import IsolationLevel, TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.protocol.consumer import FetchResponse
from kafka.record.legacy_records import LegacyRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords, MemoryRecordsBuilder

from ketenbalans.broker.batch_framing import BatchBoundsLost
from ketenbalans.broker.batch_limits import MEBIBYTE, BatchLimits
from ketenbalans.broker.batch_opening import GZIP, LZ4, NO_CODEC, SNAPPY, XERIAL, ZSTD
from ketenbalans.broker.batch_reading import PIECE_BYTES, BatchReader, TopicRecord, Unread
from ketenbalans.broker.client_hooks import _part_class
from ketenbalans.broker.record_batches import PieceReader
from ketenbalans.broker.record_fields import fields_of
from schemas.dead_letters import LetterForm
from schemas.wire.events import Message
from schemas.wire.messages import header_name_bytes
from schemas.wire.refusals import Reason
from tests.integration.raw_batches import COMPRESS, bomb, raw_batch, record, records, varint

PLACE = TopicPartition("a.topic", 3)
NONE = NO_CODEC
CODECS = [NONE, GZIP, SNAPPY, LZ4, ZSTD]
LIMITS = BatchLimits(batch_bytes=3 * MEBIBYTE, record_bytes=2 * MEBIBYTE)
COMMIT, ABORT = b"\x00\x00\x00\x01", b"\x00\x00\x00\x00"

maybe = st.none() | st.binary(max_size=40)
envelopes = st.lists(st.tuples(maybe, maybe, st.lists(st.tuples(st.text(max_size=9), maybe), max_size=4)), max_size=9)


def batch(first: int, sent: list[Any], *, codec: int = NONE, producer: int = -1) -> bytes:
    own = {"transactional": True, "producer_id": producer, "producer_epoch": 0, "base_sequence": 0}
    builder = MemoryRecordsBuilder(2, codec, 1 << 20, **(own if producer >= 0 else {}))
    for number, (key, value, headers) in enumerate(sent):
        builder.append(timestamp=1_700_000_000_000 + number, key=key, value=value, headers=headers)
    builder.close()
    return at(first, bytes(builder.buffer()))


def at(first: int, written: bytes) -> bytes:
    """A batch as a broker keeps it: it says where the first record is, outside of what the checksum covers."""
    return struct.pack(">q", first) + written[8:]


def marker(first: int, kind: bytes, *, producer: int) -> bytes:
    """The control batch with which a transaction ends."""
    written = bytearray(batch(first, [(kind, b"\x00\x00\x00\x00\x00\x00", [])], producer=producer))
    attributes = struct.unpack_from(">h", written, 21)[0] | 0x20
    struct.pack_into(">h", written, 21, attributes)
    return checked(written)


def checked(written: bytearray) -> bytes:
    from kafka.record.util import calc_crc32c  # noqa: PLC0415

    struct.pack_into(">I", written, 17, calc_crc32c(memoryview(written)[21:]))
    return bytes(written)


def by_kafka_python(written: bytes, begin: int, **named: Any) -> Any:
    return Fetcher.PartitionRecords(
        begin, PLACE, MemoryRecords(written), isolation_level=IsolationLevel.READ_COMMITTED, **named
    )


def by_us(written: bytes, begin: int = 0, limits: BatchLimits = LIMITS, **named: Any) -> Any:
    return _part_class()(
        begin, PLACE, MemoryRecords(written), isolation_level=IsolationLevel.READ_COMMITTED,
        unpack=PieceReader(BatchReader(limits)).pieces, **named,
    )  # fmt: skip


def read(written: bytes, begin: int = 0, limits: BatchLimits = LIMITS) -> tuple[list[TopicRecord], list[Unread], int]:
    """All that was fetched: the records, what is none, and where reading goes on."""
    part, records, unread = by_us(written, begin, limits), [], []
    while part and (pieces := part.take(1)):
        for piece in pieces:
            assert part.next_fetch_offset == piece.offset + 1 or not part
            records += piece.records
            unread += piece.unread
    return records, unread, part.next_fetch_offset


def values(records: list[TopicRecord]) -> list[bytes | None]:
    return [record.value for record in records]


def both(written: bytes, *, begin: int = 0, aborted: Any = ()) -> list[Any]:
    """What each of the two makes of it: the records and where reading goes on."""
    theirs = by_kafka_python(written, begin, aborted_transactions=list(aborted))
    ours = by_us(written, begin, aborted_transactions=list(aborted))
    records = []
    while theirs and (some := theirs.take()):
        records += [
            TopicRecord(one.partition, one.offset, one.key, one.value, list(one.headers), one.timestamp) for one in some
        ]
    found = []
    while ours and (some := ours.take(1)):
        found += [record for piece in some for record in piece.records]
    return [(records, theirs.next_fetch_offset), (found, ours.next_fetch_offset)]


@given(st.lists(envelopes, max_size=3), st.sampled_from([NONE, GZIP, LZ4]), st.integers(0, 12))
def test_it_reads_what_kafka_python_reads(sent: list[Any], codec: int, begin: int) -> None:
    written, first = b"", 0
    for some in sent:
        written += batch(first, some, codec=codec) if some else b""
        first += len(some)
    theirs, ours = both(written, begin=min(begin, max(first - 1, 0)))
    assert ours == theirs


@given(
    st.lists(st.builds(Message, maybe, maybe, st.lists(st.tuples(st.text(max_size=9), maybe), max_size=4)), max_size=9)
)
def test_record_by_record_says_what_the_compiled_reader_says(sent: list[Message]) -> None:
    written = records(sent)
    compiled, unread, _ = read(raw_batch(written, first=40))
    assert unread == []
    one_by_one = [fields_of(one) for one in written]
    assert [(one.key, one.value, list(one.headers)) for one in compiled] == [
        (one.key, one.value, one.headers) for one in one_by_one
    ]
    assert [one.offset for one in compiled] == [40 + one.offset_delta for one in one_by_one]


def good(number: int, size: int = 3) -> Message:
    return Message(b"k%d" % number, b"v%d" % number * size, [("name", b"%d" % number)])


def test_it_leaves_out_what_an_aborted_transaction_wrote() -> None:
    written = b"".join([
        batch(0, [(b"a", b"aborted", [])], producer=7),
        batch(1, [(b"b", b"of another", [])], producer=8),
        marker(2, ABORT, producer=7),
        batch(3, [(b"c", b"committed", [])], producer=7),
        marker(4, COMMIT, producer=7),
    ])  # fmt: skip
    aborted = FetchResponse.FetchableTopicResponse.PartitionData.AbortedTransaction(producer_id=7, first_offset=0)
    theirs, ours = both(written, aborted=[aborted])
    assert ours == theirs
    records, goes_on = ours
    assert (values(records), goes_on) == ([b"of another", b"committed"], 5)


BAD_RECORDS = {
    "a header's name is no UTF-8 and cut short": record(1, Message(b"k", b"v", []))[:-1] + b"\x02\x02\xff",
    "more headers than there are": record(1, Message(b"k", b"v", []))[:-1] + b"\x08",
    "a reserved attribute": record(1, good(1), attributes=0xFF),
    "a key beyond its end": bytes([12, 0, 0, 2, 40, 1, 0]),
}


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("what", BAD_RECORDS)
def test_a_record_that_can_not_be_read_costs_itself_alone(what: str, codec: int) -> None:
    bad = BAD_RECORDS[what]
    if what == "a header's name is no UTF-8 and cut short":
        bad = bytes([bad[0] + 4]) + bad[1:]
    written = batch(0, [(b"a", b"before", [])]) + raw_batch(
        [record(0, good(0)), bad, record(2, good(2))], first=1, codec=codec
    )
    found, unread, goes_on = read(written + raw_batch(records([good(9)]), first=4))
    assert values(found) == [b"before", b"v0" * 3, b"v2" * 3, b"v9" * 3]
    assert [(one.partition, one.offset, one.last_offset, one.form, one.data) for one in unread] == [
        (3, 2, 2, LetterForm.RECORD, bad)
    ]
    assert (unread[0].reason, goes_on) == (Reason.UNREADABLE, 5)


def test_a_headers_name_that_is_no_utf8_comes_through_with_its_bytes() -> None:
    names = [b"x-\xff\xfe", b"\xed\xa0\x80", "naïve".encode()]
    sent = Message(b"k", b"v", [(name.decode(errors="surrogateescape"), b"1") for name in names])
    found, unread, _ = read(raw_batch(records([good(0), sent, good(2)])))
    assert values(found) == [b"v0" * 3, b"v", b"v2" * 3]
    assert [header_name_bytes(name) for name, _ in found[1].headers] == names
    assert unread == []


DAMAGE = {
    "bytes behind what is compressed": lambda codec, whole: raw_batch(
        whole, first=1, codec=codec, compressed=bytes(COMPRESS[codec](b"".join(whole))) + b"more"
    ),
    "compressed in another way": lambda codec, whole: raw_batch(whole, first=1, codec=codec, compressed=b"nothing"),
    "an unknown codec": lambda codec, whole: raw_batch(whole, first=1, attributes=7, codec=NONE),
    "one more record than there is": lambda codec, whole: raw_batch(whole, first=1, codec=codec, count=3),
    "one record fewer than there are": lambda codec, whole: raw_batch(whole, first=1, codec=codec, count=1),
    "two records of one offset": lambda codec, whole: raw_batch([whole[0], whole[0]], first=1, codec=codec),
    "records that are none": lambda codec, whole: raw_batch([b"\xff" * 30, whole[1]], first=1, codec=codec),
    "a format that comes later": lambda codec, whole: raw_batch(whole, first=1)[:16] + b"\x03" + raw_batch(whole)[17:],
    "a byte that fell over": lambda codec, whole: raw_batch(whole, first=1, codec=codec)[:-1] + b"\xaa",
}


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("what", DAMAGE)
def test_a_batch_that_can_not_be_opened_is_kept_whole_with_its_offsets(what: str, codec: int) -> None:
    if codec == NONE and what.startswith("compressed"):
        return
    bad = DAMAGE[what](codec, records([good(1), good(2)]))
    last = 3 if "one more" in what else 1 if "fewer" in what else 2
    before, behind = raw_batch(records([good(0)])), raw_batch(records([good(9)]), first=last + 1)
    found, unread, goes_on = read(before + bad + behind)
    assert values(found) == [b"v0" * 3, b"v9" * 3]
    assert [(one.offset, one.last_offset, one.form, one.data) for one in unread] == [(1, last, LetterForm.BATCH, bad)]
    assert (unread[0].reason, goes_on) == (Reason.UNREADABLE, last + 2)
    assert read(bad, begin=1)[1] == unread


def test_of_a_damaged_batch_that_is_read_from_its_middle_on_that_part_is_kept() -> None:
    bad = raw_batch(records([good(0), good(1), good(2)]), first=5)[:-1] + b"!"
    _, (unread,), goes_on = read(bad, begin=6)
    assert (unread.offset, unread.last_offset, goes_on) == (6, 7, 8)


def test_where_a_damaged_batch_ends_is_said_by_the_next_one_and_never_guessed() -> None:
    bad = bytearray(raw_batch(records([good(0), good(1)]), first=5))
    struct.pack_into(">i", bad, 23, 1_000_000)  # which its checksum covers
    behind = raw_batch(records([good(9)]), first=9)
    found, (unread,), goes_on = read(bytes(bad) + behind, begin=5)
    assert (values(found), unread.last_offset, goes_on) == ([b"v9" * 3], 8, 10)
    with pytest.raises(BatchBoundsLost, match="the batch at offset 5 is damaged"):
        by_us(bytes(bad), 5).take()
    before = raw_batch(records([good(4)]), first=4)
    found, unread_too, goes_on = read(before + bytes(bad), begin=4)
    assert (values(found), unread_too, goes_on) == ([b"v4" * 3], [], 5)


def test_a_batch_shorter_than_any_is_reported_with_its_place() -> None:
    with pytest.raises(BatchBoundsLost, match="offset 7"):
        by_us(struct.pack(">qi", 7, -12) + b"x" * 60, 7).take()


def test_the_format_of_old_brokers_is_refused_by_its_name() -> None:
    builder = LegacyRecordBatchBuilder(1, NONE, 1 << 20)
    builder.append(0, timestamp=0, key=b"a", value=b"b")
    old = at(8, bytes(builder.build()))
    found, (unread,), goes_on = read(old + raw_batch(records([good(9)]), first=9), begin=8)
    assert (unread.data, unread.form, unread.offset, unread.last_offset) == (old, LetterForm.BATCH, 8, 8)
    assert "format 1, older than Kafka 0.11" in unread.rule
    assert (values(found), goes_on) == ([b"v9" * 3], 10)


@pytest.mark.parametrize("codec", CODECS)
def test_what_opens_to_more_than_the_limit_is_kept_whole_and_unopened(codec: int) -> None:
    just = LIMITS.batch_bytes - len(record(0, good(0, 0))) - 8
    fits = raw_batch([record(0, Message(b"k", b"0" * (just // 3), [])), *[record(n, good(n)) for n in (1, 2)]])
    large = bomb(good(1), LIMITS.batch_bytes, codec=codec)
    found, (unread,), goes_on = read(fits + at(3, large))
    assert len(found) == 3
    assert (unread.data, unread.form, unread.offset, unread.last_offset) == (at(3, large), LetterForm.BATCH, 3, 3)
    assert (unread.reason, goes_on) == (Reason.OVERSIZED, 4)
    assert str(LIMITS.batch_bytes) in unread.rule


def test_a_batch_of_very_many_records_is_kept_whole() -> None:
    """However small they are, each costs memory before it is read."""
    written = raw_batch([record(number, good(number)) for number in range(4)])
    found, (unread,), goes_on = read(written, limits=BatchLimits(batch_records=3))
    assert (found, unread.reason, unread.form, goes_on) == ([], Reason.OVERSIZED, LetterForm.BATCH, 4)
    assert "at most 3 records" in unread.rule
    assert len(read(written, limits=BatchLimits(batch_records=4))[0]) == 4


def test_snappy_that_announces_more_than_it_holds_costs_nothing() -> None:
    announced = b"\xff\xff\xff\xff\x0f"
    for compressed in (announced, XERIAL + bytes(8) + struct.pack(">i", 5) + announced):
        _, (unread,), _ = read(raw_batch(records([good(0)]), codec=SNAPPY, compressed=compressed))
        assert unread.reason is Reason.OVERSIZED


@pytest.mark.parametrize("length", [-4, 0, 1_000])
def test_snappy_in_blocks_of_a_length_that_can_not_be_ends(length: int) -> None:
    block = bytes(COMPRESS[SNAPPY](b"".join(records([good(0)]))))
    whole = XERIAL + bytes(8) + struct.pack(">i", len(block)) + block
    found, unread, _ = read(raw_batch(records([good(0)]), codec=SNAPPY, compressed=whole))
    assert (values(found), unread) == ([b"v0" * 3], [])
    _, (unread_one,), _ = read(
        raw_batch(records([good(0)]), codec=SNAPPY, compressed=whole + struct.pack(">i", length))
    )
    assert unread_one.reason is Reason.UNREADABLE


@pytest.mark.parametrize("codec", CODECS)
def test_a_record_larger_than_the_limit_costs_itself_alone(codec: int) -> None:
    large = record(1, Message(b"k", b"0" * LIMITS.record_bytes, []))
    found, (unread,), goes_on = read(raw_batch([record(0, good(0)), large, record(2, good(2))], codec=codec))
    assert values(found) == [b"v0" * 3, b"v2" * 3]
    assert (unread.offset, unread.form, unread.reason, goes_on) == (1, LetterForm.RECORD, Reason.OVERSIZED, 3)
    assert unread.data == large


@pytest.mark.parametrize("codec", CODECS)
def test_a_large_batch_is_given_in_pieces_that_can_be_weighed(codec: int) -> None:
    sent = [good(number, 15_000) for number in range(60)]
    written = raw_batch(records(sent), codec=codec)
    part, pieces = by_us(written), []
    while part and (some := part.take(1)):
        pieces += some
    assert [record.value for piece in pieces for record in piece.records] == [message.value for message in sent]
    assert len(pieces) > 1
    assert max(piece.size_bytes for piece in pieces) < 2 * PIECE_BYTES + 50_000
    found, _, goes_on = read(written, begin=17)
    assert ([one.offset for one in found], goes_on) == (list(range(17, 60)), 60)


def test_a_record_of_millions_of_headers_is_not_taken_apart() -> None:
    body = bytes([0, 0, 0, 1, 1]) + varint(900_000) + b"\x00\x01" * 900_000
    written = raw_batch([varint(len(body)) + body], codec=ZSTD)
    _, (unread,), _ = read(written)
    assert (unread.form, unread.reason) == (LetterForm.RECORD, Reason.UNREADABLE)
    assert "headers" in unread.rule


def test_a_message_without_a_timestamp_has_none() -> None:
    found, _, _ = read(raw_batch(records([good(0)]), timestamp=-1) + raw_batch(records([good(1)]), first=1))
    assert [one.timestamp for one in found] == [-1, 1_700_000_000_000]
