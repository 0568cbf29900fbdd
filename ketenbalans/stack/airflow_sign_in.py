"""Who may use the embedded Airflow: the product's own user, and whom `ketenbalans up --people` names.

The passwords are made here and kept in the home. Airflow reads who there is when it starts, and passwords at each
sign-in.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.stack.home import Home
from ketenbalans.stack.private_files import private_files
from ketenbalans.whole_files import write_whole

USER = "admin"
"""The user of the product's own requests; also whoever started the stack."""

PEOPLE = "airflow-people.json"
"""The file of the home with the named users: their roles and passwords."""

PASSWORD_BYTES = 18
SESSIONS = "airflow-jwt-secret"
"""The file of the home with the key of Airflow's sessions; each holds the role that its user had at sign-in."""


@dataclass(frozen=True)
class SignIn:
    """What Airflow asks for. The representation does not show the password."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class NamedUser:
    """A user whom `up --people` named, now or once.

    Attributes:
        role: in Airflow; None: not named any more, so not let in.
        password: made once, and kept also of who is not named any more.
        is_printed: whether somebody was shown it.
    """

    role: str | None
    password: str = field(repr=False)
    is_printed: bool = False


def sign_in_of(home: Home) -> SignIn:
    """The product's own user of a home's Airflow.

    Raises:
        SecretUnusable: the file with the password is empty or cannot be read.
    """
    return SignIn(USER, home.secret("airflow-password", random_bytes=PASSWORD_BYTES))


def keep_people(home: Home, roles: Mapping[str, str]) -> None:
    """Let these users in, each with its role, and no other named one; a password that is there stays.

    Raises:
        SecretUnusable: the file with the passwords holds something else.
    """
    known = _people(home)
    people = {name: replace(one, role=None) for name, one in known.items()}
    for name, role in roles.items():
        there = known.get(name) or NamedUser(role=None, password=secrets.token_urlsafe(PASSWORD_BYTES))
        people[name] = replace(there, role=role)
    if people != known:
        _keep(home, people)


def users_of(home: Home) -> str:
    """Who may use Airflow and as what, as its simple auth manager reads it; the product's own user first.

    Raises:
        SecretUnusable: the file with the passwords holds something else.
    """
    named = [f"{name}:{one.role}" for name, one in _people(home).items() if one.role is not None]
    return ",".join([f"{USER}:admin", *named])


def unprinted_sign_ins(home: Home) -> list[SignIn]:
    """The named users whose passwords nobody was shown yet; from now on they count as shown.

    Raises:
        SecretUnusable: the file with the passwords holds something else.
    """
    people = _people(home)
    new = [SignIn(name, one.password) for name, one in people.items() if one.role is not None and not one.is_printed]
    if new:
        shown = {one.user: replace(people[one.user], is_printed=True) for one in new}
        _keep(home, people | shown)
    return new


def passwords_file(home: Home) -> Path:
    """Where Airflow looks passwords up."""
    return home.path / "airflow" / "passwords.json"


def write_passwords(home: Home) -> None:
    """Write the passwords where Airflow looks them up; a user without one would get one that is logged."""
    sign_in = sign_in_of(home)
    named = {name: one.password for name, one in _people(home).items() if one.role is not None}
    write_whole(passwords_file(home), f"{json.dumps({sign_in.user: sign_in.password, **named})}\n".encode())


def sign_everybody_out(home: Home) -> None:
    """Let no session go on; called while Airflow does not run.

    A session holds the role of its sign-in for a day: whoever may no longer act would go on acting until then, and so
    would whoever came in while nobody was asked.
    """
    (home.path / SESSIONS).unlink(missing_ok=True)


def _people(home: Home) -> dict[str, NamedUser]:
    file = home.path / PEOPLE
    try:
        return {name: NamedUser(**one) for name, one in json.loads(file.read_text(encoding="utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SecretUnusable(file, what_is_wrong=f"cannot be read ({type(error).__name__})") from None


def _keep(home: Home, people: Mapping[str, NamedUser]) -> None:
    text = json.dumps({name: asdict(one) for name, one in people.items()}, indent=2)
    with private_files():
        write_whole(home.path / PEOPLE, f"{text}\n".encode())
