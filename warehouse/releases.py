"""Releases as they went out, with the exact counts that each was made of; those counts never leave the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from schemas.period import Period
from schemas.release import Release
from warehouse.locks import Lock, hold
from warehouse.tables.releases import RELEASE


@dataclass(frozen=True, kw_only=True)
class NewRelease:
    """A release to be kept.

    Attributes:
        release: what goes out.
        counts: the exact counts that it was made of, as JSON.
        balance_id: the balance that they are of.
        key_check: of the release key that it was made under.
        made_by: the handle of who made it; None: nobody said.
    """

    release: Release
    counts: Mapping[str, Any]
    balance_id: int
    key_check: str
    made_by: str | None


@dataclass(frozen=True, kw_only=True)
class StoredRelease(NewRelease):
    """A release that is kept, and when it was made."""

    made_at: datetime


def hold_releases(connection: Connection, period: Period) -> None:
    """Let nobody else make a release of a period until the transaction ends."""
    hold(connection, Lock.RELEASES, of=str(period))


def keep_release(connection: Connection, new: NewRelease) -> None:
    """Keep a release; in a transaction that holds those of its period (``hold_releases``)."""
    release = new.release
    connection.execute(
        insert(RELEASE).values(
            release_id=release.release_id,
            period_start=release.period.start,
            period_end=release.period.end,
            as_of=release.as_of,
            balance_id=new.balance_id,
            is_draft=release.draft,
            figure_set=release.figure_set,
            key_check=new.key_check,
            counts=dict(new.counts),
            document=release.to_json(),
            made_by=new.made_by,
        )
    )


def releases_of(connection: Connection, *, period: Period | None = None) -> list[StoredRelease]:
    """Every release, or those of a period, in the order in which they were made."""
    query = select(RELEASE).order_by(RELEASE.c.release_number)
    if period is not None:
        query = query.where(RELEASE.c.period_start == period.start, RELEASE.c.period_end == period.end)
    return [_stored(row) for row in connection.execute(query).mappings()]


def release_named(connection: Connection, release_id: str) -> StoredRelease | None:
    """The release of that name; None: there is none."""
    row = connection.execute(select(RELEASE).where(RELEASE.c.release_id == release_id)).mappings().one_or_none()
    return None if row is None else _stored(row)


def _stored(row: RowMapping) -> StoredRelease:
    return StoredRelease(
        release=Release.from_json(row["document"]),
        counts=row["counts"],
        balance_id=row["balance_id"],
        key_check=row["key_check"],
        made_by=row["made_by"],
        made_at=row["made_at"],
    )
