"""What is audited: the tables of which each new row becomes an entry of the chain, and what an entry is.

One declaration per kind, which the check and the pages follow. A kind that is added says here what it is, and the
migration that makes its table calls ``warehouse.sealing.seal_inserts``. The trigger keeps what it was made with: a
declaration that changes needs a migration that makes the trigger anew, and a test holds the two against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

CHECKPOINT_TOPIC = "audit.checkpoints"
"""Where checkpoints are sent: kept for good, by whoever keeps the topic."""

NOTHING_BEFORE = "0" * 64
"""What the first entry names as the hash before it, and the root of an empty chain."""


@dataclass(frozen=True, kw_only=True)
class Audited:
    """A kind of entry: the table it is of, and how its columns stand in it.

    Attributes:
        kind: its name.
        table: where the rows are.
        subject: the column that names a row for good; its value is the ``subject`` of the entry.
        meaning: what a row is, in one sentence.
        personal: columns that say who, or of which record: they stand as HMAC-SHA-256 under the salt of the entry.
        left_out: columns that may change later.
        only: a column and the value that rows have which are audited; None: all are.
    """

    kind: str
    table: str
    subject: str
    meaning: str
    personal: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    only: tuple[str, str] | None = None


AUDITED: Mapping[str, Audited] = {
    one.kind: one
    for one in (
        Audited(
            kind="decision",
            table="decision",
            subject="decision_number",
            meaning="A person decided about a pair of records or about a break.",
            personal=("dossier_number", "suspect_number", "case_number", "break_id", "owner", "note", "decided_by"),
        ),
        Audited(
            kind="figure_decision",
            table="restatement_decision",
            subject="decision_number",
            meaning="A person accepted a published figure that comes out otherwise, or took that back.",
            personal=("note", "decided_by"),
        ),
        Audited(
            kind="balance",
            table="balance",
            subject="balance_id",
            meaning="A balance was stored.",
            left_out=("positions", "confirmed_at"),
        ),
        Audited(
            kind="incident_resumed",
            table="incident_resumed",
            subject="incident_id",
            meaning="A person resumed an incident.",
            personal=("by", "note"),
        ),
        Audited(
            kind="letter_discarded",
            table="dead_letter_step",
            subject="step_number",
            meaning="A person discarded a dead letter.",
            personal=("by", "note"),
            only=("step", "discarded"),
        ),
        Audited(
            kind="release",
            table="release",
            subject="release_id",
            meaning="Tables were made that may be published.",
            personal=("counts", "made_by"),
        ),
        Audited(
            kind="signoff",
            table="signoff_act",
            subject="act_number",
            meaning="A person prepared, approved or withdrew a figure set, named by its digest.",
            personal=("by", "note"),
        ),
    )
}
"""Every kind by name."""


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One entry of the chain, as it is stored.

    Attributes:
        entry_number: its place, from 1 without gaps.
        kind: a key of ``AUDITED``.
        subject: the key of its row, as text.
        sealed_at: when, by the clock of the database.
        salt: of its personal values; random, 32 bytes.
        content: the row as canonical JSON (RFC 8785), a flat object.
        previous: the hash of the entry before.
        hash: SHA-256 of all of that but the salt, as canonical JSON; in hex.
    """

    entry_number: int
    kind: str
    subject: str
    sealed_at: datetime
    salt: bytes
    content: str
    previous: str
    hash: str
