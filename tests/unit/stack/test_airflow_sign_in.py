"""Named users of Airflow: passwords are made once, shown once, and for their owner only."""

import json
from pathlib import Path

import pytest

from ketenbalans.stack.airflow_settings import airflow_environment
from ketenbalans.stack.airflow_sign_in import (
    PEOPLE,
    keep_people,
    passwords_file,
    unprinted_sign_ins,
    users_of,
    write_passwords,
)
from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.stack.home import Home

PEOPLE_OF_THE_DESK = {"anna": "op", "ben": "op", "vera": "viewer"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "home")
    home.make()
    (home.path / "airflow").mkdir()
    return home


def passwords(home: Home) -> dict[str, str]:
    write_passwords(home)
    found: dict[str, str] = json.loads(passwords_file(home).read_text())
    return found


def test_without_names_there_is_the_user_of_the_stack(home: Home) -> None:
    assert users_of(home) == "admin:admin"
    assert passwords(home) == {"admin": (home.path / "airflow-password").read_text().strip()}
    assert not (home.path / PEOPLE).exists()


def test_each_has_a_password_of_their_own_that_is_shown_once(home: Home) -> None:
    keep_people(home, PEOPLE_OF_THE_DESK)
    assert users_of(home) == "admin:admin,anna:op,ben:op,vera:viewer"
    made = passwords(home)
    assert len({password for password in made.values() if len(password) >= 24}) == 4
    assert {one.user: one.password for one in unprinted_sign_ins(home)} == {
        name: made[name] for name in PEOPLE_OF_THE_DESK
    }
    assert unprinted_sign_ins(home) == []
    assert (home.path / PEOPLE).stat().st_mode & 0o777 == 0o600
    assert passwords(home) == made, "a later start keeps them"


def test_others_change_who_may_and_no_password_that_is_there(home: Home) -> None:
    keep_people(home, PEOPLE_OF_THE_DESK)
    before = passwords(home)
    unprinted_sign_ins(home)
    keep_people(home, {"ben": "viewer", "carl": "op"})
    assert users_of(home) == "admin:admin,ben:viewer,carl:op"
    now = passwords(home)
    assert now.keys() == {"admin", "ben", "carl"}, "who is not named is not let in"
    assert (now["admin"], now["ben"]) == (before["admin"], before["ben"])
    assert [one.user for one in unprinted_sign_ins(home)] == ["carl"]
    keep_people(home, PEOPLE_OF_THE_DESK)
    assert passwords(home) == before
    assert unprinted_sign_ins(home) == []


def test_airflow_is_started_with_them(home: Home) -> None:
    keep_people(home, {"anna": "op"})
    settings = airflow_environment(home, port=1, database_url="", dags_folder=home.path, is_open=False)
    assert settings["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "admin:admin,anna:op"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"anna": 1}', '{"anna": {"role": "op"}}'])
def test_a_file_that_is_none_is_named(home: Home, content: str) -> None:
    (home.path / PEOPLE).write_text(content)
    with pytest.raises(SecretUnusable, match=PEOPLE):
        users_of(home)


def test_no_password_is_in_a_representation(home: Home) -> None:
    keep_people(home, {"anna": "op"})
    (anna,) = unprinted_sign_ins(home)
    assert anna.password not in repr(anna)
