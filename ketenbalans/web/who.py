"""Who looks and who acts: Airflow says who is signed in, its auth manager what they may, the form that they meant it.

Every route of ours depends on ``Viewer`` or, where something is decided, on ``Actor``; an acting route takes POST only.
What is measured is read with a token of its own (``Scraper``).
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import APIRouter, Depends, HTTPException, Request

from ketenbalans.jobs.servers.people import SHARED_USER
from ketenbalans.jobs.servers.scrape_token import is_scrape_token
from ketenbalans.settings import settings_if_valid
from ketenbalans.web import form_tokens
from schemas.people import HANDLE, Identity, Person

FROM_HERE = ("same-origin", "none")
"""What a browser says of a request that a page of this very server made, or that a person typed."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is signed in at Airflow.

    Attributes:
        name: as Airflow has it; in small letters where all of it is ASCII: no other letter becomes one of those.
        has_the_role: whether the auth manager lets them act.
        is_open: Airflow asks nobody for a password (`ketenbalans up --open`).
        is_shared: it is the embedded stack's own user, whose password whoever started the stack has too.
    """

    name: str
    has_the_role: bool
    is_open: bool = False
    is_shared: bool = False

    @property
    def may_be_anybody(self) -> bool:
        """Whether one person may be two under this name: what needs two people is refused."""
        return self.is_open or self.is_shared

    @property
    def has_a_handle(self) -> bool:
        """Whether what is done can be kept under their name."""
        return HANDLE.fullmatch(self.name) is not None

    @property
    def may_act(self) -> bool:
        """Whether they may decide anything: they have the role, and a name that is a handle."""
        return self.has_the_role and self.has_a_handle

    @property
    def person(self) -> Person:
        """Whoever it is, as a job is given who acts.

        Raises:
            InvalidHandle: the name is no handle; never of who may act.
        """
        identity = Identity.DECLARED if self.is_open else Identity.SIGNED_IN
        return Person(handle=self.name, identity=identity, may_be_anybody=self.may_be_anybody)


def viewer(user: GetUserDep) -> SignedIn:
    """Who is signed in; Airflow's own dependency answers 401 without a session.

    Acting is for who may write assets (``is_authorized_asset``, POST): with Airflow's simple auth manager the roles
    ``op`` and ``admin``, with another one whatever it says of assets. No role of ours has to be made anywhere.
    """
    manager, name = get_auth_manager(), user.get_name()
    is_simple = isinstance(manager, SimpleAuthManager)
    return SignedIn(
        name=name.lower() if name.isascii() else name,
        has_the_role=manager.is_authorized_asset(method="POST", user=user),
        is_open=is_simple and conf.getboolean("core", "simple_auth_manager_all_admins"),
        is_shared=is_simple and name == SHARED_USER,
    )


Viewer = Annotated[SignedIn, Depends(viewer)]


def scraper(request: Request) -> None:
    """Let who sends the home's token of scraping read what is measured, and nothing else.

    Raises:
        HTTPException: 401, the token is not sent or is another one.
    """
    kind, _, sent = request.headers.get("authorization", "").partition(" ")
    settings = settings_if_valid()
    if kind.lower() == "bearer" and settings is not None and is_scrape_token(settings.home, sent):
        return
    raise HTTPException(
        HTTPStatus.UNAUTHORIZED,
        "send the token of scraping as a bearer: the file scrape-token in the home has it (docs/observe.md)",
        headers={"WWW-Authenticate": "Bearer"},
    )


Scraper = Annotated[None, Depends(scraper)]


async def sent_token(request: Request) -> str | None:
    """The form token that a request carries; None: none."""
    sent: Any = (await request.form()).get(form_tokens.FIELD)
    return sent if isinstance(sent, str) else None


def actor(request: Request, signed_in: Viewer, token: Annotated[str | None, Depends(sent_token)]) -> SignedIn:
    """Who acts: signed in, with the role and a handle, from a form of ours that was not sent before.

    Raises:
        HTTPException: 403, they may not, or the request does not come from a page of ours; 409, the form was sent
            already. The message says what happened, and the remedy.
    """
    if not signed_in.has_the_role:
        raise _refused("you may look and not act: whoever gives out the roles in Airflow can make you op")
    if not signed_in.has_a_handle:
        raise _refused(
            "what is decided is kept under a handle (a-z, 0-9, dot, dash or underscore, at most 32 characters), and "
            "the name that Airflow knows you by is none; sign in under one"
        )
    _check_where_it_comes_from(request)
    form_tokens.check(token, handle=signed_in.person.handle, path=path_in_the_app(request))
    return signed_in


Actor = Annotated[SignedIn, Depends(actor)]


def path_in_the_app(request: Request) -> str:
    """Where a request was sent, without the place where Airflow has the app: what a form token is for."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


router = APIRouter()


@router.get("/who")
def who(signed_in: Viewer) -> dict[str, str | bool | None]:
    """Who is signed in, for the command line: the handle (null: the name is none), what they may, and who it can be."""
    return {
        "handle": signed_in.name if signed_in.has_a_handle else None,
        "may_act": signed_in.may_act,
        "is_open": signed_in.is_open,
        "is_shared": signed_in.is_shared,
    }


def _check_where_it_comes_from(request: Request) -> None:
    """Refuse what a browser says that another site sent; the token holds where a browser says nothing."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if (site is not None and site not in FROM_HERE) or (origin is not None and origin not in _our_origins(request)):
        raise _refused("this form was sent from a page of another site; open the page here and send it from there")


def _our_origins(request: Request) -> set[str]:
    """Under which origins a browser can have our pages: as it asked for this one, and as Airflow is said to be reached.

    Behind a proxy that speaks TLS the request itself came by HTTP, so both are taken.
    """
    settings = settings_if_valid()
    named = (conf.get("api", "base_url", fallback=None), None if settings is None else settings.airflow_url)
    hosts = {request.headers.get("host"), *(urlsplit(one).netloc for one in named if one)}
    return {f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts if host}


def _refused(says: str) -> HTTPException:
    return HTTPException(HTTPStatus.FORBIDDEN, says)
