"""List the entries of the audit chain."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

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


def list_entries(engine: Engine, *, last: int) -> list[ListedEntry]:
    """So many entries, the newest first."""
    with snapshot(engine) as connection:
        return [
            ListedEntry(
                entry_number=one.entry_number,
                kind=one.kind,
                subject=one.subject,
                sealed_at=one.sealed_at,
                hash=one.hash,
            )
            for one in newest_entries(connection, at_most=last)
        ]
