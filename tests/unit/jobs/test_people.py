"""What `up --people` may name, and what it says of the rest."""

import pytest
from typer.testing import CliRunner

from ketenbalans.cli.main import app
from ketenbalans.jobs.servers.people import InvalidPeople, read_people


def test_each_person_has_one_role_in_the_order_asked() -> None:
    found = read_people("ben:op, anna : admin,vera:viewer")
    assert list(found.items()) == [("ben", "op"), ("anna", "admin"), ("vera", "viewer")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "somebody has no role"),
        ("anna", "anna has no role"),
        ("anna:op,", "somebody has no role"),
        ("anna:op:viewer", "anna has 2 roles, and each has one"),
        ("Anna:op", "named by a short handle"),
        ("a b:op", "named by a short handle"),
        (":op", "named by a short handle"),
        ("anna:boss", "none of viewer, op, admin"),
        ("anna:", "none of viewer, op, admin"),
        ("anna:OP", "none of viewer, op, admin"),
        ("anna:op,anna:op", "anna is named twice"),
        ("admin:op", "admin is there already"),
    ],
)
def test_what_it_cannot_be_is_said_with_how_to_write_it(text: str, says: str) -> None:
    with pytest.raises(InvalidPeople, match=says) as refused:
        read_people(text)
    assert str(refused.value).endswith("such as anna:op,ben:op,vera:viewer")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--people", "anna:boss"], "none of viewer, op, admin"),
        (["--people", "anna:op", "--open"], "--open asks nobody who they are"),
        (["--people", "anna:op", "--no-airflow"], "--no-airflow starts no Airflow"),
    ],
)
def test_up_starts_nothing_when_the_people_cannot_be(options: list[str], says: str) -> None:
    ended = CliRunner().invoke(app, ["up", *options])
    assert ended.exit_code == 2
    assert says in " ".join(ended.output.replace("│", " ").split())
