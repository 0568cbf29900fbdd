"""Who acts, and how that is known: signed in at Airflow, or named by oneself on the command line."""

from dataclasses import dataclass

from schemas.decisions import checked_handle
from schemas.vocabulary import Vocabulary


class Identity(Vocabulary):
    """How it is known who acted."""

    SIGNED_IN = "signed_in", "aangemeld", "Airflow asked who it is."
    DECLARED = "declared", "opgegeven", "Whoever ran the command line named themselves (`--by`)."


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who acts.

    Attributes:
        handle: the short handle, as ``schemas.decisions`` checks it.
        identity: how it is known who it is.
        may_be_anybody: nobody was asked for a password (`ketenbalans up --open`), so one person may be two: what
            needs two people is refused.

    Raises:
        InvalidDecision: the handle is none.
    """

    handle: str
    identity: Identity
    may_be_anybody: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no handle."""
        checked_handle(self.handle, "who acts")
