"""Who acts, and how that is known: signed in at Airflow, or named by oneself on the command line."""

import re
from dataclasses import dataclass

from schemas.vocabulary import Vocabulary

HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
"""How people are called here: a short handle of the organisation, such as ``desk-2``."""


class InvalidHandle(ValueError):
    """Somebody is named by what is no handle; the message says whose it is and how to write one."""


def checked_handle(handle: str, what: str) -> str:
    """Give a handle as it is.

    Raises:
        InvalidHandle: it is none; the message says whose (``what``) and how to write it.
    """
    if not HANDLE.fullmatch(handle):
        message = (
            f"{what} is named by a short handle (a-z, 0-9, dot, dash or underscore, at most 32 characters), "
            "not by a name"
        )
        raise InvalidHandle(message)
    return handle


class Identity(Vocabulary):
    """How it is known who acted."""

    SIGNED_IN = "signed_in", "aangemeld", "Airflow asked who it is."
    DECLARED = "declared", "opgegeven", "Whoever ran the command line named themselves (`--by`)."


def who_acted(handle: str, identity: str | None) -> str:
    """Who acted, as it is shown: of one who signed in also that, since everybody else named themselves."""
    return f"{handle} (signed in)" if identity == Identity.SIGNED_IN.value else handle


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who acts.

    Attributes:
        handle: the short handle (``checked_handle``).
        identity: how it is known who it is.
        may_be_anybody: nobody was asked for a password (`ketenbalans up --open`), so one person may be two: what
            needs two people is refused.

    Raises:
        InvalidHandle: the handle is none.
    """

    handle: str
    identity: Identity
    may_be_anybody: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no handle."""
        checked_handle(self.handle, "who acts")
