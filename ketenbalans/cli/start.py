"""Where the command begins: before anything is imported it knows what Ctrl-C means."""

import os
import signal
from types import FrameType

STOPPED_BY_YOU = 130


def run() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it at once, with exit code 130."""
    signal.signal(signal.SIGINT, _end)
    from ketenbalans.cli.main import run as run_command

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_command()


def _end(_signal: int, _frame: FrameType | None) -> None:
    """End without unwinding: nothing was begun, and an interrupted import would be reported as a defect."""
    os.write(2, b"stopped by you\n")
    os._exit(STOPPED_BY_YOU)
