"""What proves that the log of a partition is still the one that was loaded: its batch before an offset."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogProof:
    """The batch of a partition's log that holds the record before an offset; two are equal when the bytes are.

    A broker writes a batch once and never changes it (on a topic that is not compacted, as ours are not), so a log that
    holds another one there is another log: its disk went back to an older copy, and other records came under the same
    offsets.

    Attributes:
        last_offset: the offset of the batch's last record.
        leader_epoch: the broker's term in which it was written.
        timestamp_ms: the newest moment in it, in milliseconds since 1970.
        digest: SHA-256 of it in hex, from its checksum to its end; the offset and the term are not in that.
    """

    last_offset: int
    leader_epoch: int
    timestamp_ms: int
    digest: str
