"""List the entries of the audit chain."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from schemas.json_object import JsonObject, fields_to_json
from warehouse.audit import newest_entries
from warehouse.database import snapshot


@dataclass(frozen=True, kw_only=True)
class ListedEntry:
    """An entry as a list shows it: its place, what it is of, when it was sealed, its hash."""

    entry_number: int
    kind: str
    subject: str
    sealed_at: datetime
    hash: str

    def to_json(self) -> JsonObject:
        """The entry as ``audit list --json`` prints it."""
        return fields_to_json(self)


def list_entries(warehouse: Engine | Connection, *, last: int, before: int | None = None) -> list[ListedEntry]:
    """So many entries, the newest first.

    Args:
        warehouse: which, or the connection of a snapshot.
        last: how many at most.
        before: only those with a lower number; None: from the newest on.
    """
    with snapshot(warehouse) as connection:
        return [
            ListedEntry(
                entry_number=one.entry_number,
                kind=one.kind,
                subject=one.subject,
                sealed_at=one.sealed_at,
                hash=one.hash,
            )
            for one in newest_entries(connection, at_most=last, before=before)
        ]
