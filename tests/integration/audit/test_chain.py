"""What the product writes is sealed and fits; whatever is done to it afterwards is found and named."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ketenbalans.audit.chain import Misfit
from ketenbalans.audit.checkpoint import Checkpoint
from ketenbalans.audit.content import canonical, content_of
from ketenbalans.jobs.audit.verify import verified, verify_chain
from schemas.audit import AUDITED
from tests.integration.audit.a_chain import EACH_KIND, balance, decide, fill, write_at_once
from tests.integration.audit.tampering import (
    INSERT,
    OFF,
    OTHERS,
    TAMPERS,
    after,
    changed,
    entries,
    fill_and_sign,
)
from tests.integration.conftest import NewWarehouse
from warehouse.errors import NotPrepared
from warehouse.migrations.versions.v0018_audit_chain import KINDS
from warehouse.migrations.versions.v0020_signoff import KIND as SIGNED
from warehouse.migrations.versions.v0021_releases import RELEASE
from warehouse.sealing import seal_inserts

pytestmark = pytest.mark.stack

ROUNDS = 4
TYPES = {str: "text", int: "bigint", bool: "boolean", date: "date", type(None): "text"}


@pytest.fixture(scope="module")
def filled(new_warehouse: NewWarehouse) -> tuple[Engine, list[Checkpoint]]:
    """A chain of four rounds, with a checkpoint after the second and after the last."""
    engine = new_warehouse()
    return engine, fill_and_sign(engine, rounds=ROUNDS)


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
            "release",
            "signoff",
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


@given(texts=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=20))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_and_number_is_the_same_canonical_json_in_the_database_and_here(
    filled: tuple[Engine, list[Checkpoint]], texts: list[str]
) -> None:
    engine, _ = filled
    audited = replace(AUDITED["decision"], personal=("p0", "p3"), left_out=("t1",))
    row: dict[str, object] = {f"{'tpb'[place % 3]}{place}": value for place, value in enumerate(texts)}
    row |= {"none": None, "yes": True, "many": 10**15 + len(texts), "few": -len(texts), "day": date(2014, 2, 28)}
    columns = ", ".join(
        f"CAST(:{name} AS {'date' if name == 'day' else TYPES[type(row[name])]}) AS {name}" for name in row
    )
    query = text(
        f"SELECT audit_content(to_json(source), :personal, :left_out, :salt) FROM (SELECT {columns}) AS source"
    )
    salt = b"\xff" * 32
    with engine.connect() as connection:
        given_by_it = connection.scalar(
            query, row | {"personal": list(audited.personal), "left_out": list(audited.left_out), "salt": salt}
        )
    assert canonical(content_of(row, audited, salt)).decode() == given_by_it


def test_what_was_there_before_is_sealed_by_the_migration(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    with engine.begin() as connection:
        connection.execute(text(OFF))
        for one in EACH_KIND * 2:
            one(connection)
    with engine.begin() as connection:
        for kind in (*KINDS, SIGNED, RELEASE):
            connection.execute(text(f"DROP TRIGGER audit_seal ON {kind.table}"))
            seal_inserts(connection, kind)
    fill(engine, rounds=1)
    found = verify_chain(engine, [])
    assert (found.finding, found.entries) == (None, 3 * len(EACH_KIND))
    assert {kind.kind for kind in (*KINDS, SIGNED, RELEASE)} == set(AUDITED)


def test_a_trigger_keeps_what_is_declared(engine: Engine) -> None:
    """An upgraded warehouse keeps the triggers of the migrations: a declaration that changed needs one of its own."""
    with engine.connect() as connection:
        for audited in AUDITED.values():
            arguments = connection.scalar(
                text("SELECT tgargs FROM pg_trigger WHERE tgname = 'audit_seal' AND tgrelid = :kept\\:\\:regclass"),
                {"kept": audited.table},
            )
            lists = ("{" + ",".join(names) + "}" for names in (audited.personal, audited.left_out))
            assert bytes(arguments).decode().split("\0")[:-1] == [audited.kind, audited.subject, *lists]


def test_who_has_no_rights_makes_no_trigger_that_seals(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE who_only_reads")
        connection.exec_driver_sql("SET LOCAL ROLE who_only_reads")
        connection.exec_driver_sql("CREATE TEMP TABLE mine (decision_number bigint)")
        with pytest.raises(NotPrepared, match="permission denied for function audit_seal"):
            connection.exec_driver_sql(
                "CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW "
                "EXECUTE FUNCTION audit_seal('decision', 'decision_number', '{}', '{}')"
            )
        connection.rollback()


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
    write_at_once(engine, connections=4, rows=25)
    found = verify_chain(engine, [])
    assert (found.finding, found.entries) == (None, 100)


@pytest.mark.parametrize("kind", TAMPERS)
def test_each_kind_of_tampering_is_found_and_named(filled: tuple[Engine, list[Checkpoint]], kind: str) -> None:
    engine, signed = filled
    tamper, how = TAMPERS[kind]
    kinds = len(EACH_KIND)
    for place in range(kinds):  # one of each kind of row, before a checkpoint and after
        number = 1 + place + kinds * (place % (ROUNDS - 1))
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
