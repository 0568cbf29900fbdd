"""Giving way is for good, and never less than a process does already."""

import os
import subprocess
import sys

import pytest

GIVES_WAY = """
import os, sys
from ketenbalans.jobs.servers.giving_way import Waits, give_way

os.nice(int(sys.argv[1]))
give_way(Waits.SHORTLY)
print(os.nice(0))
"""


@pytest.mark.parametrize(("before", "after"), [(0, 10), (10, 10), (15, 15)])
def test_a_process_waits_as_long_as_asked_or_longer(before: int, after: int) -> None:
    here = os.nice(0)
    command = [sys.executable, "-c", GIVES_WAY, str(before)]
    ended = subprocess.run(command, capture_output=True, check=True)
    assert int(ended.stdout) == max(after, min(here + before, 19))
