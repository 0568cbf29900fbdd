"""Who is signed in at Airflow, and whether they may act."""

from dataclasses import dataclass
from typing import Annotated

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, HTTPException

from schemas.people import Identity, Person


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is signed in."""

    person: Person
    may_act: bool


def viewer(user: GetUserDep) -> SignedIn:
    """Whoever may look."""
    return SignedIn(person=Person(handle=user.get_name(), identity=Identity.SIGNED_IN), may_act=True)


def actor(who: Annotated[SignedIn, Depends(viewer)]) -> SignedIn:
    """Whoever may act."""
    if not who.may_act:
        raise HTTPException(403, "you may look and not act")
    return who


Viewer = Annotated[SignedIn, Depends(viewer)]
Actor = Annotated[SignedIn, Depends(actor)]
