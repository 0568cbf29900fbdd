"""The token of a form: it was sent from a page of ours, by who opened that page, for what it is for, and once.

A page of another site can make a browser send a form here with the session of whoever is signed in (forged), and a form
can be sent twice. So each form carries a token that only a page of ours can have: signed, for one handle and one path,
valid for some hours, and taken once (`docs/airflow.md`, "Who may act").
"""

import secrets
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus

from fastapi import HTTPException
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from ketenbalans.jobs.people.forms import form_key, take_once
from ketenbalans.settings import Settings

FIELD = "form_token"
"""The name of the hidden field."""

VALID_FOR = timedelta(hours=8)
"""A working day: a page that was opened in the morning can be sent in the afternoon."""

CLOCKS_DIFFER = timedelta(hours=1)
"""How long a used token is remembered beyond its age: the warehouse has a clock of its own."""

NONCE_BYTES = 16
OPEN_AGAIN = "open the page again and send it from there"


def issue(handle: str, path: str) -> str:
    """A new token for one form.

    Args:
        handle: of who opens the page; nobody else can send it.
        path: where the form is sent, as the app has it: ``/alerts/take``, without the place where Airflow has the app.
            The query is not in it.

    Raises:
        SecretUnusable: the key of the home is empty or cannot be read.
    """
    return _signer().dumps([handle, path, secrets.token_urlsafe(NONCE_BYTES)])


def check(token: str | None, *, handle: str, path: str) -> None:
    """Take a token, once.

    Args:
        token: what the form carried; None: it carried none.
        handle: of who sends it.
        path: where it was sent, as in ``issue``.

    Raises:
        HTTPException: 403, it is none of ours, of another person or for another form, or too old; 409, it was sent
            before. The message says which, and the remedy.
        ServiceNotRunning: there is no warehouse, which knows what was sent.
        WarehouseError: the warehouse does not answer.
    """
    if not token:
        raise _refused(f"this form carries no {FIELD}, so it is not known which page it is from; {OPEN_AGAIN}")
    try:
        (of_whom, for_path, nonce), issued_at = _signer().loads(
            token, max_age=int(VALID_FOR.total_seconds()), return_timestamp=True
        )
    except SignatureExpired:
        hours = VALID_FOR // timedelta(hours=1)
        raise _refused(f"this page was opened more than {hours} hours ago; {OPEN_AGAIN}") from None
    except BadSignature:
        raise _refused(f"the {FIELD} of this form is none that a page here gave; {OPEN_AGAIN}") from None
    if of_whom != handle:
        raise _refused(f"this page was opened by somebody else than who is signed in now; {OPEN_AGAIN}")
    if for_path != path:
        raise _refused(f"the {FIELD} of this form is for another form; {OPEN_AGAIN}")
    _take(nonce, issued_at)


def _take(nonce: str, issued_at: datetime) -> None:
    if not take_once(Settings(), nonce, expires_at=issued_at + VALID_FOR + CLOCKS_DIFFER):
        raise HTTPException(HTTPStatus.CONFLICT, f"this form was sent already; to see what came of it, {OPEN_AGAIN}")


def _refused(says: str) -> HTTPException:
    return HTTPException(HTTPStatus.FORBIDDEN, says)


@cache  # a page has as many tokens as forms, and the settings take milliseconds to read
def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(form_key(Settings()), salt="ketenbalans form")
