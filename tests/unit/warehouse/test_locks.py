"""Advisory locks: all of them are declared in one place, where two of one number cannot be."""

from enum import IntEnum, unique
from typing import Any

import pytest

from ketenbalans.project import PROJECT_FOLDER
from warehouse.locks import Lock

DECLARED_IN = PROJECT_FOLDER / "warehouse" / "locks.py"


def test_nobody_asks_for_an_advisory_lock_but_the_declaration() -> None:
    packages = {folder.parent for folder in PROJECT_FOLDER.glob("*/__init__.py") if folder.parent.name != "tests"}
    code = {file for package in packages for file in package.rglob("*.py")}
    assert DECLARED_IN in code
    asked = {
        file.name: file.read_text("utf-8") for file in code - {DECLARED_IN} if "advisory" in file.read_text("utf-8")
    }
    held = {"v0018_audit_chain.py": Lock.AUDIT, "v0020_signoff.py": Lock.SIGNOFFS}
    assert asked.keys() == held.keys(), "a function in the database, which takes the number that is declared"
    for name, lock in held.items():
        assert f"pg_advisory_xact_lock({{Lock.{lock.name}.value}})" in asked[name]


def test_two_locks_of_one_number_do_not_import() -> None:
    numbers = {name: lock.value for name, lock in Lock.__members__.items()}
    make: Any = IntEnum
    with pytest.raises(ValueError, match="duplicate values"):
        unique(make("Lock", {**numbers, "ANOTHER": Lock.ALERTS.value}))
    assert len(set(numbers.values())) == len(numbers)
