"""Text of a source or of a person draws no line of its own and moves nothing, wherever it is shown (ADR 0029).

The surfaces are found, not listed: a module of the command line that prints in another way, a page with templates of
its own or a channel that is not looked at here fails.
"""

import ast
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from ketenbalans.alerts import channels
from ketenbalans.alerts.channels import Alertmanager, Email, Log, Webhook
from ketenbalans.alerts.life import alerts_of
from ketenbalans.alerts.message import Places
from ketenbalans.cli.failing import end_with
from ketenbalans.cli.output import Listing, answers, print_json
from ketenbalans.cli.tables.alerts import print_alert, print_alerts
from ketenbalans.cli.tables.breaks import print_break
from ketenbalans.cli.tables.dead_letters import print_letter
from ketenbalans.cli.tables.incidents import print_incident, print_incidents
from ketenbalans.jobs.loading.dead_letters import LetterHistoryStep, ShownLetter
from ketenbalans.jobs.loading.resuming import ShownIncident
from ketenbalans.jobs.pages.airflow_notes import Note
from ketenbalans.jobs.pages.overview import AlertLine, Overview, SourceLine
from ketenbalans.jobs.watching.alerts import ShownAlert
from ketenbalans.web.drawing import draw
from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from schemas.answer_breaks import BreakHistoryStep, ShownBreak
from schemas.control_signs import has_control_signs
from tests.unit.an_incident import incident_of
from tests.unit.reports.a_report import RENDERED, composed, full_report
from tests.unit.web.a_visit import visit_of
from warehouse.dead_letters import KeptLetter
from warehouse.errors import DecisionRefused

PROJECT = Path(__file__).parents[2]
PACKAGES = sorted({path.parts[0] for path in (one.relative_to(PROJECT) for one in PROJECT.glob("*/__init__.py"))})
FORGED = "  2014-12-31 09:00  resolved"
HOSTILE = f"gezien\n{FORGED}\r\x1b[2J\x9b31m\u202e\u2028{FORGED}\x85\x7f\u200b"
AT = datetime(2015, 6, 30, 6, 5, tzinfo=UTC)


def is_harmless(text: str) -> bool:
    """Whether no line of it has a control sign, and none is the forged one."""
    return not any(has_control_signs(line) or line.startswith(FORGED) for line in text.split("\n"))


def step(**changed: Any) -> AlertEvent:
    as_a_rule: dict[str, Any] = {
        "rule": AlertRule.DEAD_LETTERS,
        "subject": HOSTILE,
        "step": AlertStep.RAISED,
        "severity": Severity.WARNING,
        "says": HOSTILE,
        "evidence": {"found": HOSTILE, "rows": 2},
        "mark": "m",
        "at": AT,
        "event_number": 1,
    }
    return AlertEvent(**(as_a_rule | changed))


TAKEN = step(step=AlertStep.ACKNOWLEDGED, by="desk-1", note=HOSTILE, event_number=2)
OVER = step(step=AlertStep.RESOLVED, by="desk-1", note=HOSTILE, event_number=3)


def modules_of(package: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((PROJECT / package).glob("**/*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def names_in(tree: ast.Module) -> set[str]:
    """What a module imports and what it reaches by name: ``rich.table.Table``, ``print``, ``sys.stdout``."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Name):
            found.add(node.id)
    return found


def test_the_command_line_prints_through_one_module() -> None:
    otherwise = {"print", "sys.stdout", "typer.echo", "typer.secho", "rich.print", "rich.table.Table", "rich.table"}
    otherwise |= {"rich.console.Console", "rich.console", "rich.panel.Panel", "rich.tree.Tree", "logging"}
    for path, tree in modules_of("cli"):
        if path.name != "output.py":
            assert not names_in(tree) & otherwise, path


def test_pages_have_their_templates_from_one_module() -> None:
    with_templates = {
        str(path.relative_to(PROJECT))
        for package in PACKAGES
        for path, tree in modules_of(package)
        if any(name.startswith("jinja2") for name in names_in(tree))
    }
    assert with_templates == {"ketenbalans/reports/page_templates.py"}


def test_a_terminal_shows_lists_and_one_of_each_on_lines_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    (alert,) = alerts_of([step(), TAKEN]).values()
    raised = step(by="desk-1", note=HOSTILE)
    held_back = step(step=AlertStep.HELD_BACK, says=f"{HOSTILE} then", held_back_by=HOSTILE)
    print_alerts([alert])
    print_alert(ShownAlert(alert=alert, what_to_do=HOSTILE, runbook=HOSTILE, history=(raised, held_back)))
    print_incidents([INCIDENT])
    print_incident(ShownIncident(incident=INCIDENT, meaning=HOSTILE, resumed_means="", runbook="", earlier=()))
    print_letter(LETTER)
    print_break(BREAK)
    with pytest.raises(SystemExit):
        end_with([DecisionRefused(f"it is taken already: {HOSTILE.replace(chr(10), ' ')}")])
    printed = capsys.readouterr()
    assert printed.out.count("gezien") >= 10
    assert is_harmless(printed.out)
    assert is_harmless(printed.err)


def test_a_terminal_shows_the_evidence_of_a_break_on_one_line_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    print_break(BREAK)
    lines = capsys.readouterr().out.splitlines()
    (event,) = [line for line in lines if "transferred_to=" in line]
    assert "?[2J" in event
    (said,) = [line for line in lines if "acknowledged" in line and "gezien" in line]
    assert said.index("gezien?") < said.index(FORGED)


def test_json_is_data_and_shows_no_sign(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"note": HOSTILE})
    printed = capsys.readouterr().out
    assert is_harmless(printed)
    assert json.loads(printed) == {"note": HOSTILE}


def test_a_cell_is_no_markup_and_a_text_of_ours_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    table = Listing("a", "b")
    table.add("[red]x[/red]", Text("one\ntwo"))
    answers.print(table)
    assert capsys.readouterr().out.split() == ["a", "b", "[red]x[/red]", "one", "two"]


@pytest.mark.parametrize("kind", sorted(RENDERED))
@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_form_of_a_report_shows_one(kind: str, language: str) -> None:
    document = composed(full_report(units=("PL0100", HOSTILE)), language)
    made = RENDERED[kind](document)
    if kind == "pdf":  # compressed, and made: the text in it is the document's
        assert made.startswith(b"%PDF")
    text = zipfile.ZipFile(io.BytesIO(made)).read("content.xml").decode() if kind == "ods" else made.decode("latin-1")
    if kind in ("html", "csv"):
        text = made.decode("utf-8-sig")  # a byte order mark is what a spreadsheet wants before a CSV
    if kind != "pdf":
        assert "gezien?" in text
        assert is_harmless(text)


def test_no_text_of_a_report_holds_one() -> None:
    document = composed(full_report(units=("PL0100", HOSTILE)))
    assert all(map(is_harmless, _texts(document)))
    assert any("gezien?" in text for text in _texts(document))


def test_a_page_shows_none() -> None:
    alert: dict[str, Any] = {"alert_id": HOSTILE, "rule": HOSTILE, "subject": HOSTILE, "severity": "warning"}
    alert |= {"says": HOSTILE, "acknowledged_by": HOSTILE, "note": HOSTILE, "what_to_do": HOSTILE}
    alert |= {"runbook": HOSTILE, "held_back_by": None}
    source: dict[str, Any] = {
        "source": HOSTILE,
        "covers_until": None,
        "received_at": None,
        "is_silent": False,
        "dead_letters": 0,
    }
    source |= {"incident": HOSTILE, "dag": "d", "quality": HOSTILE, "quality_passed": False, "data_docs": None}
    lines: dict[str, Any] = {"sources": [SourceLine(**source)], "alerts": [AlertLine(**alert)]}
    overview = Overview(as_of=None, balances=[], reports=[], **lines)
    page = draw("overview.html.j2", visit_of(may_act=False), here="", overview=overview)
    assert page.count("gezien?") >= 4
    assert is_harmless(page)


@pytest.mark.parametrize("one", [step(), OVER])
def test_no_channel_sends_one(one: AlertEvent, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    sent: list[str] = []

    def post(_channel: str, _url: str, body: Any) -> None:
        sent.extend(_texts(body))

    monkeypatch.setattr(channels, "_post", post)
    places = Places(airflow="http://airflow.example", docs="https://docs.example")
    mail = Email("smtp://h", "a@b.example", ("c@d.example",), places, threshold=5)._mail([one, one])
    sent += [str(mail["Subject"]), mail.get_content().replace("\r\n", "\n")]
    Webhook("http://h", places, threshold=5).send([one])
    (alert,) = alerts_of([step(), one]).values()
    Alertmanager("http://h", places, threshold=5).send_all([alert], now=AT)
    Log(places).send([one])
    sent.append(caplog.text)
    assert sum("gezien?" in text for text in sent) >= 5
    assert all(map(is_harmless, sent))


def test_every_channel_is_looked_at_here() -> None:
    senders = {
        name
        for name, kind in vars(channels).items()
        if isinstance(kind, type) and kind.__module__ == channels.__name__ and {"send", "send_all"} & set(vars(kind))
    }
    assert senders == {"AlertChannel", "Log", "Email", "Webhook", "Alertmanager"}


def test_a_note_on_a_task_shows_none() -> None:
    note = Note()
    note.say(HOSTILE)
    assert is_harmless(str(note))


def _texts(part: Any) -> list[str]:
    """Every text in something, also in the fields of what it holds; pictures apart."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, dict):
        return [text for value in part.values() for text in _texts(value)]
    if isinstance(part, list | tuple):
        return [text for value in part for text in _texts(value)]
    return _texts(vars(part)) if hasattr(part, "__dataclass_fields__") else []


INCIDENT = incident_of(
    subject=HOSTILE, kind=HOSTILE, message=HOSTILE, since=AT, by="desk-1", resumed_at=AT, note=HOSTILE
)
LETTER = ShownLetter(
    letter=KeptLetter(
        dead_letter_id=3,
        source="police_deliveries",
        topic=HOSTILE,
        topic_id=HOSTILE,
        partition=0,
        offset=1,
        reason="header",
        column=None,
        rule=HOSTILE,
        failed_at=AT,
        form="message",
        last_offset=None,
        state="discarded",
        published_at=None,
        key_bytes=1,
        value_bytes=None,
    ),
    means="m",
    form_means=HOSTILE,
    headers=(HOSTILE,),
    history=(
        LetterHistoryStep(
            step="discarded", at=AT, by="desk-1", identity="declared", note=HOSTILE, partition=None, offset=None
        ),
    ),
)
BREAK = ShownBreak(
    break_id="2014-police-PL0900-2014000301-1",
    side="police",
    state="acknowledged",
    as_of=AT.date(),
    cause="missing",
    cause_means="m",
    dossier_number="PL0900-2014000301",
    suspect_number=1,
    unit=HOSTILE,
    case_number=HOSTILE,
    link_rule=None,
    rule=None,
    due_on=None,
    opened_on=AT.date(),
    age_days=3,
    owner="desk-1",
    note=HOSTILE,
    acknowledged_by="desk-1",
    accepted_by=None,
    accepted_until=None,
    resolved_on=None,
    resolved_by=None,
    resolved_when="w",
    policy={"transit_allowance_days": 60},
    events=({"source": "police_deliveries", "recorded_at": AT, "mutation": "delivered", "transferred_to": HOSTILE},),
    decisions=(),
    history=(
        BreakHistoryStep(
            on=AT.date(),
            step="acknowledged",
            cause=None,
            state="acknowledged",
            owner="desk-1",
            note=HOSTILE,
            acknowledged_by="desk-1",
            accepted_by=None,
            accepted_until=None,
            by="desk-1",
            identity="declared",
            event_id=None,
        ),
    ),
)
