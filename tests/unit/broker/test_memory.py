"""A load lets Polars return what it freed; Polars reads that while it is imported."""

import os
import subprocess
import sys

from ketenbalans.broker.memory import RETURNS_FREED_MEMORY

ENDS_WHEN_POLARS_IS_IMPORTED = """
import os, sys
from ketenbalans.cli.main import app

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "polars":
            print(os.environ.get("_RJEM_MALLOC_CONF"), flush=True)
            os._exit(0)

assert "polars" not in sys.modules
sys.meta_path.insert(0, Watch())
app(["ingest"])
"""


def test_the_verb_says_it_before_polars_is_imported() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}  # Polars sets it
    ended = subprocess.run(
        [sys.executable, "-c", ENDS_WHEN_POLARS_IS_IMPORTED],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == RETURNS_FREED_MEMORY
