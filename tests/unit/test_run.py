"""What runs all tests: every test is in one part, the worst end counts, and what is ended ends its servers first."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

from tests.conftest import is_any_of
from tests.run import LANES, Part, Run, Selection

SETS_OF_MARKS = ("", "laws", "spark", "stack", "stack airflow", "stack own_servers", "stack faults", "faults")
"""Which marks a test may have together."""
SAYS = "import sys; print('{0}'); sys.exit({1})"
A_SERVER = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGTERM, signal.default_int_handler)
Path("{0}.started").touch()
try:
    time.sleep(60)
except KeyboardInterrupt:
    Path("{0}.stopped").touch()
"""
LANES_OF_SERVERS = """
import signal, sys
from pathlib import Path
from tests.run import Part, Run
run = Run(Path("."))
signal.signal(signal.SIGTERM, run.end)
program, folder = sys.argv[1:]
def part(name):
    return Part(name, [sys.executable, "-c", program.format(f"{folder}/{name}")])
sys.exit(run.lanes([[part("a"), part("b")], [part("c")]]))
"""


def says(name: str, code: int) -> Part:
    return Part(name, [sys.executable, "-c", SAYS.format(name, code)])


@pytest.mark.parametrize("marks", SETS_OF_MARKS)
def test_every_test_is_in_one_part_but_for_the_long_faults(marks: str) -> None:
    parts = [part for lane in LANES for part in lane if isinstance(part, Selection)]
    chosen = [one for one in parts if Expression.compile(one.marks).evaluate(is_any_of(set(marks.split())))]
    assert len(chosen) == (0 if marks == "faults" else 1)


def test_all_parts_are_done_and_reported_whole_and_the_worst_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lanes = [[says("first", 0), says("second", 3), says("third", 0)], [says("beside", 1)]]
    assert Run(tmp_path).lanes(lanes) == 3
    answer = capsys.readouterr().out
    for name, how in (("first", "passed"), ("second", "FAILED with 3"), ("third", "passed"), ("beside", "FAILED")):
        assert f"==== {name}: {how}" in answer
        assert f" s\n{name}\n" in answer


def test_a_sigterm_ends_every_part_in_good_order_and_starts_no_other_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LANES_OF_SERVERS, A_SERVER, str(tmp_path)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as program:
        while not all((tmp_path / f"{name}.started").exists() for name in "ac"):
            assert program.poll() is None
        os.kill(program.pid, signal.SIGTERM)
        program.communicate(timeout=30)
    assert {path.name for path in tmp_path.iterdir()} == {"a.started", "a.stopped", "c.started", "c.stopped"}
