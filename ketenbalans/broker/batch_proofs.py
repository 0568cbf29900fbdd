"""The proof of what lies before an offset of a log: the bytes of the batch there, whether it can be read or not."""

import hashlib
import struct
from collections.abc import Iterator
from typing import NamedTuple

from ketenbalans.broker.batch_framing import MAGIC_AT, MESSAGE_FORMAT, OFFSET_AND_LENGTH, BatchHead, Bytes, framed
from ketenbalans.broker.batch_opening import HEAD
from ketenbalans.broker.client_hooks import FetchedPart
from schemas.log_proofs import LogProof

BEFORE_THE_CHECKSUM = 17
"""Bytes at the start of a batch that are not digested: offset, length, term, format. The broker writes them."""

TERM = struct.Struct(">i")
TERM_AT = 12
NOT_GIVEN = -1


class LastBatch(NamedTuple):
    """The last batch of a partition that was gone through: its bytes, and its first and last offset."""

    data: Bytes
    offset: int
    last_offset: int


class FirstBatch(NamedTuple):
    """The batch that holds the record at a position, of a partition."""

    partition: int
    offset: int
    proof: LogProof


def first_batch_of(part: FetchedPart, partition: int, fetched: memoryview) -> Iterator[FirstBatch]:
    """The first batch of what was fetched of a partition, which is all that is wanted, unopened."""
    for written, _ in framed(fetched):
        part.next_fetch_offset = part.fetch_offset + 1
        yield FirstBatch(partition, part.fetch_offset, proof_of(written))
        break
    part.drain()


def proof_before(batch: LastBatch, offset: int) -> LogProof | None:
    """The proof of what lies before an offset, from the batch that reading had come to; None when it lies elsewhere."""
    return proof_of(batch.data) if batch.offset < offset <= batch.last_offset + 1 else None


def proof_of(data: Bytes) -> LogProof:
    """A batch as a proof. Of one that is damaged, or of an old format, it holds what its bytes say, true or not."""
    digest = hashlib.sha256(memoryview(data)[BEFORE_THE_CHECKSUM:]).hexdigest()
    if data[MAGIC_AT] == MESSAGE_FORMAT and len(data) >= HEAD.size:
        head = BatchHead.of(data)
        return LogProof(head.last_offset, TERM.unpack_from(data, TERM_AT)[0], head.max_timestamp, digest)
    return LogProof(OFFSET_AND_LENGTH.unpack_from(data)[0], NOT_GIVEN, NOT_GIVEN, digest)
