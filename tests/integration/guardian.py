"""No server outlives the tests that started it, however they end: by a signal, a crash, or a second Ctrl-C."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ketenbalans.stack import embedded

REPOSITORY = Path(__file__).parents[2]

GUARD = """
import sys
from pathlib import Path
from ketenbalans.stack import embedded

home = Path(sys.stdin.readline().rstrip("\\n"))
sys.stdin.read()  # to the end: it ends when the tests do
embedded.down(home)
"""


@contextmanager
def guarded(home: Path) -> Iterator[None]:
    """Stop the stack of a home at the end of the block, or when this process is gone before that."""
    with subprocess.Popen(
        [sys.executable, "-c", GUARD], stdin=subprocess.PIPE, cwd=REPOSITORY, text=True, start_new_session=True
    ) as guard:
        assert guard.stdin is not None
        guard.stdin.write(f"{home}\n")
        guard.stdin.flush()
        try:
            yield
        finally:
            embedded.down(home)
