"""The releases that were made, as they went out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from schemas.json_object import JsonObject
from schemas.period import Period
from schemas.release import Release
from warehouse.database import snapshot
from warehouse.releases import release_named, releases_of


class NoSuchRelease(LookupError):
    """No release of that name was made."""

    def __init__(self, release_id: str) -> None:
        super().__init__(f"no release {release_id!r} was made; `ketenbalans release list` has those that were")


@dataclass(frozen=True, kw_only=True)
class ListedRelease:
    """A release in the list of those that were made.

    Attributes:
        release: what went out.
        made_at: when.
        made_by: the handle of who made it; None: nobody said.
    """

    release: Release
    made_at: datetime
    made_by: str | None

    def to_json(self) -> JsonObject:
        """One of what ``release list --json`` prints: the release without its tables."""
        document = self.release.to_json()
        del document["tables"]
        return {**document, "made_at": self.made_at.isoformat(), "made_by": self.made_by}


def list_releases(engine: Engine, *, period: Period | None = None) -> list[ListedRelease]:
    """Every release, or those of a period, the oldest first."""
    with snapshot(engine) as connection:
        return [
            ListedRelease(release=one.release, made_at=one.made_at, made_by=one.made_by)
            for one in releases_of(connection, period=period)
        ]


def show_release(engine: Engine, release_id: str) -> Release:
    """A release as it went out.

    Raises:
        NoSuchRelease: none has that name.
    """
    with snapshot(engine) as connection:
        found = release_named(connection, release_id)
    if found is None:
        raise NoSuchRelease(release_id)
    return found.release
