"""How large what is read from a topic may be before it is put aside unread."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class BatchLimits:
    """The bounds within which fetched bytes are opened; what is larger is a dead letter, its bytes unopened.

    Attributes:
        batch_bytes: what the records of one batch may come to when they are decompressed. A batch on a topic of default
            settings has a megabyte at most before that; ours have 256 kB. So this leaves room for batches that
            compress well.
        batch_records: how many records one batch may have. Each costs some 150 bytes before any is read, however small
            it is; ours have a few hundred in a batch.
        record_bytes: what one record may come to, with its key and headers. Above the megabyte from which a value is
            refused as oversized, so that a large message that somebody sent by mistake is still kept in its parts.
    """

    batch_bytes: int = 32 * MEBIBYTE
    record_bytes: int = 8 * MEBIBYTE
    batch_records: int = 200_000
