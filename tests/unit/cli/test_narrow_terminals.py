"""No identifier breaks at the edge of a window, in any table or sentence; a pipe has no edge."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest

from ketenbalans.alerts.life import alerts_of
from ketenbalans.cli.failing import end_with
from ketenbalans.cli.output import answers, aside, print_labelled
from ketenbalans.cli.tables.alerts import print_alerts
from ketenbalans.cli.tables.breaks import print_break, print_breaks
from ketenbalans.cli.tables.dead_letters import print_letter, print_letters
from ketenbalans.cli.tables.incidents import print_incident, print_incidents
from ketenbalans.cli.tables.register import print_figures
from ketenbalans.jobs.breaks.work_list import BreakList
from ketenbalans.jobs.figures.published import published_figures
from ketenbalans.jobs.loading.dead_letters import ShownLetter
from ketenbalans.jobs.loading.resuming import ShownIncident
from ketenbalans.reconciliation.break_life import LIFE
from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from schemas.answer_breaks import BreakHistoryStep, ShownBreak
from schemas.breaks import BreakState
from schemas.catalogue import sources
from schemas.period import Period
from schemas.policy import InvalidPolicy
from tests.unit.an_incident import incident_of
from warehouse.dead_letters import KeptLetter

AT = datetime(2015, 6, 30, 6, 5, tzinfo=UTC)
DAY = date(2015, 6, 30)
EVENT = "dd4a9477-cb77-5996-a285-dd0b88bb06fc"
BREAKS = [f"2014-police-PL0900-201400{number:04}-1" for number in range(6)]
CASES = [f"09001234{number:02}" for number in range(6)]
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(params=[40, 60, 80, 200])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    for console in (answers, aside):
        monkeypatch.setattr(console, "width", request.param)
        monkeypatch.setattr(console, "_force_terminal", True)
    return int(request.param)


def breaks(*_: object) -> list[str]:
    rows = [
        {
            **dict.fromkeys(LIFE),
            "break_id": break_id,
            "cause": "duplicate_registration",
            "state": state.value,
            "opened_on": DAY,
            "age_days": 1000,
            "case_number": case,
            "owner": "a-handle-of-thirty-two-characters",
        }
        for break_id, case, state in zip(BREAKS, CASES, BreakState, strict=True)
    ]
    found = BreakList(
        periods=(Period.of_year(2014),),
        days=(DAY,),
        is_kept=True,
        rows=pl.DataFrame(rows, schema_overrides={"due_on": pl.Date()}),
        left_out=dict.fromkeys(map(str, BreakState), 12),
    )
    print_breaks(found, is_work_list=True)
    return [*BREAKS, *CASES, "a-handle-of-thirty-two-characters", "2015-06-30"]


def one_break() -> list[str]:
    event = {
        "source": "police_deliveries",
        "mutation": "delivered",
        "recorded_at": AT,
        "dossier_number": BREAKS[0][12:-2],
    }
    nobody: dict[str, None] = dict.fromkeys(("owner", "note", "acknowledged_by", "accepted_by", "accepted_until"))
    step = BreakHistoryStep(
        on=DAY, step="resolved", state="resolved", cause="missing", by=None, identity=None, event_id=EVENT, **nobody
    )
    shown = ShownBreak(
        **nobody,
        break_id=BREAKS[0],
        side="police",
        state="resolved",
        as_of=DAY,
        cause="missing",
        cause_means="None of these: unexplained, and somebody has to look.",
        rule=None,
        link_rule=None,
        due_on=None,
        unit=None,
        dossier_number=BREAKS[0][12:-2],
        suspect_number=1,
        case_number=CASES[0],
        opened_on=DAY,
        age_days=274,
        resolved_on=DAY,
        resolved_by=EVENT,
        resolved_when="",
        policy={"transit_allowance_days": 60, "registered_before_delivery_days": 31, "other_deliverers": ["PL27"]},
        events=(event,),
        decisions=(),
        history=(step,),
    )
    print_break(shown)
    return [BREAKS[0], BREAKS[0][12:-2], CASES[0], EVENT, "registered_before_delivery_days"]


def letters() -> list[str]:
    one = KeptLetter(
        dead_letter_id=7,
        source="police_deliveries",
        topic="interventions.registrations",
        topic_id=EVENT,
        partition=12,
        offset=123_456_789,
        last_offset=123_456_999,
        reason="not_json",
        column="dossier_number_as_reported",
        rule="is_dossier_number",
        failed_at=AT,
        form="one",
        state="waiting",
        published_at=None,
        key_bytes=None,
        value_bytes=7,
    )
    print_letters([replace(one, dead_letter_id=2**63 - number) for number in range(1, 4)])
    print_letter(ShownLetter(letter=one, means="x " * 60, form_means="y " * 60, headers=("ce_id",) * 20, history=()))
    return [*(str(2**63 - number) for number in range(1, 4)), one.topic, "12/123456789-123456999", EVENT]


def alerts() -> list[str]:
    steps = [
        AlertEvent(
            rule=rule,
            subject=subject,
            step=AlertStep.RAISED,
            severity=Severity.WARNING,
            says=f"a new extract of {subject} covers less: `ketenbalans incidents resume 7 --note '...'`",
            mark="m",
            at=AT,
        )
        for rule in AlertRule
        for subject in sources()
    ]
    found = list(alerts_of(steps).values())
    print_alerts(found)
    return [one.alert_id for one in found]


def incidents() -> list[str]:
    says = "a new extract covers until 2014-12-31, which is less than before; somebody has to look at it now"
    print_incidents([incident_of(incident_id=2**63 - 1, subject=name, message=says) for name in sources()])
    rest = {"meaning": "m " * 50, "resumed_means": "r " * 50, "runbook": "docs/runbooks/incidents.md"}
    print_incident(ShownIncident(incident=incident_of(message=says), earlier=(), **rest))
    return [str(2**63 - 1), *sources(), "docs/runbooks/incidents.md"]


def figures() -> list[str]:
    found = published_figures()
    print_figures(found)
    return [text for figure in found for text in (figure.figure_id, figure.document)]


def sentences() -> list[str]:
    said = f"{BREAKS[0]} was not acknowledged: it belongs to desk-1, see {BREAKS[1]} and the event {EVENT} of it"
    answers.print(said, markup=False)
    aside.print(f"[figure]{said}[/figure]; {said}")
    print_labelled("label", said, width=12)
    with pytest.raises(SystemExit):
        end_with([InvalidPolicy(f"{said}\n{said}")])
    return [*BREAKS[:2], EVENT]


@pytest.mark.parametrize("show", [breaks, one_break, letters, alerts, incidents, figures, sentences])
def test_no_identifier_breaks_at_the_edge(
    show: Callable[[], list[str]], width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = show()
    printed = capsys.readouterr()
    lines = ESCAPES.sub("", printed.out + printed.err).splitlines()
    for text in set(copied):
        places = [(line, found.start()) for line in lines for found in re.finditer(re.escape(text), line)]
        assert places, text
        for line, start in places:
            fits = start // width == (start + len(text) - 1) // width
            assert fits or (start == 0 and len(text) > width), line


@pytest.mark.parametrize("show", [breaks, letters])
def test_a_row_through_a_pipe_is_one_line(show: Callable[[], list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    show()
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("2014-", str(2**63)[:12]))]
    assert len(rows) in (3, 6)
    assert all(len(line.split()) >= 7 for line in rows)


def test_a_command_between_backticks_stays_in_one_piece(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    command = "`ketenbalans breaks take-back --dossier PL0600-2012013082 --suspect 1 --case 0864390712`"
    answers.print(f"to decide otherwise take that back first ({command}), and then decide", markup=False)
    lines = ESCAPES.sub("", capsys.readouterr().out).splitlines()
    assert f"({command})," in lines or width == 200
    assert "".join(lines).count(command) == 1


def test_text_that_looks_like_markup_is_shown_as_it_is(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    answers.print("[bold]" + " word" * 60, markup=False)
    assert "[bold]" in ESCAPES.sub("", capsys.readouterr().out)
