"""Names are terms of the field: no private dialect, one name per thing, and no import under another thing's name.

A reader from another country looks a name up and finds it. A word that is refused here has a plain one: `to_json`,
`describe`, `send`, `prefetch`, `observed`.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("dags", "ketenbalans", "producers", "schemas", "warehouse")
DIALECT = frozenset({
    "ahead", "ailing", "heard", "hear", "hears", "ill", "looking", "said", "seen", "speak", "speaker", "speaks",
    "spoken", "tell", "telling", "tells", "told", "unheard", "unwell", "well", "whence",
})  # fmt: skip
ALLOWED = {
    "CLOCK_AHEAD": "the kind of incident, as it is stored and answered",
    "ClockAhead": "its error",
    "clocks_ahead": "what finds it",
    "heard_by": "a key of the file in which a part that is down is remembered",
    "seen_at": "a column of the table incident",
    "ailing": "a key of the JSON of `ketenbalans status`",
}
TWICE: dict[str, str] = {}
"""Class names that stand twice in the product, each with its reason."""


@cache
def modules(*folders: str) -> dict[str, ast.Module]:
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def words_of(name: str) -> set[str]:
    """The words of an identifier: `told_at` has told and at, `ToldAt` too."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def named_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that a module gives: to a function, a class, a parameter, a variable, an attribute, an import."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.alias(asname=str()):
                yield str(node.asname), node.lineno
            case _:
                pass


def test_a_word_is_found_in_every_spelling_of_a_name() -> None:
    assert words_of("told_at") == words_of("ToldAt") == words_of("TOLD_AT") == {"told", "at"}
    tree = ast.parse("def f(told, *, seen=1):\n    self.ill = well = 2\nfrom a import b as spoken\nclass Told: ...")
    assert {name for name, _ in named_in(tree)} == {"f", "told", "seen", "ill", "well", "spoken", "Told"}


def test_no_name_of_the_product_is_of_the_dialect() -> None:
    found = [
        f"{file}:{line}: {name}"
        for file, tree in modules(*PRODUCT).items()
        for name, line in named_in(tree)
        if words_of(name) & DIALECT and name not in ALLOWED
    ]
    assert not found, "name these in the words of the field (CONTRIBUTING.md):\n" + "\n".join(sorted(set(found)))


def test_no_module_and_no_test_is_named_in_the_dialect() -> None:
    files = {
        str(file.relative_to(ROOT)): file for folder in (*PRODUCT, "tests") for file in (ROOT / folder).rglob("*.py")
    }
    found = [name for name, file in files.items() if words_of(file.stem) & DIALECT and file.parent.name != "versions"]
    found += [
        f"{name}: {test}"
        for name, file in files.items()
        if name.startswith("tests/")
        for test in re.findall(r"(?m)^\s*def (test_\w+)", file.read_text(encoding="utf-8"))
        if words_of(test.replace("as_well", "")) & (DIALECT - {"ahead", "said", "ill"})
    ]
    assert not found, "\n".join(found)


def test_no_class_name_stands_twice() -> None:
    places = defaultdict(list)
    for file, tree in modules(*PRODUCT).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{file}:{node.lineno}")
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert twice.keys() == TWICE.keys(), twice


def test_no_import_is_renamed_to_another_function_or_class_of_ours() -> None:
    defined = {
        node.name
        for tree in modules(*PRODUCT).values()
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    found = [
        f"{file}:{node.lineno}: {alias.name} as {alias.asname}"
        for file, tree in modules(*PRODUCT).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname in defined and alias.asname != alias.name
    ]
    assert not found, "import it under its own name:\n" + "\n".join(found)
