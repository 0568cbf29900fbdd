"""A folder or file that cannot be written is found before the work, in one sentence; half a result is never left."""

import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ketenbalans.cli.exit_codes import exit_code_of
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.main import app
from ketenbalans.whole_files import NotWritten

MONTHS = ("--from", "2014-01", "--to", "2014-12")


@pytest.fixture(autouse=True)
def nothing_to_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home without a warehouse: work that began would end with exit 4."""
    monkeypatch.delenv("KETENBALANS_WAREHOUSE_URL", raising=False)
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path / "home"))


@pytest.fixture
def no_room() -> Iterator[None]:
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize(
    ("verb", "option"),
    [
        (("report", "--period", "2014"), "--out"),
        (("scenario", "2014"), "--out"),
        (("revisions", *MONTHS), "--csv"),
        (("breaks",), "--csv"),
        (("deadletters", "show", "7", "--raw"), "--out"),
    ],
)
def test_what_cannot_be_written_is_a_usage_error_before_any_work(
    verb: tuple[str, ...], option: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "below", Path("/proc/nope/below")):
        result = CliRunner().invoke(app, [*verb, option, str(place)], env={"COLUMNS": "400"})
        assert result.exit_code == 2
        said = " ".join(result.stderr.replace("│", " ").split())
        assert f"Invalid value for {option}: " in said
        assert (
            f"{place if option == '--out' and verb[0] != 'deadletters' else place.parent} cannot be written (" in said
        )
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_scenario_without_room_leaves_no_file(tmp_path: Path, no_room: None) -> None:
    result = CliRunner().invoke(app, ["scenario", "2014", "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, NotWritten)
    assert exit_code_of(result.exception) is Exit.NO
    assert list((tmp_path / "out").iterdir()) == []
