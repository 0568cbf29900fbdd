"""A field that a rule uses, a cause and an alert rule are each declared once and named in their place (ADR 0039).

Proven with three that exist only here, written into a copy of the project: each file that is touched is one of
``new_cause.edits``, the golden case beside it is new, and everything else follows.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ketenbalans.code_version import code_version
from ketenbalans.project import PROJECT_FOLDER
from tests.contract.new_cause.edits import BEFORE

NEW_CASE = Path(__file__).parent / "new_cause" / "golden" / "sent_back"
PACKAGES = ("ketenbalans", "producers", "schemas", "warehouse")
PAGES = ("docs/counting-rules.md", "docs/runbooks/alerts.md")


def copy_of_the_project(folder: Path) -> None:
    """Everything that is edited as a copy, the rest as links to it."""
    for package in PACKAGES:
        shutil.copytree(PROJECT_FOLDER / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for page in (*PAGES, "policy.toml"):
        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_FOLDER / page, folder / page)
    link_all_in(PROJECT_FOLDER / "tests", folder / "tests", but="golden")
    link_all_in(PROJECT_FOLDER / "tests" / "golden", folder / "tests" / "golden")
    (folder / "tests" / "golden" / "sent_back").symlink_to(NEW_CASE)


def link_all_in(here: Path, there: Path, *, but: str | None = None) -> None:
    there.mkdir()
    for one in here.iterdir():
        if one.name not in (but, "__pycache__"):
            (there / one.name).symlink_to(one)


def edited(text: str, edits: list[tuple[str, str]]) -> str:
    for place, new in edits:
        assert text.count(place) == 1, place
        text = text.replace(place, f"{new}{place}")
    return text


def renumbered(page: str) -> str:
    """The page with its causes numbered anew, as whoever puts one among them does."""
    before, heading, rest = page.partition("## Why a delivered suspect is not recognised\n\nEvery")
    causes, end, after = rest.partition("\n## ")
    numbers = iter(range(1, 100))
    return (
        before + heading + re.sub(r"^### \d+\. ", lambda _: f"### {next(numbers)}. ", causes, flags=re.M) + end + after
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the copy says of what was added to it."""
    folder = tmp_path_factory.mktemp("project")
    copy_of_the_project(folder)
    for name, edits in BEFORE.items():
        file = folder / name
        text = edited(file.read_text(encoding="utf-8"), edits)
        file.write_text(renumbered(text) if name == "docs/counting-rules.md" else text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.new_cause.answers"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_the_field_comes_from_the_extract_to_the_rule(answers: dict[str, Any]) -> None:
    assert answers["event"] == ["2014-12-01"]
    assert (answers["column"], answers["query"], answers["evidence"]) == (True, True, True)


def test_the_golden_case_gives_what_is_expected_of_it(answers: dict[str, Any]) -> None:
    rows = (NEW_CASE / "expected.csv").read_text(encoding="utf-8").splitlines()[1:]
    said = [
        f"police;{dossier}/1;{case};{rule};{cause or 'recognised'}"
        for dossier, case, rule, cause in answers["suspects"]
    ]
    assert said == rows


def test_the_balance_counts_the_cause_in_its_place(answers: dict[str, Any]) -> None:
    assert answers["closes"]
    assert list(answers["counted"])[:3] == ["joined", "sent_back", "lapsed"]
    assert {cause: count for cause, count in answers["counted"].items() if count} == {"sent_back": 1, "lapsed": 1}
    assert answers["bridge"] == [["causes.sent_back", "sent back"]]


def test_the_break_has_its_state_and_what_resolves_it(answers: dict[str, Any]) -> None:
    assert answers["breaks"] == [["0900000114", "sent_back", "open"], ["0900000214", "lapsed", "explained"]]
    assert answers["resolved_when"] == "The police deliver the file again and the OM registers it in time."
    assert answers["completed"]


@pytest.mark.parametrize(
    ("language", "label", "meaning"),
    [
        ("en", "sent back", "The registration lapsed because the OM sent the file back."),
        ("nl", "teruggestuurd", "De inschrijving is vervallen omdat het OM het dossier heeft teruggestuurd."),
    ],
)
def test_the_report_has_its_words(answers: dict[str, Any], language: str, label: str, meaning: str) -> None:
    assert [label, "4", "100.0", meaning] in answers["report"][language]


def test_the_alert_is_sent_with_its_remedy_and_its_section(answers: dict[str, Any]) -> None:
    headline, *text = answers["alert"].splitlines()
    assert headline == "[Ketenbalans] CRITICAL: files sent back 2014"
    assert "3 files came back." in text
    assert (
        "What to do: `ketenbalans breaks --period 2014 --cause sent_back` lists them. "
        "Ask the unit to deliver them again." in text
    )
    assert "Runbook:  docs/runbooks/alerts.md, section files-sent-back" in text


def test_another_rule_is_another_version_of_the_answers(answers: dict[str, Any]) -> None:
    assert answers["code_version"] != code_version()
