"""What was answered is given from what is stored: nothing is read or linked for it, and nothing of it changes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

import ketenbalans.jobs.balancing.basis
import ketenbalans.jobs.balancing.due
import ketenbalans.jobs.breaks.of_balance
import ketenbalans.jobs.watching.gap_facts
from ketenbalans.jobs.balancing.making import balance_and_store
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.balancing.reconcile_changed import _not_answered_yet
from ketenbalans.jobs.breaks.of_balance import breaks_of_stored, read_breaks
from ketenbalans.jobs.figures.cases import DeliveredCases
from ketenbalans.jobs.watching.gap_facts import read_gaps, windows_of_gaps
from ketenbalans.settings import Settings
from schemas.answer import ShownBalance
from schemas.period import Period
from schemas.policy import Policy
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.warehouse.rows import OM, POLICE, load_covered, load_rows, om, police
from warehouse.balances import stored_balance, stored_balances
from warehouse.database import snapshot
from warehouse.errors import AnswerDiffers
from warehouse.incidents import running_incidents

pytestmark = pytest.mark.stack

YEAR, AS_OF = Period.of_year(2014), date(2014, 12, 31)
SETTINGS = Settings()
POLICY, ALERT_POLICY = SETTINGS.read_policy(), SETTINGS.read_alert_policy()
DELIVERED = datetime(2014, 9, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def balanced(new_warehouse: NewWarehouse) -> Engine:
    """One recognised suspect and one who is missing, balanced once; only copied."""
    engine = new_warehouse()
    rows = [police("1"), police("2", DELIVERED, dossier_number="PL0900-2014000002", delivered_on=DELIVERED.date())]
    load_covered(engine, POLICE, rows, until=AS_OF)
    load_covered(engine, OM, [om("1")], until=AS_OF)
    answer(engine)
    return engine


@pytest.fixture
def warehouse(balanced: Engine, copy_of: CopyOf) -> Engine:
    return copy_of(balanced)


def answer(engine: Engine, *, policy: Policy = POLICY, keeps_breaks: bool = True) -> ShownBalance:
    return reconcile(engine, SETTINGS, period=YEAR, as_of=AS_OF, policy=policy, keeps_breaks=keeps_breaks)


def counted(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def no_linking(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("the registers were linked")

    monkeypatch.setattr(ketenbalans.jobs.balancing.due, "linked_on", refuse)
    monkeypatch.setattr(ketenbalans.jobs.watching.gap_facts, "chain_on", refuse)


def test_the_same_question_is_answered_without_linking(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    first = answer(warehouse)
    no_linking(monkeypatch)
    again = answer(warehouse)
    assert again.to_json() == first.to_json()
    assert (counted(warehouse, "balance"), counted(warehouse, "break_look")) == (1, 1)
    with snapshot(warehouse) as connection:
        (stored,) = stored_balances(connection, period=YEAR, policy=POLICY.to_dict())
    assert stored.confirmed_at > stored.made_at


@pytest.mark.parametrize(
    "change",
    [
        lambda engine: load_rows(engine, POLICE, [police("9", DELIVERED, dossier_number="PL0900-2014000009")]),
        lambda engine: load_rows(engine, OM, [om("9", DELIVERED, case_number="0900000914")]),
    ],
)
def test_a_new_event_is_another_question(warehouse: Engine, change: Callable[[Engine], None]) -> None:
    before = answer(warehouse)
    change(warehouse)
    assert answer(warehouse).input_fingerprint != before.input_fingerprint
    assert counted(warehouse, "balance") == 2


def test_an_event_that_was_not_known_by_then_is_no_other_question(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answer(warehouse)
    row = police("9", datetime(2015, 2, 1, 9, tzinfo=UTC), dossier_number="PL0900-2014000009")
    load_rows(warehouse, POLICE, [row])
    no_linking(monkeypatch)
    assert answer(warehouse).to_json() == before.to_json()


def test_other_code_is_another_balance_beside_the_old_one(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it gives another answer: that is what a new version is for, and no error."""
    before = answer(warehouse)
    monkeypatch.setattr(ketenbalans.jobs.balancing.basis, "code_version", lambda: "0.0.0+other")
    monkeypatch.setattr(DeliveredCases, "by_qualification", lambda self: {"abuse": self.by_case.height})
    after = answer(warehouse)
    assert (before.code_version, after.code_version) == (before.code_version, "0.0.0+other")
    assert after.qualifications != before.qualifications
    assert counted(warehouse, "balance") == 2
    monkeypatch.undo()
    assert answer(warehouse).to_json() == before.to_json()


def test_what_is_made_afresh_is_held_against_what_is_stored(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """And an answer that came out otherwise stands as an incident until one is made anew, not only given again."""

    def afresh() -> None:
        balance_and_store(
            warehouse, SETTINGS, periods=[YEAR], as_of=AS_OF, policy=POLICY, keeps_breaks=False, afresh=True
        )

    def incidents() -> list[str]:
        with snapshot(warehouse) as connection:
            return [one.kind for one in running_incidents(connection)]

    monkeypatch.setattr(DeliveredCases, "by_qualification", lambda _: {})
    answer(warehouse)  # from what is stored
    with pytest.raises(AnswerDiffers):
        afresh()
    monkeypatch.undo()
    answer(warehouse)
    assert incidents() == [AnswerDiffers.incident_kind]
    afresh()
    assert incidents() == []


def test_another_policy_has_the_verdict_of_its_own_breaks_each_time(warehouse: Engine) -> None:
    """Also where the breaks of that day are kept: those are of the standing policy."""
    other = POLICY.model_copy(update={"transit_allowance_days": 400})
    first = answer(warehouse, policy=other, keeps_breaks=False)
    assert answer(warehouse, policy=other, keeps_breaks=False).to_json() == first.to_json()
    assert first.to_json() != answer(warehouse).to_json()


def test_a_look_back_has_the_verdict_of_its_own_breaks_each_time(warehouse: Engine) -> None:
    """What was recorded in time and loaded late changes a day's balance, and not the breaks that were kept of it."""
    load_covered(warehouse, POLICE, [], until=date(2015, 1, 31))
    load_covered(warehouse, OM, [], until=date(2015, 1, 31))
    reconcile(warehouse, SETTINGS, period=YEAR, as_of=date(2015, 1, 31), policy=POLICY, keeps_breaks=True)
    load_rows(warehouse, POLICE, [police("9", DELIVERED, dossier_number="PL0900-2014000009")])
    first = answer(warehouse)
    assert answer(warehouse).to_json() == first.to_json()
    with snapshot(warehouse) as connection:
        stored = stored_balance(connection, period=YEAR, as_of=AS_OF, policy=POLICY.to_dict())
        assert stored is not None
        rows = breaks_of_stored(connection, stored, policy=POLICY).rows
    assert "PL0900-2014000009" in rows["dossier_number"].to_list()


def test_a_balance_whose_breaks_were_not_kept_is_due_until_they_are(warehouse: Engine) -> None:
    load_rows(warehouse, POLICE, [police("9", DELIVERED, dossier_number="PL0900-2014000009")])

    def due() -> list[Period]:
        with snapshot(warehouse) as connection:
            return _not_answered_yet(connection, [YEAR], as_of=AS_OF, policy=POLICY)

    assert due() == [YEAR]
    answer(warehouse, keeps_breaks=False)
    assert due() == [YEAR]
    answer(warehouse)
    assert due() == []


def test_a_balance_that_finds_the_same_writes_down_nothing_but_the_look(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspect who is recognised changes no break, and what was kept of breaks is not even read."""
    observed, looks = counted(warehouse, "break_observation"), counted(warehouse, "break_look")
    same_person: dict[str, Any] = {
        "dossier_number": "PL0900-2014000001",
        "suspect_number": 2,
        "person_token": "c" * 64,
    }
    load_rows(warehouse, POLICE, [police("8", **same_person)])
    load_rows(warehouse, OM, [om("8", case_number="0900000814", **same_person)])
    with monkeypatch.context() as patch:
        patch.setattr(ketenbalans.jobs.breaks.of_balance, "read_observations", lambda *_, **__: pytest.fail("read"))
        balance_and_store(warehouse, SETTINGS, periods=[YEAR], as_of=AS_OF, policy=POLICY, keeps_breaks=True)
    assert (counted(warehouse, "break_observation"), counted(warehouse, "break_look")) == (observed, looks + 1)
    breaks = read_breaks(warehouse, period=YEAR, as_of=None, policy=POLICY)
    assert breaks is not None
    assert breaks.is_kept


def test_gaps_are_read_from_the_balances_of_their_windows(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored with those of the years or worked out: the same."""

    def gaps() -> Any:
        with snapshot(warehouse) as connection:
            return read_gaps(connection, AS_OF, (), policy=POLICY, alert_policy=ALERT_POLICY)

    worked_out = gaps()
    assert worked_out.now or worked_out.before
    with snapshot(warehouse) as connection:
        windows = windows_of_gaps(connection, AS_OF, ALERT_POLICY)
    assert windows[0].end == AS_OF
    assert windows[1].end == windows[0].start - timedelta(days=1)
    balance_and_store(warehouse, SETTINGS, periods=windows, as_of=AS_OF, policy=POLICY, keeps_breaks=True)
    no_linking(monkeypatch)
    assert gaps() == worked_out
