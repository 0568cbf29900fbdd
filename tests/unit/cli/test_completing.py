"""The shell offers what a verb would take; where nothing is stored it offers nothing and says nothing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ketenbalans.cli import completing
from tests.unit.cli.test_any_order import VERBS

WORDS = (
    completing.states,
    completing.causes,
    completing.reasons,
    completing.letter_states,
    completing.sources,
    completing.extracts_of,
    completing.scenarios,
    completing.figure_ids,
)
STORED = (
    completing.break_ids,
    completing.units,
    completing.owners,
    completing.alert_ids,
    completing.letter_ids,
    completing.incident_ids,
    completing.release_ids,
)
COMPLETED = {"state", "cause", "reason", "source", "unit", "owner"}


def offered(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a shell gets after these words, the last of which is not finished."""
    environment = {
        "PATH": "",
        "HOME": str(tmp_path),
        "KETENBALANS_HOME": str(tmp_path / "nothing"),
        "_KETENBALANS_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("ketenbalans", *words)),
        "COMP_CWORD": str(len(words)),
    }
    command = [str(Path(sys.executable).with_name("ketenbalans"))]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("words", WORDS)
def test_every_word_that_is_offered_is_one_and_is_there_once(words: Callable[[], list[str]]) -> None:
    found = words()
    assert found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("stored", STORED)
def test_without_a_warehouse_nothing_is_offered_and_nothing_is_said(
    stored: Callable[[], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("KETENBALANS_WAREHOUSE_URL", raising=False)
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    assert stored() == []
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", "postgresql+psycopg://u@127.0.0.1:9/d")
    assert stored() == []
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", "no address")
    assert stored() == []
    assert capsys.readouterr() == ("", "")


def test_every_filter_of_a_vocabulary_and_every_identifier_is_completed() -> None:
    missing = [
        (path, one.name)
        for path, verb in VERBS.items()
        for one in verb.params
        if (one.name in COMPLETED and path[0] in ("breaks", "deadletters") and "acknowledge" not in path)
        or str(one.metavar).strip("[].").endswith(("ID", "NUMBER", "FIGURE", "SOURCE", "NAME"))
        if one._custom_shell_complete is None
    ]
    assert missing == []


def test_a_shell_gets_them_also_behind_options(tmp_path: Path) -> None:
    for words, expected in (
        (("--json", "breaks", "--period", "2014", "--state", "ac"), ["acknowledged", "accepted"]),
        (("breaks", "show", "2014"), []),
    ):
        ended = offered(tmp_path, *words)
        assert (ended.stdout.split(), ended.stderr) == (expected, ""), words
