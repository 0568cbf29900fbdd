"""A report says one moment, whatever is loaded while it is gathered: all that moved, and what an earlier one said."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

import ketenbalans.jobs.balancing.reconcile
import ketenbalans.jobs.reporting.frames
import ketenbalans.jobs.reporting.report
from ketenbalans.jobs.balancing.restate import restate
from ketenbalans.jobs.reporting.frames import read_report
from ketenbalans.jobs.reporting.publication import ReportTerms
from ketenbalans.jobs.reporting.report import TRIES, make_report
from ketenbalans.jobs.reporting.written import WrittenReport
from ketenbalans.reports.report import Report
from ketenbalans.settings import Settings
from schemas.period import Period
from schemas.report_status import EarlierReport, ReportStatus
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.warehouse.rows import OM, POLICE, load_covered, load_rows, om, police
from tests.integration.watching.months import POLICY
from warehouse.balances import stored_balance
from warehouse.database import snapshot
from warehouse.errors import InputKeepsChanging

pytestmark = pytest.mark.stack

YEAR, FIRST, AS_OF = Period.of_year(2014), date(2014, 9, 30), date(2014, 12, 31)
READS = (
    "described",
    "last_report",
    "chain_on",
    "breaks_of_stored",
    "restate",
    "revisions",
    "_sources",
    "publication_of",
    "may_come",
)
TERMS = ReportTerms(final_after_days=0, contact=None, nowcast_horizon_days=400)
_NUMBERS = count(10)


def deliver_another(engine: Engine) -> None:
    """A suspect who was recorded in time and is loaded only now, and an extract that says so."""
    number = next(_NUMBERS)
    row = police(str(number), dossier_number=f"PL0900-2014{number:06}", delivered_on=date(2014, 5, 1))
    load_rows(engine, POLICE, [row])


def and_then(do: Callable[..., Any], engine: Engine) -> Callable[..., Any]:
    """Do it, and let something be loaded right after."""

    def both(*arguments: Any, **named: Any) -> Any:
        done = do(*arguments, **named)
        deliver_another(engine)
        return done

    return both


def reported(engine: Engine, as_of: date, out: Path) -> WrittenReport:
    return make_report(
        engine,
        Settings().model_copy(update={"home": out / "home"}),
        period=YEAR,
        as_of=as_of,
        out=out,
        languages=["en"],
    )


@pytest.fixture(scope="module")
def reported_once(new_warehouse: NewWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Both registers, of which a first report was made; only copied."""
    engine = new_warehouse()
    later = datetime(2014, 11, 3, 9, tzinfo=UTC)
    load_covered(
        engine,
        POLICE,
        [police("1"), police("2", dossier_number="PL0900-2014000002"), police("3", later, unit="PL1000")],
        until=AS_OF,
    )
    load_covered(engine, OM, [om("1", dossier_number="PL0900-2014000002", suspect_number=1)], until=AS_OF)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ketenbalans.jobs.reporting.report, "write_report", lambda *_, **__: [])
        reported(engine, FIRST, tmp_path_factory.mktemp("first"))
    return engine


@pytest.fixture
def registers(reported_once: Engine, copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Both registers, of which a first report was made; no page is drawn."""
    monkeypatch.setattr(ketenbalans.jobs.reporting.report, "write_report", lambda *_, **__: [])
    return copy_of(reported_once)


def read(engine: Engine) -> Report:
    with snapshot(engine) as connection:
        stored = stored_balance(connection, period=YEAR, as_of=AS_OF, policy=POLICY.to_dict())
        assert stored is not None
        return read_report(connection, stored, policy=POLICY, alert_policy=Settings().read_alert_policy(), terms=TERMS)


def test_what_is_loaded_while_a_report_is_gathered_is_not_in_it(
    registers: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reported(registers, AS_OF, tmp_path)
    undisturbed = read(registers)
    assert undisturbed.since is not None
    for name in READS:
        monkeypatch.setattr(
            ketenbalans.jobs.reporting.frames,
            name,
            and_then(getattr(ketenbalans.jobs.reporting.frames, name), registers),
        )
    assert read(registers) == undisturbed
    monkeypatch.undo()
    assert read(registers) != undisturbed  # what was loaded would have been seen


def test_a_report_shows_what_its_balance_was_made_from(
    registers: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Loaded between the balance and its report: it is balanced again."""
    before = reported(registers, AS_OF, tmp_path)
    balanced = []

    def reconcile(*arguments: Any, **named: Any) -> None:
        balanced.append(ketenbalans.jobs.balancing.reconcile.reconcile(*arguments, **named).delivered)
        if len(balanced) == 1:
            deliver_another(registers)

    monkeypatch.setattr(ketenbalans.jobs.reporting.report, "reconcile", reconcile)
    assert reported(registers, AS_OF, tmp_path).delivered == before.delivered
    assert not balanced  # it is there already
    deliver_another(registers)
    after = reported(registers, AS_OF, tmp_path)
    assert balanced == [before.delivered + 1, before.delivered + 2]
    assert after.delivered == balanced[-1]


def test_a_report_of_what_keeps_changing_is_refused_and_writes_nothing(
    registers: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        ketenbalans.jobs.reporting.report,
        "reconcile",
        and_then(ketenbalans.jobs.balancing.reconcile.reconcile, registers),
    )
    monkeypatch.setattr(ketenbalans.jobs.reporting.report, "write_report", lambda *_, **__: pytest.fail("it wrote"))
    deliver_another(registers)
    with pytest.raises(InputKeepsChanging, match=f"{TRIES} times its input changed"):
        reported(registers, AS_OF, tmp_path)


def test_a_connection_that_is_in_no_snapshot_is_no_moment(registers: Engine) -> None:
    with registers.connect() as connection, pytest.raises(ValueError, match="in no snapshot"):
        restate(connection, period=YEAR, days=(FIRST, AS_OF), policy=POLICY)


def test_what_changed_counts_every_move_that_restate_shows(registers: Engine, tmp_path: Path) -> None:
    """Also that of a suspect who is not recognised on either day, for another cause."""
    delivered = datetime(2014, 9, 20, 9, tzinfo=UTC)
    row = police("4", delivered, dossier_number="PL0900-2014000004", delivered_on=delivered.date())
    load_rows(registers, POLICE, [row])
    reported(registers, AS_OF, tmp_path)
    since, answer = read(registers).since, restate(registers, period=YEAR, days=(FIRST, AS_OF), policy=POLICY)
    assert since is not None
    assert since.restated == replace(answer, moves=())
    counted = Counter[tuple[str, str]]()
    for move in since.moves:
        counted[move.movement, move.reason] += move.suspects
    assert counted == Counter((move.movement, move.reason) for move in answer.moves)
    of_the_gap = [move for move in since.moves if (move.before, move.after) == ("in_transit", "missing")]
    assert [move.suspects for move in of_the_gap] == [1]


def test_a_final_report_whose_figures_came_out_otherwise_is_restated(registers: Engine, tmp_path: Path) -> None:
    before = reported(registers, AS_OF, tmp_path)
    assert read(registers).publication.status is ReportStatus.FINAL
    deliver_another(registers)
    reported(registers, AS_OF, tmp_path)
    publication = read(registers).publication
    assert publication.status is ReportStatus.RESTATED
    figures = {"delivered": before.delivered, "recognised": before.recognised}
    assert publication.restates == EarlierReport(as_of=AS_OF, figures=figures)
