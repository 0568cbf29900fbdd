"""Ctrl-C ends a command with 130 and no traceback, from its first moment on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ketenbalans.cli import main, start
from ketenbalans.cli.start import STOPPED_BY_YOU

BEGIN = "import {pause}, sys; sys.argv = ['ketenbalans', 'settings']; from ketenbalans.cli.start import run; run()"
PAUSE = """
import builtins, os, signal
of_old = builtins.__import__
def interrupted(name, *rest, **more):
    if name == {module!r}:
        os.kill(os.getpid(), signal.SIGINT)
    return of_old(name, *rest, **more)
builtins.__import__ = interrupted
"""


@pytest.mark.parametrize(
    "module", ["ketenbalans.cli.main", "typer", "rich.console", "pydantic", "ketenbalans.settings"]
)
def test_while_the_command_is_loaded(module: str, tmp_path: Path) -> None:
    (tmp_path / "pause.py").write_text(PAUSE.format(module=module), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(main.__file__).parents[1]}"}
    ended = subprocess.run(
        [sys.executable, "-c", BEGIN.format(pause="pause")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (STOPPED_BY_YOU, "", "stopped by you\n")


def test_while_it_is_reported_how_a_command_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    def interrupted(_errors: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "app", fail)
    monkeypatch.setattr(main, "end_with", interrupted)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == STOPPED_BY_YOU
    assert capsys.readouterr().err == "stopped by you\n"


def test_while_a_verb_works(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ketenbalans.settings.Settings", interrupted)
    monkeypatch.setattr("sys.argv", ["ketenbalans", "settings"])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == STOPPED_BY_YOU
    assert capsys.readouterr().err == "stopped by you\n"


def test_afterwards_it_unwinds_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    observed = []
    monkeypatch.setattr(main, "app", lambda **_: observed.append(signal.getsignal(signal.SIGINT)))
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert ended.value.code is None
    signal.signal(signal.SIGINT, before)
    assert observed == [signal.default_int_handler]
