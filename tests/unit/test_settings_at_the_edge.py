"""The environment is read at the edge (a verb, a DAG, a route) and handed on: what lies behind it asks nobody."""

import ast
from pathlib import Path

from ketenbalans.project import PROJECT_FOLDER

EDGES = ("dags", "ketenbalans/cli", "ketenbalans/web", "ketenbalans/settings.py", "ketenbalans/stack")
"""Verbs, DAGs and routes; the settings themselves; and the stack, which hands an environment to its servers."""

ASKS = {
    "ketenbalans/broker/memory.py": "jemalloc reads when it returns memory while Polars is imported",
    "ketenbalans/jobs/loading/trigger.py": "Airflow makes a trigger of its arguments, in a process of its own: an edge",
    "ketenbalans/jobs/servers/home_search.py": "where the home is by default is part of reading the settings",
    "ketenbalans/jobs/balancing/spark_session.py": "Spark takes its Java from the environment and from nothing else",
    "ketenbalans/quality/running.py": "Great Expectations reads whether to phone home while it is imported",
    "warehouse/libpq.py": "what PostgreSQL's clients would read of it is taken out",
}
"""The modules behind the edge that touch the environment, each with why."""


def touches(file: Path) -> bool:
    """Whether a module reads the settings or the environment."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("Settings", "settings_if_valid"):
                return True
        elif isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
            return True
    return False


def test_nothing_behind_the_edge_reads_the_settings_or_the_environment() -> None:
    files = [file for room in ("ketenbalans", "producers", "schemas", "warehouse") for file in _files(room)]
    behind = {str(file) for file in files if not str(file).startswith(EDGES)}
    assert len(behind) > 200
    assert {file for file in behind if touches(PROJECT_FOLDER / file)} == set(ASKS)


def test_the_edges_read_them() -> None:
    assert all(any(touches(PROJECT_FOLDER / file) for file in _files(edge)) for edge in ("dags", "ketenbalans/cli"))


def _files(room: str) -> list[Path]:
    return [file.relative_to(PROJECT_FOLDER) for file in sorted((PROJECT_FOLDER / room).rglob("*.py"))]
