"""The page of the architecture says what is there: the rooms, and the modules that each path of data passes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PATHS = {
    heading: [re.findall(r"`([\w.]+)`", line.partition(": ")[0]) for line in re.findall(r"(?m)^\d+\. (.+)$", text)]
    for heading, text in re.findall(r"(?ms)^### (\w+ to \w+)\n(.+?)(?=^##|\Z)", PAGE)
}
"""Per path its places; a place is one module, or a few that lie beside each other."""


def file_of(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


def imported_by(module: str) -> Iterator[str]:
    """The modules that a module imports, at its top or in a function."""
    for node in ast.walk(ast.parse(file_of(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def test_the_five_paths_of_data_are_on_the_page() -> None:
    assert list(PATHS) == [
        "Row to topic",
        "Message to row",
        "Event to balance",
        "Balance to report",
        "Balance to alert",
    ]
    assert all(len(places) > 5 for places in PATHS.values())


@pytest.mark.parametrize("path", PATHS)
def test_each_module_of_a_path_is_there_and_imported_by_one_before_it(path: str) -> None:
    before: set[str] = set()
    for place in PATHS[path]:
        assert place
        for module in place:
            assert file_of(module).is_file(), f"{path}: there is no module {module}"
            found = module in before or not before or discovered(module)
            assert found, f"{path}: no module before {module} imports it"
        for module in place:
            before |= set(imported_by(module))


def discovered(module: str) -> bool:
    """A producer is found by looking in its package, which ``producers.catalogue`` does."""
    return module.startswith("producers.sources.")


def test_every_room_is_on_the_page_and_every_room_of_the_page_is_there() -> None:
    below = [one for one in (ROOT / "ketenbalans").iterdir() if (one / "__init__.py").is_file()]
    rooms = {"dags", "producers", "schemas", "warehouse", *(f"ketenbalans.{one.name}" for one in below)}
    named = re.findall(r"(?m)^\| `([\w.]+)` \|", PAGE)
    assert sorted(named) == sorted(rooms)
    assert len(named) == len(set(named))
