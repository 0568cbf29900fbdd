"""A signature holds as long as the same question has the same answer: what comes later and moves a figure is named."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ketenbalans.alerts.life import Alert
from ketenbalans.audit.content import canonical
from ketenbalans.jobs.balancing.reconcile_changed import reconcile_what_changed
from ketenbalans.jobs.breaks.decisions import decide
from ketenbalans.jobs.reporting.frames import read_report
from ketenbalans.jobs.reporting.publication import ReportTerms
from ketenbalans.jobs.signoff.acting import approve, withdraw
from ketenbalans.jobs.signoff.reading import list_signoffs, show_signoff
from ketenbalans.jobs.watching.watch import watch
from ketenbalans.reports.report import Report
from ketenbalans.settings import Settings
from ketenbalans.signoff.figure_set import id_of
from schemas.breaks import BreakStep
from schemas.decisions import Decision
from schemas.period import Period
from schemas.signoff import SignoffAct, SignoffState
from tests.integration.conftest import NewWarehouse
from tests.integration.signoff.a_desk import (
    ALERT_POLICY,
    ANNA,
    AS_OF,
    BEN,
    LATER,
    POLICY,
    YEAR,
    comes_late,
    cover_later,
    dossier,
    fill,
    prepared,
    reconcile_on,
    registered,
    signed,
)
from tests.integration.warehouse.rows import HOTLINE, OM, load_rows, report
from warehouse.balances import stored_balance
from warehouse.database import snapshot
from warehouse.errors import SignoffRefused
from warehouse.signoffs import KeptFigureSet, keep_figure_set, record_act

pytestmark = pytest.mark.stack

NOON = datetime(2026, 3, 4, 11, tzinfo=UTC)
BREAK = f"2014-police-{dossier(4)}-1"
EARLIER = date(2014, 12, 31)


@pytest.fixture(scope="module")
def filled(new_warehouse: NewWarehouse) -> Engine:
    """Both registers, and figures of 2014 that Anna prepared and Ben approved; only copied."""
    engine = new_warehouse()
    fill(engine)
    signed(engine)
    return engine


def look(engine: Engine, minutes: int = 0) -> dict[str, Alert]:
    """The alerts about signatures that stand after a look."""
    now = NOON + timedelta(minutes=minutes)
    found = watch(engine, policy=POLICY, alert_policy=ALERT_POLICY, now=now, channels=[]).standing
    return {one.rule.value: one for one in found if one.rule.value in ("signature_void", "figures_superseded")}


def state(engine: Engine) -> SignoffState:
    return list_signoffs(engine)[0].state


def balances(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM balance")) or 0)


@pytest.mark.parametrize("is_balanced_first", [True, False])
def test_a_late_record_that_moves_a_figure_voids_the_signature_and_is_named(
    desk: Engine, *, is_balanced_first: bool
) -> None:
    comes_late(desk, 4)
    if is_balanced_first:
        reconcile_on(desk, AS_OF)
    stored = balances(desk)
    (one,) = list_signoffs(desk)
    assert one.state is SignoffState.VOID
    assert one.movement is not None
    moved = {figure.figure: (figure.signed, figure.now) for figure in one.movement.figures}
    assert moved["recognised"] == (3, 4)
    assert moved["gap"] == moved["causes.missing"] == moved["breaks.open.missing"] == (3, 2)
    assert [(gone.break_id, gone.signed, gone.now) for gone in one.movement.breaks] == [(BREAK, "open missing", None)]
    assert [(load.source, load.rows) for load in one.movement.loads] == [(OM.name, 1)]
    assert balances(desk) == stored


def test_the_alert_is_there_within_one_reconcile_and_names_the_break(
    desk: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(desk, tmp_path, monkeypatch)
    reconcile_what_changed(settings)
    assert look(desk) == {}
    comes_late(desk, 4)
    reconcile_what_changed(settings)
    alert = look(desk, 5)["signature_void"]
    (one,) = list_signoffs(desk)
    assert alert.alert_id == f"signature_void:2014/{one.short_id}"
    assert alert.period == YEAR
    assert f"figures of 2014 as known on {AS_OF}, signed as {one.short_id}" in alert.says
    assert "recognised 3 is now 4" in alert.says
    assert f"break {BREAK}; brought by {OM.name} load 2" in alert.says
    assert alert.evidence["breaks"] == BREAK


def test_a_later_green_hides_no_earlier_red(desk: Engine) -> None:
    """Another period that is signed and holds, and a later day that is signed, leave the alert as it stands."""
    comes_late(desk, 4)
    reconcile_on(desk, AS_OF)
    first = look(desk)["signature_void"]
    signed(desk, period=Period.parse("2014-Q2"))
    assert look(desk, 5)["signature_void"] == first
    assert look(desk, 10)["signature_void"].state == first.state


@pytest.mark.parametrize("ending", ["signed anew", "withdrawn"])
def test_it_ends_when_the_figures_are_signed_anew_or_withdrawn(desk: Engine, ending: str) -> None:
    (old,) = list_signoffs(desk)
    comes_late(desk, 4)
    assert "signature_void" in look(desk)
    if ending == "withdrawn":
        withdraw(desk, old.set_id, BEN, "late data")
    else:
        new = signed(desk)
        assert new.set_id != old.set_id
        assert show_signoff(desk, old.set_id).replaced_by == new.set_id
    assert look(desk, 5) == {}


def test_what_is_void_is_not_approved(desk: Engine) -> None:
    withdraw(desk, list_signoffs(desk)[0].set_id, ANNA, "again")
    waits = prepared(desk)
    comes_late(desk, 4)
    with pytest.raises(SignoffRefused, match=r"is void: .*gap 3 is now 2.*signoff prepare --period 2014 --as-of"):
        approve(desk, waits.set_id, BEN)
    assert prepared(desk).set_id != waits.set_id


def test_a_replay_or_a_load_that_changes_no_figure_voids_nothing(desk: Engine) -> None:
    comes_late(desk, 1)  # the same event again
    assert state(desk) is SignoffState.APPROVED
    load_rows(desk, HOTLINE, [report("h1")])
    said_again = registered(1) | {"event_id": "o1-again", "recorded_at": datetime(2014, 8, 1, 9, tzinfo=UTC)}
    load_rows(desk, OM, [said_again | {"mutation": "reclassified"}])  # recorded by that day, and moves nothing
    (one,) = list_signoffs(desk)
    assert one.state is SignoffState.APPROVED
    assert one.movement is None
    assert look(desk) == {}


def test_what_is_withdrawn_stays_so_whatever_comes(desk: Engine) -> None:
    withdraw(desk, list_signoffs(desk)[0].set_id, BEN, "wrong year")
    comes_late(desk, 4)
    (one,) = list_signoffs(desk)
    assert (one.state, one.movement) == (SignoffState.WITHDRAWN, None)
    assert look(desk) == {}


def test_a_decision_known_by_that_day_moves_the_breaks_and_voids(desk: Engine) -> None:
    reconcile_on(desk, AS_OF)

    def take(number: int, on: date) -> None:
        taken = Decision(
            verdict=BreakStep.ACKNOWLEDGED,
            decided_by="desk-1",
            decided_on=on,
            break_id=f"2014-police-{dossier(number)}-1",
            owner="desk-1",
            note="asked",
        )
        decide(desk, taken)

    take(4, LATER)
    assert state(desk) is SignoffState.APPROVED
    take(5, AS_OF)
    (one,) = list_signoffs(desk)
    assert one.state is SignoffState.VOID
    assert one.movement is not None
    assert {moved.figure for moved in one.movement.figures} == {"breaks.open.missing", "breaks.acknowledged.missing"}
    assert [load.source for load in one.movement.loads] == ["decisions"]


@pytest.mark.parametrize(
    ("numbers", "expected"), [((4, 5), SignoffState.APPROVED), ((4, 5, 6), SignoffState.SUPERSEDED)]
)
def test_only_a_later_day_that_moves_more_than_was_agreed_supersedes(
    desk: Engine, numbers: tuple[int, ...], expected: SignoffState
) -> None:
    cover_later(desk, *numbers)
    assert state(desk) is SignoffState.APPROVED  # nobody balanced that day yet
    reconcile_on(desk, LATER)
    (one,) = list_signoffs(desk)
    assert one.state is expected
    alerts = look(desk)
    assert ("figures_superseded" in alerts) is (expected is SignoffState.SUPERSEDED)
    if expected is SignoffState.SUPERSEDED:
        assert one.movement is not None
        assert one.movement.as_of == LATER
        assert ("gap", 3, 0) in [(moved.figure, moved.signed, moved.now) for moved in one.movement.figures]
        assert one.movement.breaks_in_all == 3
        assert f"are others as known on {LATER}" in alerts["figures_superseded"].says
        assert alerts["figures_superseded"].period == YEAR
        signed(desk, as_of=LATER)
        assert look(desk, 5) == {}


def test_a_signed_quarter_is_balanced_with_the_years(
    desk: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter = Period.parse("2014-Q2")
    signed(desk, period=quarter)
    cover_later(desk, 4, 5, 6)
    reconcile_what_changed(settings_of(desk, tmp_path, monkeypatch))
    states = {one.period: one.state for one in list_signoffs(desk)}
    assert states == {YEAR: SignoffState.SUPERSEDED, quarter: SignoffState.SUPERSEDED}


def test_an_earlier_day_is_signed_and_voided_by_what_comes_late(desk: Engine) -> None:
    signed(desk, as_of=EARLIER)
    assert [one.state for one in list_signoffs(desk)] == [SignoffState.APPROVED] * 2
    comes_late(desk, 4)
    assert [one.state for one in list_signoffs(desk)] == [SignoffState.VOID] * 2


def test_a_document_that_somebody_with_every_right_changed_is_no_longer_signed(desk: Engine) -> None:
    with desk.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("ALTER TABLE figure_set DROP CONSTRAINT ck_figure_set_named_by_its_digest"))
        connection.execute(text("""UPDATE figure_set SET document = replace(document, '"gap"\\:3', '"gap"\\:2')"""))
    (one,) = list_signoffs(desk)
    assert one.state is SignoffState.VOID
    assert "no longer what was signed" in one.not_judged
    assert "no longer what was signed" in look(desk)["signature_void"].says


def test_the_report_says_who_signed_and_whether_it_holds(desk: Engine) -> None:
    def read() -> Report:
        reconcile_on(desk, AS_OF)
        terms = ReportTerms(final_after_days=0, contact=None, nowcast_horizon_days=400)
        with snapshot(desk) as connection:
            stored = stored_balance(connection, period=YEAR, as_of=AS_OF, policy=POLICY.to_dict())
            assert stored is not None
            return read_report(connection, stored, policy=POLICY, alert_policy=ALERT_POLICY, terms=terms)

    prepared(desk, as_of=EARLIER)  # what one person signed is not in it
    assert [(one.state, one.as_of) for one in read().signoffs or ()] == [(SignoffState.APPROVED, AS_OF)]
    comes_late(desk, 4)
    assert [one.state for one in read().signoffs or ()] == [SignoffState.VOID]


def settings_of(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KETENBALANS_HOME", str(folder / "home"))
    return Settings()


def of_another_version(engine: Engine, **changed: object) -> str:
    """A set that Anna prepared with a version of the code that knows other keys or numbers; gives its name."""
    (one,) = list_signoffs(engine)
    assert one.figures is not None
    document = canonical(one.figures.to_json() | changed).decode()
    kept = KeptFigureSet(set_id=id_of(document), period=YEAR, as_of=AS_OF, document=document, loads={})
    with engine.begin() as connection:
        keep_figure_set(connection, kept, {})
        record_act(connection, kept.set_id, SignoffAct.PREPARED, ANNA, note=None)
    return kept.set_id


@pytest.mark.parametrize(
    "changed",
    [{"later": 1}, {"balance": {"later": 1}}, {"policy": {"later": 1}, "input_fingerprint": "0" * 64}],
    ids=["a key", "a balance", "a number of the policy"],
)
def test_a_set_of_another_version_is_not_judged_and_stops_nothing(desk: Engine, changed: dict[str, object]) -> None:
    name = of_another_version(desk, **changed)
    found = {one.set_id: one for one in list_signoffs(desk)}
    assert len(found) == 2
    assert found[name].state is SignoffState.PREPARED
    assert "version of the code" in found[name].not_judged
    assert look(desk) == {}
    with pytest.raises(SignoffRefused, match="nobody can say now whether figure set"):
        approve(desk, name, BEN)


def test_a_row_that_says_another_day_than_was_signed_is_void(desk: Engine) -> None:
    with desk.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE figure_set SET as_of = as_of + 365"))
    (one,) = list_signoffs(desk)
    assert (one.state, one.figures) == (SignoffState.VOID, None)
    assert "no longer what was signed" in one.not_judged
