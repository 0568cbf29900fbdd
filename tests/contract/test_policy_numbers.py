"""A number that a person chose is written in ``policy.toml`` and typed again nowhere."""

import ast
from collections.abc import Iterator

import pytest

from ketenbalans.project import PROJECT_FOLDER
from schemas.alert_policy import AlertPolicy
from schemas.disclosure import DisclosurePolicy
from schemas.policy import Policy
from schemas.quality import QualityPolicy
from schemas.signoff import SignoffPolicy

READ_BY = ("ketenbalans", "schemas", "warehouse", "producers", "dags", "bench", "tests/reference", "tests/golden")
NUMBERS = {
    name
    for policy in (Policy, AlertPolicy, QualityPolicy, DisclosurePolicy, SignoffPolicy)
    for name in policy.model_fields
}


def typed_again(code: str) -> Iterator[str]:
    """The numbers of a policy that a text gives a value of its own: as an argument or as a name."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.keyword) and node.arg in NUMBERS and is_a_value(node.value):
            yield f"{node.arg} in line {node.value.lineno}"
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name) and target.id.lower() in NUMBERS and is_a_value(node.value):
                yield f"{target.id} in line {target.lineno}"


def is_a_value(node: ast.expr | None) -> bool:
    """Whether it is a number, a text, or several of them."""
    if isinstance(node, ast.Tuple | ast.List):
        return bool(node.elts) and all(map(is_a_value, node.elts))
    return isinstance(node, ast.Constant) and node.value is not None


@pytest.mark.parametrize("folder", READ_BY)
def test_no_number_of_the_policy_is_typed_again(folder: str) -> None:
    files = [
        file
        for file in (PROJECT_FOLDER / folder).rglob("*.py")
        if any(name in file.read_text("utf-8").lower() for name in NUMBERS)
    ]
    found = {
        f"{file.relative_to(PROJECT_FOLDER)}: {one}" for file in files for one in typed_again(file.read_text("utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("Policy(transit_allowance_days=60)", ["transit_allowance_days in line 1"]),
        ("Policy(transit_allowance_days=policy.transit_allowance_days)", []),
        ("FLOOD_BREAKS = 200", ["FLOOD_BREAKS in line 1"]),
        ('Question(other_deliverers=("PL27",))', ["other_deliverers in line 1"]),
    ],
)
def test_what_is_typed_again_is_found(code: str, found: list[str]) -> None:
    assert list(typed_again(code)) == found
