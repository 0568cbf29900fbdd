"""Which code made a balance: the release, and a hash over every module that the answer rests on.

Found by imports, so that a module which an answer comes to rest on is hashed from then on. What a module decides is
hashed and not how it is written: no comment, docstring or meaning, no word that only people read. Reading the modules
takes half a second, so the outcome is kept beside their bytecode for as long as no text of ours changes.
"""

import ast
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path

from ketenbalans.project import PROJECT_FOLDER
from schemas.catalogue import linked_sources

ANSWERS_BEGIN_IN = (
    "ketenbalans.jobs.breaks.of_balance",
    "ketenbalans.jobs.balancing.due",
    "ketenbalans.jobs.balancing.engines",
    "ketenbalans.jobs.figures.cases",
    "ketenbalans.reconciliation.balance",
    "warehouse.balances",
    "warehouse.breaks",
    "warehouse.decisions",
)
"""What `ketenbalans.jobs.balancing.making` asks to make, and to keep, a balance and its breaks."""

DECIDES_NO_ANSWER = frozenset(
    {
        "ketenbalans.incidents.extract_checks",  # whether an answer may be made, not what it is
        "ketenbalans.incidents.kept",  # whom it is reported to when none can be made
        "ketenbalans.figures.published",  # what others published, which stands beside an answer
        "ketenbalans.jobs.balancing.spark_session",
        "schemas.alerts",
        "warehouse.database",
        "warehouse.errors",
        "warehouse.extracts",  # which day is asked by default, and whether all of it is known
        "warehouse.incidents",
        "warehouse.loads",
        "warehouse.locks",
        "warehouse.offsets",
    }
)
"""Modules that are imported on the way and change no figure; what is only behind them is passed over too."""

PACKAGES = ("ketenbalans", "schemas", "warehouse")
FINDS_SOURCES = "schemas.catalogue"
"""Imports every module that declares a ``SOURCE``, without naming it; an answer rests on those that are linked."""

FOR_PEOPLE = frozenset({"meaning", "meaning_nl", "label_nl", "resolved_when"})
"""Arguments that only people read."""


@cache
def code_version() -> str:
    """``0.1.0+`` and twelve hex digits: other rules are another version, also before anybody gives them a number."""
    texts, kept = digest_of_all_texts(), Path(cache_from_source(__file__)).with_suffix(".answers.json")
    with suppress(OSError, ValueError):
        found = json.loads(kept.read_text("utf-8"))
        if isinstance(found, dict) and found.get("texts") == texts:
            return f"{version('ketenbalans')}+{found['decides']}"
    decides = digest_of_what_decides()
    with suppress(OSError):  # as with bytecode: where it cannot be kept it is worked out each time
        kept.parent.mkdir(exist_ok=True)
        whole = kept.with_suffix(f".{os.getpid()}")
        whole.write_text(json.dumps({"texts": texts, "decides": decides}), "utf-8")
        whole.replace(kept)
    return f"{version('ketenbalans')}+{decides}"


def digest_of_what_decides() -> str:
    """Twelve hex digits over what every module behind an answer decides."""
    decides = hashlib.sha256()
    for name, file in sorted(modules_behind_an_answer().items()):
        decides.update(f"{name}\n{what_decides(file.read_text('utf-8'))}\n".encode())
    return decides.hexdigest()[:12]


@cache
def digest_of_all_texts() -> str:
    """SHA-256 over the text of every module of ours, whatever rests on it: any change is another one."""
    texts = hashlib.sha256()
    for package in PACKAGES:
        for file in sorted((PROJECT_FOLDER / package).rglob("*.py")):
            texts.update(f"{file.relative_to(PROJECT_FOLDER)}\n".encode())
            texts.update(hashlib.sha256(file.read_bytes()).digest())
    return texts.hexdigest()


def modules_behind_an_answer() -> dict[str, Path]:
    """Every module of ours that is imported, at once or later, by one in which an answer begins, and its file."""
    found: dict[str, Path] = {}
    to_read = list(ANSWERS_BEGIN_IN)
    while to_read:
        name = to_read.pop()
        file = _file_of(name)
        if name in found or name in DECIDES_NO_ANSWER or file is None:
            continue
        found[name] = file
        to_read += _imported_by(file)
        if name == FINDS_SOURCES:
            to_read += _modules_with_a_linked_source()
    return found


def what_decides(source: str) -> str:
    """The code of a module without what only people read; two texts that decide the same give the same."""
    return ast.dump(_WithoutWords().visit(ast.parse(source)))


class _WithoutWords(ast.NodeTransformer):
    """Takes out docstrings (of attributes too), meanings, and of a member of a vocabulary all but its value."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """A text that stands by itself is a docstring."""
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """An argument for people changes nothing."""
        node.keywords = [keyword for keyword in node.keywords if keyword.arg not in FOR_PEOPLE]
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """A member of a vocabulary is its value; the source's own word and the meaning are read by people."""
        if any(isinstance(base, ast.Name) and base.id == "Vocabulary" for base in node.bases):
            for member in node.body:
                if isinstance(member, ast.Assign) and isinstance(member.value, ast.Tuple):
                    member.value = member.value.elts[0]
        return self.generic_visit(node)


def _file_of(name: str) -> Path | None:
    """The file of a module of ours; None of another's, and of a name that is no module."""
    if name.partition(".")[0] not in PACKAGES:
        return None
    path = PROJECT_FOLDER / name.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _imported_by(file: Path) -> Iterator[str]:
    """Names that a module imports, at its top or in a function; of ``from a import b`` both ``a`` and ``a.b``."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _modules_with_a_linked_source() -> Iterator[str]:
    names = {source.name for source in linked_sources()}
    for file in sorted((PROJECT_FOLDER / "schemas" / "sources").glob("*.py")):
        name = f"schemas.sources.{file.stem}"
        if getattr(getattr(import_module(name), "SOURCE", None), "name", None) in names:
            yield name
