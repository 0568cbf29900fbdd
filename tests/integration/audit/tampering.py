"""What somebody with every right may do to the audit chain, each with how it has to be found.

Each takes the number of an entry in a chain of whole rounds (``a_chain.EACH_KIND``), signed in the middle and at its
end, and gives the number of the first entry that then does not fit.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, text

from ketenbalans.audit.chain import Misfit
from ketenbalans.audit.checkpoint import Checkpoint
from ketenbalans.audit.content import canonical, hash_of
from ketenbalans.jobs.audit.verify import AuditResult, verified
from schemas.audit import AUDITED, AuditEntry
from tests.integration.audit.a_chain import balance, decide, fill
from warehouse.audit import newest_entries

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHERS = "sealed_at, salt, content, previous, hash"
INSERT = text(
    "INSERT INTO audit_entry VALUES (:entry_number, :kind, :subject, :sealed_at, :salt, :content, :previous, :hash)"
)
OFF = "SET LOCAL session_replication_role = replica"
"""What a superuser may say: no trigger fires."""


def fill_and_sign(engine: Engine, *, rounds: int) -> list[Checkpoint]:
    """Fill a chain, signed in the middle and at the end."""
    signed = []
    for _ in range(2):
        fill(engine, rounds=rounds // 2)
        with engine.connect() as connection:
            signed.append(checkpoint_of(connection))
    return signed


def checkpoint_of(connection: Connection) -> Checkpoint:
    (last,) = newest_entries(connection, at_most=1)
    at = datetime(2015, 3, 1, tzinfo=UTC).isoformat()
    return Checkpoint.signed(size=last.entry_number, root=last.hash, at=at, key=KEY)


def entries(connection: Connection) -> list[AuditEntry]:
    rows = connection.execute(text("SELECT * FROM audit_entry ORDER BY entry_number")).mappings()
    return [AuditEntry(**row) for row in rows]


def edit(connection: Connection, number: int) -> int:
    connection.execute(
        text("UPDATE audit_entry SET content = replace(content, 'sha256:', 'sha256:0') WHERE entry_number = :n"),
        {"n": number},
    )
    return number


def edit_row(connection: Connection, number: int) -> int:
    """A row says otherwise, the entry does not."""
    entry = entries(connection)[number - 1]
    of = AUDITED[entry.kind]
    column = {
        "balance": "code_version",
        "figure_decision": "ours",
        "incident_resumed": "note",
        "release": "key_check",
    }.get(entry.kind, "note")
    query = text(f"UPDATE {of.table} SET {column} = 'other' WHERE {of.subject}::text = :s")
    connection.execute(query, {"s": entry.subject})
    return number


def change_actor(connection: Connection, number: int) -> int:
    """Somebody else did it: of a balance nobody did, so the answer is another."""
    entry = entries(connection)[number - 1]
    of = AUDITED[entry.kind]
    change = {
        "balance": "answer = '{}'",
        "decision": "decided_by = 'desk-2'",
        "figure_decision": "decided_by = 'desk-2'",
        "release": "made_by = 'desk-2'",
    }
    change_made = change.get(entry.kind, "by = 'desk-2'")
    query = text(f"UPDATE {of.table} SET {change_made} WHERE {of.subject}::text = :s")
    connection.execute(query, {"s": entry.subject})
    return number


def write(connection: Connection, entry: AuditEntry) -> None:
    query = text(
        "UPDATE audit_entry SET kind = :kind, subject = :subject, content = :content, salt = :salt,"
        " sealed_at = :sealed_at, previous = :previous, hash = :hash WHERE entry_number = :entry_number"
    )
    connection.execute(query, vars(entry))


def changed(entry: AuditEntry, **values: object) -> AuditEntry:
    """An entry with other values and the hash that goes with them."""
    other = AuditEntry(**{**vars(entry), **values})
    return AuditEntry(**{**vars(other), "hash": hash_of(other)})


def edit_and_mend(connection: Connection, number: int) -> int:
    """Row and entry say the same other thing, and the hash of the entry is right."""
    entry = entries(connection)[number - 1]
    content = json.loads(entry.content)
    name = {"balance": "code_version", "decision": "verdict", "figure_decision": "ours", "release": "key_check"}.get(
        entry.kind
    )
    if name is None:  # what else such a row says is personal: another moment
        name = {"incident_resumed": "resumed_at", "letter_discarded": "at", "signoff": "at"}[entry.kind]
        content[name] = "2020-01-01T00:00:00+00:00"
    else:
        content[name] = "rejected"
    of = AUDITED[entry.kind]
    query = text(f"UPDATE {of.table} SET {name} = '{content[name]}' WHERE {of.subject}::text = :s")
    connection.execute(query, {"s": entry.subject})
    write(connection, changed(entry, content=canonical(content).decode()))
    return number


def make_again(connection: Connection, number: int) -> int:
    """After an edit with its hash mended every later hash is mended too."""
    edit_and_mend(connection, number)
    chain = entries(connection)
    for before, entry in zip(chain[number - 1 :], chain[number:], strict=False):
        previous = entries(connection)[before.entry_number - 1].hash
        write(connection, changed(entry, previous=previous))
    middle = len(chain) // 2
    return 1 if number <= middle else middle + 1


def delete(connection: Connection, number: int) -> int:
    connection.execute(text("DELETE FROM audit_entry WHERE entry_number = :n"), {"n": number})
    return number


def delete_tail(connection: Connection, number: int) -> int:
    connection.execute(text("DELETE FROM audit_entry WHERE entry_number >= :n"), {"n": number})
    return number


def delete_all(connection: Connection, number: int) -> int:
    connection.execute(text("DELETE FROM audit_entry"))
    return 1


def swap(connection: Connection, number: int) -> int:
    other = number + 1 + number % 3
    for old, new in ((number, -1), (other, number), (-1, other)):
        query = text("UPDATE audit_entry SET entry_number = :new WHERE entry_number = :old")
        connection.execute(query, {"old": old, "new": new})
    return number


def forge(connection: Connection, number: int) -> int:
    """An entry of a decision that nobody made, at the end, with the right hash."""
    last = entries(connection)[-1]
    forged = changed(
        last, entry_number=last.entry_number + 1, kind="decision", subject=f"{number}000", previous=last.hash
    )
    connection.execute(INSERT, vars(forged))
    return forged.entry_number


def restore(connection: Connection, number: int) -> int:
    """An older copy: entries and rows are as they were then."""
    for entry in reversed(entries(connection)[number - 1 :]):
        of = AUDITED[entry.kind]
        connection.execute(text(f"DELETE FROM {of.table} WHERE {of.subject}::text = :s"), {"s": entry.subject})
    return delete_tail(connection, number)


def insert_unsealed(connection: Connection, number: int) -> None:
    """A balance that is stored while the trigger is off: on again, it has no entry."""
    balance(connection, missing=number % 9)


def switch_off_and_on(connection: Connection, number: int) -> None:
    """A decision is made while the trigger is off, by whoever owns the table; then it is on again."""
    connection.execute(text("SET LOCAL session_replication_role = origin"))
    connection.execute(text("ALTER TABLE decision DISABLE TRIGGER audit_seal"))
    decide(connection, by=f"desk-{number}")
    connection.execute(text("ALTER TABLE decision ENABLE TRIGGER audit_seal"))


Tamper = Callable[[Connection, int], int | None]
TAMPERS: dict[str, tuple[Tamper, Misfit]] = {
    "edit": (edit, Misfit.EDITED),
    "edit of the row": (edit_row, Misfit.EDITED),
    "changed actor": (change_actor, Misfit.EDITED),
    "edit with its hash mended": (edit_and_mend, Misfit.EDITED),
    "whole chain re-made": (make_again, Misfit.REMADE),
    "delete in the middle": (delete, Misfit.REMOVED),
    "delete the tail": (delete_tail, Misfit.CUT_OFF),
    "delete all": (delete_all, Misfit.CUT_OFF),
    "swap": (swap, Misfit.REORDERED),
    "forged entry": (forge, Misfit.ADDED),
    "restored older copy": (restore, Misfit.RESTORED),
    "trigger off and on": (switch_off_and_on, Misfit.WITHOUT_ENTRY),
    "balance without entry": (insert_unsealed, Misfit.WITHOUT_ENTRY),
}


def after(engine: Engine, signed: list[Checkpoint], tamper: Tamper, number: int) -> tuple[AuditResult, int | None]:
    """What is found after somebody with every right did that to an entry; it is undone."""
    with engine.connect() as connection, connection.begin() as undone:
        connection.execute(text(OFF))
        expected = tamper(connection, number)
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        found = verified(connection, signed)
        undone.rollback()
    return found, expected
