"""Checkpoints of the audit chain as they are kept: a line each in the home, and messages on their topic."""

import hashlib
import logging
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Engine

from ketenbalans.audit.checkpoint import Checkpoint, InvalidCheckpoint, key_id_of
from ketenbalans.jobs.audit.keys import public_keys, signing_key
from ketenbalans.jobs.audit.lines import add_line, lines_of
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.settings import Settings
from ketenbalans.stack.home import Home
from schemas.audit import NOTHING_BEFORE
from schemas.incidents import Incident, IncidentKind
from warehouse.audit import entry_number_of, hash_at, newest_entries
from warehouse.database import snapshot

FILE = "audit-checkpoints.jsonl"

logger = logging.getLogger("ketenbalans.audit")


class AuditBroken(Incident):
    """The audit chain does not fit what was stored or signed; the message says which entry, how, and what to do.

    Another finding is another incident: a person who knows of one is notified of the next.

    Args:
        says: what does not fit.
        mark: what makes it another finding; None: the text does.
    """

    incident_kind = IncidentKind.AUDIT_BROKEN

    def __init__(self, says: str, *, mark: str | None = None) -> None:
        super().__init__(
            f"{says.rstrip('.')}; `ketenbalans audit verify` looks at all of it, and docs/audit.md says what to do"
        )
        self.mark = mark or hashlib.sha256(says.encode()).hexdigest()[:16]


def read_checkpoints(home: Path, against: Path | None) -> list[Checkpoint]:
    """The checkpoints of a file whose signatures hold; those of the home when no file is named.

    Raises:
        InvalidCheckpoint: a line is none, or no key of this home signed it; the message names file and line.
        NoJsonLine: a line is no JSON.
    """
    file = against or Home.at(home).path / FILE
    public = public_keys(home)
    return [_checked(document, public, f"{file}, line {number}") for number, document in lines_of(file)]


def last_checkpoint(home: Path) -> Checkpoint | None:
    """The newest checkpoint of the home, the one whose signature is looked at; None when nothing was signed yet.

    Raises:
        InvalidCheckpoint: it is none, or no key of this home signed it.
        NoJsonLine: a line is no JSON.
    """
    file = Home.at(home).path / FILE
    newest = deque(lines_of(file), maxlen=1)
    return _checked(newest[0][1], public_keys(home), f"{file}, line {newest[0][0]}") if newest else None


def _checked(document: Mapping[str, object], public: Mapping[str, Ed25519PublicKey], place: str) -> Checkpoint:
    try:
        found = Checkpoint.parse(document)
        found.check(public)
    except InvalidCheckpoint as error:
        message = f"{place} is no checkpoint that can be trusted: {error}"
        raise InvalidCheckpoint(message) from None
    return found


def write_checkpoint(engine: Engine, home: Path) -> Checkpoint:
    """Sign how long the chain is and what it ends with, and keep that in the home; the last one when nothing came.

    Raises:
        AuditBroken: the chain is not the one that the last checkpoint signed; nothing is signed.
    """
    before = last_checkpoint(home)  # of all that were signed verifying looks
    with snapshot(engine) as connection:
        last = next(iter(newest_entries(connection, at_most=1)), None)
        is_same = before is None or before.size == 0 or hash_at(connection, before.size) == before.root
    if before is not None and not is_same:
        raise _not_signed_behind(before)
    size, root = (0, NOTHING_BEFORE) if last is None else (last.entry_number, last.hash)
    key = signing_key(home)
    if before is not None and (before.size, before.key_id) == (size, key_id_of(key.public_key())):
        return before
    made = Checkpoint.signed(size=size, root=root, at=datetime.now(UTC).isoformat(timespec="seconds"), key=key)
    add_line(Home.at(home).path / FILE, made.to_line())
    return made


def checkpoint_over(engine: Engine, home: Path, *, kind: str, subject: str) -> Checkpoint | None:
    """The first checkpoint that signed the entry of a row; where none has yet, one is signed now.

    The same row has the same one for good, whatever is sealed after it.

    Args:
        engine: the warehouse.
        home: where checkpoints and the key are.
        kind: a key of ``schemas.audit.AUDITED``.
        subject: the key of the row, as text.

    Returns:
        None when the row has no entry.

    Raises:
        AuditBroken: the chain is not the one that was signed.
        InvalidCheckpoint: a line of the file is none that can be trusted.
        NoJsonLine: a line is no JSON.
    """
    file = Home.at(home).path / FILE
    with snapshot(engine) as connection:
        entry = entry_number_of(connection, kind, subject)
        if entry is None:
            return None
        signed = ((number, line) for number, line in lines_of(file) if _size_of(line) >= entry)
        number, line = next(signed, (0, None))
        if line is None:
            return write_checkpoint(engine, home)
        earlier = _checked(line, public_keys(home), f"{file}, line {number}")
        if hash_at(connection, earlier.size) != earlier.root:
            raise _not_signed_behind(earlier)
    return earlier


def _size_of(line: Mapping[str, object]) -> int:
    """How many entries a line says that it signs; 0 when it is no checkpoint, which whoever reads all of them says."""
    size = line.get("size")
    return size if isinstance(size, int) else 0


def _not_signed_behind(checkpoint: Checkpoint) -> AuditBroken:
    says = f"entry {checkpoint.size} of the audit chain is not the one that the checkpoint of {checkpoint.at} signed"
    return AuditBroken(says, mark=f"not signed behind {checkpoint.size}")


def publish_checkpoint(settings: Settings, checkpoint: Checkpoint) -> None:
    """Send a checkpoint to its topic; whoever keeps that holds the chain against it later.

    Raises:
        BrokerUnreachable: Kafka does not answer; the checkpoint is in the home all the same.
        ServiceNotRunning: there is no Kafka.
    """
    from ketenbalans.broker.checkpoint_sending import send_checkpoint  # noqa: PLC0415 (a Kafka client)
    from ketenbalans.broker.rights import CHECKPOINTS  # noqa: PLC0415 (it reads every declaration)

    send_checkpoint(kafka_for(settings, CHECKPOINTS), checkpoint.to_line(), key=checkpoint.key_id)


def sign_after_reconcile(settings: Settings) -> None:
    """Write a checkpoint in the home; the nightly check sends the newest to the topic, so no balance waits for Kafka.

    What goes wrong is logged: the balances stand, and the nightly check looks.
    """
    try:
        with warehouse_from(settings) as engine:
            write_checkpoint(engine, settings.home)
    except Exception:
        logger.exception("no checkpoint was signed after the reconcile; the nightly check signs the next")
