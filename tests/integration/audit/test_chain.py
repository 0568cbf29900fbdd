"""What the product writes is sealed and fits; whatever is done to it afterwards is found and named."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ketenbalans.audit.chain import Misfit
from ketenbalans.audit.checkpoint import Checkpoint
from ketenbalans.audit.content import canonical, hash_of
from ketenbalans.jobs.audit.verify import AuditResult, verified, verify_chain
from schemas.audit import AUDITED, AuditEntry
from tests.integration.audit.a_chain import EACH_KIND, balance, decide, fill
from tests.integration.conftest import NewWarehouse
from warehouse.audit import newest_entries
from warehouse.migrations.versions.v0018_audit_chain import KINDS
from warehouse.sealing import seal_inserts

pytestmark = pytest.mark.stack

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
ROUNDS = 4
OTHERS = "sealed_at, salt, content, previous, hash"
INSERT = text(
    "INSERT INTO audit_entry VALUES (:entry_number, :kind, :subject, :sealed_at, :salt, :content, :previous, :hash)"
)
OFF = "SET LOCAL session_replication_role = replica"
"""What a superuser may say: no trigger fires."""


@pytest.fixture(scope="module")
def filled(new_warehouse: NewWarehouse) -> tuple[Engine, list[Checkpoint]]:
    """A chain of four rounds, with a checkpoint after the second and after the last."""
    engine = new_warehouse()
    signed = []
    for _ in range(2):
        fill(engine, rounds=ROUNDS // 2)
        with engine.connect() as connection:
            signed.append(checkpoint_of(connection))
    return engine, signed


def checkpoint_of(connection: Connection) -> Checkpoint:
    (last,) = newest_entries(connection, at_most=1)
    at = datetime(2015, 3, 1, tzinfo=UTC).isoformat()
    return Checkpoint.signed(size=last.entry_number, root=last.hash, at=at, key=KEY)


def entries(connection: Connection) -> list[AuditEntry]:
    rows = connection.execute(text("SELECT * FROM audit_entry ORDER BY entry_number")).mappings()
    return [AuditEntry(**row) for row in rows]


def test_what_is_stored_is_sealed_at_commit_and_fits(filled: tuple[Engine, list[Checkpoint]]) -> None:
    engine, signed = filled
    found = verify_chain(engine, signed)
    assert found.finding is None
    assert (found.entries, found.proven) == (ROUNDS * len(EACH_KIND), ROUNDS * len(EACH_KIND))
    with engine.connect() as connection:
        assert [one.kind for one in entries(connection)] == [
            "decision",
            "balance",
            "incident_resumed",
            "letter_discarded",
            "figure_decision",
        ] * ROUNDS


def test_an_entry_holds_no_personal_value_and_no_key_of_a_record(filled: tuple[Engine, list[Checkpoint]]) -> None:
    engine, _ = filled
    with engine.connect() as connection:
        found = entries(connection)
    for entry in found:
        assert "desk-1" not in entry.content
        assert "gezien" not in entry.content
        assert "PL0900" not in entry.content
        for name in AUDITED[entry.kind].personal:
            value = json.loads(entry.content)[name]
            assert value is None or value.startswith("hmac-sha256:")
    assert len({entry.salt for entry in found}) == len(found)


def test_a_transaction_that_is_undone_leaves_no_entry_and_no_gap(engine: Engine) -> None:
    fill(engine, rounds=1)
    with engine.connect() as connection, connection.begin() as undone:
        decide(connection)
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        undone.rollback()
    fill(engine, rounds=1)
    found = verify_chain(engine, [])
    assert (found.finding, found.entries) == (None, 2 * len(EACH_KIND))


def test_a_session_in_another_time_zone_seals_the_same(engine: Engine) -> None:
    with engine.begin() as connection:
        decide(connection)
        balance(connection)
        connection.execute(text("SET LOCAL timezone = 'Asia/Kathmandu'"))
        connection.execute(text("SET LOCAL datestyle = 'German'"))
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert verify_chain(engine, []).finding is None


def test_what_was_there_before_is_sealed_by_the_migration(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    with engine.begin() as connection:
        connection.execute(text(OFF))
        for one in EACH_KIND * 2:
            one(connection)
    with engine.begin() as connection:
        for kind in KINDS:
            connection.execute(text(f"DROP TRIGGER audit_seal ON {AUDITED[kind].table}"))
            seal_inserts(connection, AUDITED[kind])
    fill(engine, rounds=1)
    found = verify_chain(engine, [])
    assert (found.finding, found.entries) == (None, 3 * len(EACH_KIND))
    assert set(KINDS) == set(AUDITED)


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO audit_entry SELECT 99, kind, '99', {OTHERS} FROM audit_entry LIMIT 1",
        "SELECT audit_append('decision', '99', '{}', '{}', '{}')",
        "UPDATE audit_entry SET content = '{}'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_nobody_writes_an_entry_but_the_trigger_that_seals(
    filled: tuple[Engine, list[Checkpoint]], statement: str
) -> None:
    engine, _ = filled
    with pytest.raises(DBAPIError, match=r"is made by what it is about|append-only"), engine.begin() as connection:
        connection.execute(text(statement))


def test_many_at_once_make_one_chain(engine: Engine) -> None:
    def work() -> None:
        for number in range(25):
            with engine.begin() as connection:
                (decide if number % 2 else balance)(connection)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify_chain(engine, [])
    assert (found.finding, found.entries) == (None, 100)


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
    column = {"balance": "code_version", "figure_decision": "ours", "incident_resumed": "note"}.get(entry.kind, "note")
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
    name = {"balance": "code_version", "decision": "verdict", "figure_decision": "ours"}.get(entry.kind)
    if name is None:  # what else such a row says is personal: another moment
        name = {"incident_resumed": "resumed_at", "letter_discarded": "at"}[entry.kind]
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
    return 1 if number <= ROUNDS // 2 * len(EACH_KIND) else ROUNDS // 2 * len(EACH_KIND) + 1


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


@pytest.mark.parametrize("kind", TAMPERS)
def test_each_kind_of_tampering_is_found_and_named(filled: tuple[Engine, list[Checkpoint]], kind: str) -> None:
    engine, signed = filled
    tamper, how = TAMPERS[kind]
    for number in range(1, ROUNDS * len(EACH_KIND) - 3):
        found, expected = after(engine, signed, tamper, number)
        assert found.finding is not None, f"{kind} at {number}"
        assert (found.finding.how, found.finding.entry_number) == (how, expected), f"{kind} at {number}"
        assert "desk-" not in found.finding.says
    assert verify_chain(engine, signed).finding is None


@pytest.mark.parametrize(
    ("table", "trigger"), [("balance", "audit_seal"), ("decision", "audit_seal"), ("audit_entry", "sealed_only")]
)
def test_a_trigger_that_is_off_is_named_before_anything_is_inserted(
    filled: tuple[Engine, list[Checkpoint]], table: str, trigger: str
) -> None:
    engine, signed = filled
    with engine.connect() as connection, connection.begin() as undone:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"))
        off = verified(connection, signed).finding
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}"))
        on = verified(connection, signed).finding
        undone.rollback()
    assert off is not None
    assert (off.how, table in off.says, on) == (Misfit.NOT_SEALING, True, None)


def test_a_second_entry_of_a_row_is_found(filled: tuple[Engine, list[Checkpoint]]) -> None:
    engine, signed = filled

    def double(connection: Connection, number: int) -> int:
        connection.execute(text("ALTER TABLE audit_entry DROP CONSTRAINT uq_audit_entry_kind"))
        first, last = entries(connection)[number - 1], entries(connection)[-1]
        again = changed(first, entry_number=last.entry_number + 1, previous=last.hash)
        connection.execute(INSERT, vars(again))
        return again.entry_number

    found, expected = after(engine, signed, double, 3)
    assert found.finding is not None
    assert (found.finding.how, found.finding.entry_number) == (Misfit.ADDED, expected)


def test_a_row_is_sealed_once(filled: tuple[Engine, list[Checkpoint]]) -> None:
    engine, _ = filled
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(OFF))
        connection.execute(text(f"INSERT INTO audit_entry SELECT 99, kind, subject, {OTHERS} FROM audit_entry LIMIT 1"))
