"""Who runs a command, as Airflow knows them: the command line signs in as a browser does, and asks what they may.

The user and the password are those of the settings (``KETENBALANS_AIRFLOW_USER``, ``KETENBALANS_AIRFLOW_PASSWORD``).
Which role they have is asked of our own page (``/ketenbalans/who``), so that it is one rule for both
(``ketenbalans.web.who``), whatever auth manager Airflow has.
"""

from http import HTTPStatus
from typing import Any

import httpx

from ketenbalans.jobs.servers.addresses import ServiceNotRunning
from ketenbalans.settings import Settings, SettingsMissing
from ketenbalans.stack.embedded import addresses
from schemas.people import Identity, Person

ANSWERS_WITHIN_SECONDS = 15.0
TOKEN, WHO = "/auth/token", "/ketenbalans/who"


class SignInRefused(PermissionError):
    """Airflow does not know who this is, or does not let them act; the message says which, and the remedy."""


def signed_in_person(settings: Settings) -> Person:
    """Who runs this command, signed in at Airflow, with a role that acts.

    Raises:
        SettingsMissing: the settings name nobody, or no password.
        ServiceNotRunning: Airflow cannot be reached, or is not one with the pages of Ketenbalans.
        SignInRefused: it is another password, a role that only looks, a name that is no handle, or an Airflow that
            asks nobody who they are (`ketenbalans up --open`).
    """
    if settings.airflow_user is None or settings.airflow_password is None:
        message = (
            "this is kept under the name of who is signed in at Airflow: set KETENBALANS_AIRFLOW_USER and "
            "KETENBALANS_AIRFLOW_PASSWORD to your own"
        )
        raise SettingsMissing(message)
    base = _airflow_url(settings)
    user, password = settings.airflow_user, settings.airflow_password.get_secret_value()
    try:
        # the embedded one is on this machine: no proxy stands between, nor gets to see the password
        is_elsewhere = settings.airflow_url is not None
        with httpx.Client(base_url=base, timeout=ANSWERS_WITHIN_SECONDS, trust_env=is_elsewhere) as client:
            token = _token(client, user, password)
            answer = client.get(WHO, headers={"Authorization": f"Bearer {token}"})
    except httpx.HTTPError as error:
        raise _out_of_reach(base, f"did not answer ({type(error).__name__})") from None
    if answer.status_code != HTTPStatus.OK:
        raise _out_of_reach(base, f"answered {answer.status_code} at {WHO}")
    return _person(_json_of(base, answer), user)


def _token(client: httpx.Client, user: str, password: str) -> str:
    """A token of Airflow's API for who signs in."""
    base = str(client.base_url)
    answer = client.post(TOKEN, json={"username": user, "password": password})
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        message = (
            f"Airflow at {base} does not know {user} with this password; look at KETENBALANS_AIRFLOW_USER and "
            "KETENBALANS_AIRFLOW_PASSWORD (`ketenbalans up --people` makes users)"
        )
        raise SignInRefused(message)
    if not answer.is_success:
        raise _out_of_reach(base, f"answered {answer.status_code} at {TOKEN}")
    return str(_json_of(base, answer).get("access_token"))


def _person(found: dict[str, Any], user: str) -> Person:
    if found.get("may_be_anybody"):
        message = (
            "this Airflow asks nobody who they are, so nothing can be kept under your name; start it so that it does: "
            "`ketenbalans up --people` and a user with the role op for each of you, without --open"
        )
        raise SignInRefused(message)
    if found.get("handle") is None:
        message = (
            f"what is decided is kept under a handle (a-z, 0-9, dot, dash or underscore, at most 32 characters), and "
            f"the name that Airflow knows {user} by is none; sign in under one"
        )
        raise SignInRefused(message)
    if not found.get("may_act"):
        message = f"{user} may look and not act; whoever gives out the roles in Airflow can make {user} op"
        raise SignInRefused(message)
    return Person(handle=str(found["handle"]), identity=Identity.SIGNED_IN)


def _airflow_url(settings: Settings) -> str:
    """Where Airflow is: what is set, else the embedded stack's."""
    embedded = addresses(settings.home)
    found = settings.airflow_url or (embedded.airflow_url if embedded is not None else None)
    if found is None:
        message = (
            f"there is no Airflow to sign in at: none was started in {settings.home} ({settings.home_because}); start "
            "one with `ketenbalans up`, or set KETENBALANS_AIRFLOW_URL"
        )
        raise ServiceNotRunning(message)
    return found.rstrip("/")


def _json_of(base: str, answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _out_of_reach(base, "answered with something else than JSON")
    return found


def _out_of_reach(base: str, what: str) -> ServiceNotRunning:
    message = (
        f"Airflow at {base} {what}; see that it runs (`ketenbalans status`), and that KETENBALANS_AIRFLOW_URL is the "
        "address of the one with the pages of Ketenbalans"
    )
    return ServiceNotRunning(message)
