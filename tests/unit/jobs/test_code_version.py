"""The version of an answer changes with every line that can change it, and with no other."""

import ast
import inspect
import pkgutil
from importlib import import_module
from itertools import count
from pathlib import Path

import grimp
import pytest

import schemas.sources
from ketenbalans import code_version as versions
from ketenbalans.code_version import (
    ANSWERS_BEGIN_IN,
    DECIDES_NO_ANSWER,
    code_version,
    digest_of_what_decides,
    modules_behind_an_answer,
    what_decides,
)
from ketenbalans.jobs.balancing import basis, due, making
from schemas.catalogue import linked_sources

NOT_OF_THE_ANSWER = {
    "ketenbalans.code_version",
    "ketenbalans.incidents.checks",
    "ketenbalans.incidents.kept",
    "ketenbalans.settings",
    "ketenbalans.jobs.balancing.basis",
    "ketenbalans.jobs.balancing.making",
    "warehouse.loads",
    "warehouse.database",
}
"""What else balancing uses: where it runs, whom it notifies, and which version it is."""

MODULE = '''
"""What it is for."""
from schemas.vocabulary import Vocabulary

class Colour(Vocabulary):
    """A colour."""
    RED = "red", "rood", "Like blood."

class Reason(BreakCause):
    """A reason."""
    LATE = CauseRecord(
        name="late",
        label_nl="te laat",
        meaning="It came late.",
        meaning_nl="Het kwam later.",
        state=BreakState.EXPLAINED,
        resolved_when="Never again.",
    )

FIELD = Field(name="colour", meaning="what it looks like")
"""One field."""

def is_late(days):
    """Whether it is."""
    return days > 30  # a month
'''


@pytest.fixture
def covered() -> set[str]:
    return set(modules_behind_an_answer())


def test_what_an_answer_imports_is_covered(covered: set[str]) -> None:
    """Held against another reader of imports than our own."""
    graph = grimp.build_graph(*versions.PACKAGES)
    for name in DECIDES_NO_ANSWER:
        graph.remove_module(name)
    begins = {*ANSWERS_BEGIN_IN, *modules_with_a_source()}
    imported = begins.union(*(graph.find_upstream_modules(name) for name in begins))
    assert imported == covered


def test_what_balancing_uses_is_covered(covered: set[str]) -> None:
    """Each name of ours in the code that makes, stores and keeps an answer."""
    used = {
        vars(module).get(node.id)
        for module in (basis, due, making)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Name)
    }
    modules = {found.__module__ for found in used if getattr(found, "__module__", None)}
    ours = {name for name in modules if name.partition(".")[0] in versions.PACKAGES}
    assert {"ketenbalans.reconciliation.balance", "ketenbalans.jobs.figures.cases", "warehouse.balances"} <= ours
    assert ours - covered <= NOT_OF_THE_ANSWER | DECIDES_NO_ANSWER


def test_every_linked_source_is_covered(covered: set[str]) -> None:
    assert len(modules_with_a_source()) == len(linked_sources())
    assert modules_with_a_source() <= covered


@pytest.mark.parametrize(
    "module", ["ketenbalans.jobs.figures.cases", "warehouse.decisions", "ketenbalans.reconciliation.explain"]
)
def test_another_rule_is_another_version(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules, changed = modules_behind_an_answer(), tmp_path / "changed.py"
    monkeypatch.setattr(versions, "modules_behind_an_answer", lambda: {module: changed})
    code = modules[module].read_text("utf-8")
    changed.write_text(code, "utf-8")
    before = digest_of_what_decides()
    changed.write_text(f"{code}\n# a remark\n", "utf-8")
    assert digest_of_what_decides() == before
    changed.write_text(f"{code}\nANOTHER_LIMIT = 1\n", "utf-8")
    assert digest_of_what_decides() != before


@pytest.mark.parametrize(
    ("was", "becomes", "decides"),
    [
        ("What it is for", "What else", False),
        ("Whether it is", "Whether it was", False),
        ("A colour", "Some colour", False),
        ("One field", "A field", False),
        ("# a month", "# four weeks", False),
        ("what it looks like", "how it looks", False),
        ("rood", "rossig", False),
        ("Like blood", "Like fire", False),
        ("te laat", "laat", False),
        ("It came late", "It comes late", False),
        ("Het kwam later", "Het komt later", False),
        ("Never again", "Some day", False),
        ('name="late"', 'name="later"', True),
        ("BreakState.EXPLAINED", "BreakState.OPEN", True),
        ("days > 30 ", "days  >  30", False),
        ("days > 30", "days > 31", True),
        ("days > 30", "days >= 30", True),
        ('"red"', '"rosy"', True),
        ("name=", "label=", True),
        ("is_late", "is_slow", True),
    ],
)
def test_only_what_decides_counts(was: str, becomes: str, *, decides: bool) -> None:
    assert was in MODULE
    assert (what_decides(MODULE.replace(was, becomes)) != what_decides(MODULE)) is decides


def test_a_version_is_the_release_and_twelve_digits() -> None:
    release, _, digits = code_version().partition("+")
    assert release
    assert int(digits, 16) >= 0
    assert len(digits) == 12


def modules_with_a_source() -> set[str]:
    found = (f"schemas.sources.{module.name}" for module in pkgutil.iter_modules(schemas.sources.__path__))
    return {name for name in found if getattr(import_module(name), "SOURCE", None) in linked_sources()}


def test_what_is_kept_holds_as_long_as_no_text_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept beside the bytecode: taken from there, and worked out again after any change and after damage."""
    for package in versions.PACKAGES:
        (tmp_path / package).mkdir()
    module = tmp_path / "schemas" / "one.py"
    module.write_text("LIMIT = 1\n", "utf-8")
    kept, asked = tmp_path / "__pycache__" / "code_version.answers.json", count(1)
    outcome = ""

    def worked_out() -> str:
        nonlocal outcome
        outcome = f"{next(asked):012}"
        return outcome

    monkeypatch.setattr(versions, "PROJECT_FOLDER", tmp_path)
    monkeypatch.setattr(versions, "digest_of_all_texts", versions.digest_of_all_texts.__wrapped__)
    monkeypatch.setattr(versions, "cache_from_source", lambda _: str(kept.with_suffix("").with_suffix(".pyc")))
    monkeypatch.setattr(versions, "digest_of_what_decides", worked_out)
    found = [code_version.__wrapped__() for _ in range(2)]
    assert (found[0], outcome) == (found[1], f"{1:012}")
    module.write_text("LIMIT = 2\n", "utf-8")
    assert code_version.__wrapped__().endswith("2")
    kept.write_text("{", "utf-8")
    assert code_version.__wrapped__().endswith("3")
    kept.unlink()
    kept.mkdir()  # it cannot be kept
    assert code_version.__wrapped__().endswith("4")
