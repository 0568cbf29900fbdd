"""Who may use the embedded Airflow: one user, with a password that the first start makes and the home keeps."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from ketenbalans.stack.home import Home
from ketenbalans.whole_files import write_whole

USER = "admin"
USERS = f"{USER}:admin"
"""As Airflow's simple auth manager reads it: the user and its role."""


@dataclass(frozen=True)
class SignIn:
    """What Airflow asks for. The representation does not show the password."""

    user: str
    password: str = field(repr=False)


def sign_in_of(home: Home) -> SignIn:
    """The one user of a home's Airflow.

    Raises:
        SecretUnusable: the file with the password is empty or cannot be read.
    """
    return SignIn(USER, home.secret("airflow-password", random_bytes=18))


def passwords_file(home: Home) -> Path:
    """Where Airflow looks passwords up."""
    return home.path / "airflow" / "passwords.json"


def write_passwords(home: Home) -> None:
    """Write the password where Airflow looks it up; a user without one would get one that is logged."""
    sign_in = sign_in_of(home)
    write_whole(passwords_file(home), f"{json.dumps({sign_in.user: sign_in.password})}\n".encode())
