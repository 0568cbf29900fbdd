"""The command line as a person uses it: in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """The command in one environment, which every call shares."""

    environment: dict[str, str]

    def __call__(self, *arguments: object) -> Ended:
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

    def with_(self, **variables: str) -> "CommandLine":
        return CommandLine({**self.environment, **variables})

    def without(self, *names: str) -> "CommandLine":
        return CommandLine({name: value for name, value in self.environment.items() if name not in names})
