"""The runbook of dead letters says what to do about every reason, and knows every verb and its help."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ketenbalans.broker.errors import DeadLettersNotPublished
from ketenbalans.cli.deadletters import app as deadletters
from ketenbalans.cli.exit_codes import exit_code_of
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.main import app
from schemas.dead_letters import LetterState
from schemas.wire.refusals import Reason

RUNBOOK = (Path(__file__).parents[3] / "docs" / "runbooks" / "dead-letters.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in RUNBOOK.splitlines() if line[:3] == "| `"]
VERBS = {str(command.name): command for command in deadletters.registered_commands}


@pytest.mark.parametrize("reason", list(Reason))
def test_the_runbook_says_of_every_reason_what_it_is_and_what_to_do(reason: Reason) -> None:
    (row,) = [row for row in ROWS if row[0] == f"`{reason}`"]
    _, meaning, observed, to_do = row
    assert meaning == reason.meaning
    assert min(len(observed.split()), len(to_do.split())) >= 4


def test_the_runbook_knows_no_reason_that_there_is_not() -> None:
    words = {row[0].strip("`") for row in ROWS if len(row) == 4}
    assert words == set(map(str, Reason))


@pytest.mark.parametrize("state", list(LetterState))
def test_the_runbook_says_what_each_state_is(state: LetterState) -> None:
    assert f"*{state}*" in RUNBOOK


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help_and_is_in_the_runbook(verb: str) -> None:
    ended = CliRunner().invoke(app, ["deadletters", verb, "--help"])
    assert ended.exit_code == 0
    assert len(str(VERBS[verb].callback.__doc__).split()) >= 6
    assert f"ketenbalans deadletters {verb}" in RUNBOOK


def test_letters_that_could_not_be_sent_on_end_a_verb_as_a_service_out_of_reach() -> None:
    error = DeadLettersNotPublished("127.0.0.1:9", "TimeoutError", "police.deliveries.dlq")
    assert exit_code_of(error) is Exit.OUT_OF_REACH
    assert "what was loaded stays loaded" in str(error)
    assert "nothing was published" not in str(error)


def test_the_verbs_of_the_design_are_there() -> None:
    assert set(VERBS) == {"list", "show", "redrive", "discard", "publish"}
