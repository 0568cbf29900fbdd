"""What a person copies is in one piece: in 80 columns, in 20, and through a pipe."""

from datetime import UTC, datetime

import pytest

from ketenbalans.alerts.life import alerts_of
from ketenbalans.cli.output import Listing, answers
from ketenbalans.cli.tables.alerts import print_alerts
from ketenbalans.cli.tables.incidents import print_incidents
from ketenbalans.cli.tables.register import print_figures
from ketenbalans.jobs.figures.published import published_figures
from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from schemas.catalogue import sources
from tests.unit.an_incident import incident_of

AT = datetime(2015, 6, 30, 6, 5, tzinfo=UTC)
SENTENCE = "a new extract of police_deliveries covers until 2014-12-31: `ketenbalans incidents resume 7 --note '...'`"


@pytest.fixture(params=[20, 80, 200], autouse=True)
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(answers, "width", request.param)
    return int(request.param)


def words_printed(capsys: pytest.CaptureFixture[str]) -> set[str]:
    return set(capsys.readouterr().out.split())


def test_the_id_of_every_alert_is_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        AlertEvent(
            rule=rule, subject=subject, step=AlertStep.RAISED, severity=Severity.WARNING, says=SENTENCE, mark="m", at=AT
        )
        for rule in AlertRule
        for subject in sources()
    ]
    alerts = list(alerts_of(steps).values())
    print_alerts(alerts)
    lines = capsys.readouterr().out.splitlines()
    assert {alert.alert_id for alert in alerts} <= {line.split()[0] for line in lines}
    assert lines.count(f"  {SENTENCE}") == len(alerts)


def test_an_incident_names_its_number_its_source_and_its_command_in_one_piece(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_incidents([incident_of(incident_id=2**63 - 1, subject=name, message=SENTENCE) for name in sources()])
    lines = capsys.readouterr().out.splitlines()
    assert {tuple(line.split()[:2]) for line in lines} >= {(str(2**63 - 1), name) for name in sources()}
    assert lines.count(f"  {SENTENCE}") == len(sources())


def test_the_id_and_the_document_of_every_figure_is_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    figures = published_figures()
    print_figures(figures)
    assert {text for figure in figures for text in (figure.figure_id, figure.document)} <= words_printed(capsys)


def test_what_is_copied_is_whole_and_the_others_give_way(capsys: pytest.CaptureFixture[str]) -> None:
    copied = "dead_letters:police_deliveries"
    table = Listing("id", "text", copied=["id"])
    table.add(copied, "many words that go on and on and on and on until there is no room for them any more at all")
    answers.print(table)
    assert copied in words_printed(capsys)


def test_a_sentence_is_one_line_through_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    answers.print(SENTENCE * 9, markup=False)
    assert capsys.readouterr().out == f"{SENTENCE * 9}\n"
