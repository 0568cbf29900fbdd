"""Every verb has its help, and the documents name every verb, setting and exit code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ketenbalans.cli import main
from ketenbalans.cli.exit_codes import CODES, exit_code_of
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.main import app
from ketenbalans.settings import Settings

VERBS = {command.name: command for command in app.registered_commands}
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("verb", sorted(str(name) for name in VERBS))
def test_every_verb_has_help(verb: str) -> None:
    result = CliRunner().invoke(app, [verb, "--help"])
    assert result.exit_code == 0
    assert len(str(VERBS[verb].callback.__doc__).split()) >= 6


def test_the_verbs_of_the_design_are_there() -> None:
    assert set(VERBS) >= {"up", "down", "status", "produce", "ingest", "reconcile", "scenario", "settings"}


def test_every_verb_has_a_module_of_its_name() -> None:
    there = [*map(str, VERBS), *(str(group.name) for group in app.registered_groups)]
    assert sorted(main.VERBS) == sorted(there)


def test_every_setting_says_what_it_is_for_and_is_shown() -> None:
    shown = CliRunner().invoke(app, ["settings"], env={"COLUMNS": "200"}).output
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"KETENBALANS_{name.upper()}" in shown


def test_a_secret_is_not_shown() -> None:
    secret = {"KETENBALANS_CHAIN_KEY": "very secret", "KETENBALANS_WAREHOUSE_URL": "postgresql://a:very-secret@h/d"}
    for arguments in (["settings"], ["settings", "--json"]):
        output = CliRunner().invoke(app, arguments, env=secret).output
        assert "very" not in output
        assert "set, not shown" in output


def test_the_runbook_names_every_exit_code() -> None:
    text = (ROOT / "docs" / "runbooks" / "README.md").read_text(encoding="utf-8")
    for code in Exit:
        assert f"{code.value} " in text.split("Exit\ncodes:")[1].split("\n\n")[0] + " "


def test_a_special_case_comes_before_its_general_one() -> None:
    kinds = [kind for kind, _ in CODES]
    for place, kind in enumerate(kinds):
        assert not any(issubclass(kind, earlier) for earlier in kinds[:place]), kind


def test_a_defect_of_ours_has_no_exit_code_of_its_own() -> None:
    assert exit_code_of(ZeroDivisionError()) is None
