"""What is loaded before a question is known: the help, the state of the stack and a DAG file load little."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "ketenbalans.settings",
    "pydantic",
    "polars",
    "narwhals",
    "sqlalchemy",
    "psycopg",
    "kafka",
    "aiokafka",
    "asyncio",
)
"""What takes a tenth of a second or more, and none of it is needed to say which verbs there are."""

ENGINES = ("polars", "narwhals", "sqlalchemy", "kafka", "aiokafka")


def loaded_by(program: str, home: Path) -> set[str]:
    """The modules that a program has loaded when it ends."""
    also = "\nimport sys\nsys.stderr.write(' '.join(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", program + also],
        env={"KETENBALANS_HOME": str(home), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "not_needed"),
    [(["--help"], HEAVY), (["--version"], HEAVY), (["status", "--json"], (*ENGINES, "psycopg"))],
)
def test_a_verb_loads_what_it_needs(arguments: list[str], not_needed: tuple[str, ...], tmp_path: Path) -> None:
    program = f"from ketenbalans.cli.main import app\napp({arguments}, standalone_mode=False)"
    loaded = loaded_by(program, tmp_path)
    assert "ketenbalans.cli.main" in loaded
    assert sorted(loaded.intersection(not_needed)) == []


def test_a_dag_file_reads_the_catalogue_and_the_settings_without_an_engine(tmp_path: Path) -> None:
    program = "from schemas.catalogue import sources\nfrom ketenbalans.settings import Settings\nsources(), Settings()"
    loaded = loaded_by(program, tmp_path)
    assert "schemas.sources.police_deliveries" in loaded
    assert sorted(loaded.intersection(ENGINES)) == []
