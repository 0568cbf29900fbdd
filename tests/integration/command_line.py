"""The command line as a person uses it: in a process of its own, or in this one where that is enough."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Engine

from ketenbalans.cli.main import run

COMMAND = Path(sys.executable).with_name("ketenbalans")


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """The command in one environment, which every call shares.

    Attributes:
        environment: the settings of the command, and nothing of those of whoever runs the tests.
        is_a_process: whether each call starts one, as a shell does; a second or two of work more for each call.
    """

    environment: dict[str, str]
    is_a_process: bool = True

    def __call__(self, *arguments: object) -> Ended:
        if not self.is_a_process:
            environment: dict[str, Any] = {"COLUMNS": "200", **self.environment}
            return in_this_process(*arguments, **environment)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KETENBALANS_")}
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            env={**inherited, "COLUMNS": "200", **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=170,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def here(self) -> "CommandLine":
        """The same command in this process, for what does not depend on a process of its own."""
        return replace(self, is_a_process=False)

    def with_(self, **variables: str) -> "CommandLine":
        return replace(self, environment={**self.environment, **variables})

    def without(self, *names: str) -> "CommandLine":
        return replace(self, environment={name: it for name, it in self.environment.items() if name not in names})


def in_this_process(*arguments: object, engine: Engine | None = None, **environment: str) -> Ended:
    """Run a command on a warehouse without starting a process: what it says and how it ends is the same."""
    if engine is not None:
        environment["KETENBALANS_WAREHOUSE_URL"] = engine.url.render_as_string(hide_password=False)
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, environment),
        patch.object(sys, "argv", ["ketenbalans", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        run()
    return Ended(int(ended.value.code or 0), out.getvalue(), err.getvalue())
