"""Who may sign what is held by the database, whoever asks it; of two at once one signs and the other hears who did."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ketenbalans.jobs.audit.verify import verify_chain
from ketenbalans.jobs.reporting.refusals import NotReported
from ketenbalans.jobs.signoff.acting import approve, withdraw
from ketenbalans.jobs.signoff.reading import list_signoffs, show_signoff
from schemas.decisions import InvalidDecision
from schemas.people import Identity, Person
from schemas.period import Period
from schemas.signoff import SignoffAct, SignoffState
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.signoff.a_desk import ANNA, AS_OF, BEN, LATER, VERA, YEAR, fill, prepared, signed
from warehouse.errors import NotPrepared, SignoffRefused
from warehouse.signoffs import record_act

pytestmark = pytest.mark.stack

DECLARED = Person(handle="ben", identity=Identity.DECLARED)
ANYBODY = replace(BEN, may_be_anybody=True)
ROUNDS = 20


@pytest.fixture(scope="module")
def filled(new_warehouse: NewWarehouse) -> Engine:
    """Both registers, and figures of 2014 that Anna prepared; only copied."""
    engine = new_warehouse()
    fill(engine)
    prepared(engine)
    return engine


@pytest.fixture
def desk(filled: Engine, copy_of: CopyOf) -> Iterator[Engine]:
    engine = copy_of(filled)
    yield engine
    engine.dispose()


def acts(engine: Engine) -> list[tuple[str, str]]:
    (one,) = list_signoffs(engine)
    return [(step.act.value, step.by) for step in one.acts]


def test_one_prepares_and_another_approves(desk: Engine) -> None:
    (one,) = list_signoffs(desk)
    assert (one.state, one.period, one.as_of) == (SignoffState.PREPARED, YEAR, AS_OF)
    assert one.figures is not None
    assert one.figures.balance.delivered == 6
    assert one.figures.breaks == {"open": {"missing": 3}}
    approved = approve(desk, one.short_id, BEN)
    assert (approved.state, approved.prepared.by) == (SignoffState.APPROVED, "anna")
    assert approved.approved is not None
    assert approved.approved.by == "ben"
    assert list_signoffs(desk) == [approved]


def test_the_same_figures_are_the_same_set_and_whoever_prepared_them_first_did(desk: Engine) -> None:
    again = prepared(desk, VERA)
    assert acts(desk) == [("prepared", "anna")]
    assert approve(desk, again.set_id, VERA).state is SignoffState.APPROVED
    assert prepared(desk, BEN).set_id == again.set_id
    assert acts(desk) == [("prepared", "anna"), ("approved", "vera")]


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (ANNA, "prepared by anna, who cannot approve it too; ask somebody else"),
        (DECLARED, "nobody signs who is not signed in; sign in"),
        (ANYBODY, "one person may be two; start the stack without --open"),
    ],
)
def test_who_may_not_approve_is_refused_with_a_remedy(desk: Engine, person: Person, why: str) -> None:
    (one,) = list_signoffs(desk)
    with pytest.raises(SignoffRefused, match=why):
        approve(desk, one.set_id, person)
    assert acts(desk) == [("prepared", "anna")]


@pytest.mark.parametrize("person", [DECLARED, ANYBODY])
def test_who_may_not_sign_prepares_nothing(desk: Engine, person: Person) -> None:
    with pytest.raises(SignoffRefused):
        prepared(desk, person, period=Period.parse("2014-Q2"))
    assert acts(desk) == [("prepared", "anna")]


def test_what_is_approved_is_not_approved_again(desk: Engine) -> None:
    one = signed(desk)
    with pytest.raises(SignoffRefused, match=r"is approved already, by ben on 2\d{3}-"):
        approve(desk, one.set_id, VERA)


def test_withdrawing_ends_it_until_it_is_prepared_again(desk: Engine) -> None:
    one = signed(desk)
    with pytest.raises(SignoffRefused, match="prepared by anna and approved by ben; one of the two"):
        withdraw(desk, one.set_id, VERA, "wrong year")
    withdrawn = withdraw(desk, one.set_id, ANNA, "wrong year")
    assert (withdrawn.state, withdrawn.approved, withdrawn.acts[-1].note) == (
        SignoffState.WITHDRAWN,
        None,
        "wrong year",
    )
    with pytest.raises(SignoffRefused, match="was withdrawn by anna; it has to be prepared again"):
        approve(desk, one.set_id, BEN)
    with pytest.raises(SignoffRefused, match="not signed by anybody"):
        withdraw(desk, one.set_id, BEN, "again")
    again = prepared(desk, BEN)
    assert (again.set_id, again.state, again.prepared.by) == (one.set_id, SignoffState.PREPARED, "ben")
    with pytest.raises(SignoffRefused, match="prepared by ben"):
        approve(desk, one.set_id, BEN)
    assert approve(desk, one.set_id, ANNA).state is SignoffState.APPROVED


def test_a_note_is_a_few_words(desk: Engine) -> None:
    (one,) = list_signoffs(desk)
    with pytest.raises(InvalidDecision):
        withdraw(desk, one.set_id, ANNA, "")


@pytest.mark.parametrize("digits", ["", "%", "0000000", "f" * 64])
def test_a_set_that_is_not_there_is_said_so(desk: Engine, digits: str) -> None:
    with pytest.raises(SignoffRefused, match="no figure set begins with these digits"):
        show_signoff(desk, digits)


def test_what_nobody_prepared_is_not_approved(desk: Engine) -> None:
    with desk.begin() as connection:
        content = '{"a":1}'
        name = connection.scalar(text("SELECT encode(sha256(convert_to(:c, 'UTF8')), 'hex')"), {"c": content})
        keep = text("SELECT signoff_keep(:n, '2014-01-01', '2014-12-31', '2015-01-31', :c, '{}', '{}')")
        connection.execute(keep, {"n": name, "c": content})
        with pytest.raises(SignoffRefused, match="is not prepared; prepare it first"):
            record_act(connection, str(name), SignoffAct.APPROVED, BEN, note=None)


@pytest.mark.parametrize("as_of", [LATER, None])
def test_only_what_both_registers_cover_is_prepared(engine: Engine, desk: Engine, as_of: object) -> None:
    with pytest.raises(NotReported):
        prepared(desk if as_of else engine, as_of=LATER if as_of else None)
    with pytest.raises(NotReported):
        prepared(desk, period=Period.of_year(2009))
    assert list_signoffs(engine) == []


def test_of_two_who_approve_at_once_one_wins_and_the_other_is_refused_by_name(desk: Engine) -> None:
    """Each on a connection of its own, let go at the same moment."""
    (one,) = list_signoffs(desk)
    both = Barrier(2)

    def approve_as(person: Person) -> str:
        with desk.connect() as connection:
            connection.execute(text("SELECT 1"))
            connection.commit()
            both.wait()
            try:
                with connection.begin():
                    record_act(connection, one.set_id, SignoffAct.APPROVED, person, note=None)
            except SignoffRefused as refused:
                return str(refused)
            return person.handle

    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            if number:
                withdraw(desk, one.set_id, ANNA, "again")
                prepared(desk)
            said = list(pool.map(approve_as, (BEN, VERA)))
            approved = show_signoff(desk, one.set_id).approved
            assert approved is not None
            (loser,) = [one for one in said if one != approved.by]
            assert f"is approved already, by {approved.by} on" in loser
    assert verify_chain(desk, []).finding is None


def test_every_act_is_an_entry_of_the_audit_chain(desk: Engine) -> None:
    one = signed(desk)
    withdraw(desk, one.set_id, BEN, "wrong year")
    with desk.connect() as connection:
        query = text("SELECT content FROM audit_entry WHERE kind = 'signoff' ORDER BY entry_number")
        entries = list(connection.scalars(query))
    assert len(entries) == 3
    assert all(one.set_id in entry for entry in entries)
    assert not any("anna" in entry or "ben" in entry or "wrong year" in entry for entry in entries)
    assert verify_chain(desk, []).finding is None


SET = "set_id, period_start, period_end, as_of, document, breaks, loads"
FORGED = {
    "an act": "INSERT INTO signoff_act (set_id, act, \"by\", identity) SELECT set_id, 'approved', 'ben', 'signed_in' "
    "FROM figure_set",
    "a figure set": f"INSERT INTO figure_set ({SET}) SELECT encode(sha256(convert_to('x', 'UTF8')), 'hex'), "
    "period_start, period_end, as_of, 'x', breaks, loads FROM figure_set",
    "an entry": "INSERT INTO audit_entry SELECT 99, kind, '99', sealed_at, salt, content, previous, hash "
    "FROM audit_entry LIMIT 1",
}
CHANGED = ("UPDATE signoff_act SET act = 'approved'", "DELETE FROM signoff_act", "TRUNCATE signoff_act, figure_set")
OWNER, WRITER, NOBODY = "the owner", "a role that may insert", "a role without rights"


def as_role(engine: Engine, role: str, statement: str) -> None:
    """Say it as the owner of the tables, or as a plain role with or without rights on them."""
    with engine.begin() as connection:
        if role != OWNER:
            connection.execute(text("CREATE ROLE signer"))
            if role == WRITER:
                connection.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO signer"))
                connection.execute(text("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO signer"))
            connection.execute(text("SET LOCAL ROLE signer"))
        connection.execute(text(statement))


@pytest.mark.parametrize("role", [OWNER, WRITER, NOBODY])
@pytest.mark.parametrize("forged", [*FORGED.values(), *CHANGED], ids=[*FORGED, "another act", "no act", "nothing"])
def test_a_row_that_was_not_signed_is_refused_to_each_role(desk: Engine, role: str, forged: str) -> None:
    refusal = r"recorded by signing|is made by what it is about|append-only|permission denied"
    with pytest.raises((DBAPIError, NotPrepared), match=refusal):
        as_role(desk, role, forged)
    assert acts(desk) == [("prepared", "anna")]


@pytest.mark.parametrize("role", [WRITER, NOBODY])
def test_a_role_that_may_not_call_them_signs_nothing(desk: Engine, role: str) -> None:
    (one,) = list_signoffs(desk)
    statement = f"SELECT signoff_record('approved', '{one.set_id}', 'ben', 'signed_in', false, null)"
    with pytest.raises((DBAPIError, NotPrepared), match="permission denied for function signoff_record"):
        as_role(desk, role, statement)


def test_a_function_of_the_same_name_forges_nothing(desk: Engine) -> None:
    """A role that may insert and make functions is still not the owner."""
    forger = (
        "CREATE FUNCTION pg_temp.signoff_record() RETURNS void LANGUAGE plpgsql AS "
        f"$$ BEGIN {FORGED['an act']}; END $$; SELECT pg_temp.signoff_record()"
    )
    with pytest.raises(DBAPIError, match="recorded by signing"):
        as_role(desk, WRITER, forger)


def test_signing_under_another_isolation_is_refused(desk: Engine) -> None:
    (one,) = list_signoffs(desk)
    with (
        pytest.raises(DBAPIError, match="READ COMMITTED"),
        desk.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        connection.begin(),
    ):
        record_act(connection, one.set_id, SignoffAct.APPROVED, BEN, note=None)
