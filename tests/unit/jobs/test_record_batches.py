"""The compiled reading of record batches says what kafka-python's own says, record by record."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import IsolationLevel, TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError, KafkaError, UnsupportedVersionError
from kafka.protocol.consumer import FetchResponse
from kafka.record.legacy_records import LegacyRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords, MemoryRecordsBuilder

from jobs.record_batches import Record, _PartitionRecords

PLACE = TopicPartition("a.topic", 3)
NONE, GZIP, LZ4 = 0, 1, 3
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


def both(written: bytes, *, begin: int = 0, take: int | None = None, aborted: Any = ()) -> list[Any]:
    """What each of the two makes of it: the records and where reading goes on, or the error."""
    found: list[Any] = []
    for opened_by in (Fetcher.PartitionRecords, _PartitionRecords):
        part = opened_by(
            begin, PLACE, MemoryRecords(written), isolation_level=IsolationLevel.READ_COMMITTED,
            aborted_transactions=list(aborted),
        )  # fmt: skip
        records = []
        try:
            while part and (some := part.take(take)):
                records += some
        except KafkaError as error:
            found.append(type(error))
        else:
            told = [
                Record(one.partition, one.offset, one.key, one.value, list(one.headers), one.timestamp)
                for one in records
            ]
            found.append((told, part.next_fetch_offset))
    return found


@given(
    st.lists(envelopes, max_size=3),
    st.sampled_from([NONE, GZIP, LZ4]),
    st.integers(0, 12),
    st.sampled_from([1, 2, None]),
)
def test_it_reads_what_kafka_python_reads(sent: list[Any], codec: int, begin: int, take: int | None) -> None:
    written, first = b"", 0
    for some in sent:
        written += batch(first, some, codec=codec) if some else b""
        first += len(some)
    theirs, ours = both(written, begin=min(begin, max(first - 1, 0)), take=take)
    assert ours == theirs


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
    assert ([record.value for record in records], goes_on) == ([b"of another", b"committed"], 5)


def test_a_damaged_batch_is_an_error_and_what_lies_before_it_is_read() -> None:
    good, bad = batch(0, [(b"a", b"good", [])]), bytearray(batch(1, [(b"b", b"secret", [])]))
    bad[-3] ^= 1
    assert both(good + bytes(bad)) == [CorruptRecordError, CorruptRecordError]
    part = _PartitionRecords(0, PLACE, MemoryRecords(good + bytes(bad)))
    assert [record.value for record in part.take()] == [b"good"]
    assert part.next_fetch_offset == 1


@pytest.mark.parametrize("where", ["a header's name", "the compressed part"])
def test_what_can_not_be_read_is_told_without_what_it_says(where: str) -> None:
    secret = [(b"k", b"secret", [("name", b"")])]
    written = bytearray(batch(5, secret, codec=NONE if where == "a header's name" else LZ4))
    spot = written.index(b"name") if where == "a header's name" else 61
    written[spot : spot + 4] = b"\xff\xfe\xfd\xfc"
    part = _PartitionRecords(5, PLACE, MemoryRecords(checked(written)))
    with pytest.raises(CorruptRecordError, match=r"the batch at offset 5 can't be read") as caught:
        part.take()
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_the_format_of_old_brokers_is_refused() -> None:
    builder = LegacyRecordBatchBuilder(1, NONE, 1 << 20)
    builder.append(0, timestamp=0, key=b"a", value=b"b")
    with pytest.raises(UnsupportedVersionError, match="format 1"):
        _PartitionRecords(0, PLACE, MemoryRecords(bytes(builder.build()))).take()
