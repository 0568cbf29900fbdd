"""What every test may rely on."""

import gc
import os
import re
import signal
from itertools import product
from pathlib import Path
from types import FrameType

import pytest
from _pytest.mark.expression import Expression, ExpressionMatcher
from hypothesis import settings

# No test reads the settings of whoever runs it.
for name in [name for name in os.environ if name.startswith("KETENBALANS_") and name != "KETENBALANS_CACHE"]:
    del os.environ[name]
os.environ.setdefault("KETENBALANS_CACHE", str(Path(__file__).resolve().parent.parent / ".ketenbalans" / "cache"))

# The same examples on every machine and every day: what fails here fails everywhere. HYPOTHESIS_PROFILE=search looks
# further, as a person does before a release.
settings.register_profile("the same every day", derandomize=True, database=None, deadline=None)
settings.register_profile("search", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "the same every day"))

OF_A_MODULE = re.compile(r"^pytestmark = (\[\n.*?^\]|[^\n]*)", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"\bmark\.(\w+)")


def pytest_sessionstart(session: pytest.Session) -> None:
    """A SIGTERM ends the tests as a Ctrl-C does: what a fixture has started is stopped.

    Either ends them also when it comes in the middle of a command that is tested, which takes it for its own.
    """

    def end(number: int, frame: FrameType | None) -> None:
        session.shouldstop = f"ended by {signal.Signals(number).name}"
        signal.default_int_handler(number, frame)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def is_any_of(marks: set[str]) -> ExpressionMatcher:
    """What an expression of marks asks of each of its names."""

    def is_one(name: str, /, **_: object) -> bool:
        return name in marks

    return is_one


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Don't import a module of which the marks choose no test; importing is most of what a small selection takes."""
    chosen = config.option.markexpr
    if not chosen or not collection_path.name.startswith("test_") or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    of_all = {name for marks in OF_A_MODULE.findall(text) for name in MARK.findall(marks)}
    of_some = sorted((set(MARK.findall(text)) - of_all) & set(re.findall(r"\w+", chosen)))
    expression = Expression.compile(chosen)
    for has in product((False, True), repeat=len(of_some)):
        marks = of_all | {name for name, is_so in zip(of_some, has, strict=True) if is_so}
        if expression.evaluate(is_any_of(marks)):
            return None
    return True


def pytest_collection_finish(session: pytest.Session) -> None:
    """What the imports left in memory stays there: it need not be looked through at every collection of garbage.

    Which come less often, too: they took a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
