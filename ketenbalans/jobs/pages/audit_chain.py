"""What the page of the audit chain says: how long it is, how far it is signed, what was found, and its entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from ketenbalans.audit.checkpoint import InvalidCheckpoint
from ketenbalans.jobs.audit.checkpoints import last_checkpoint
from ketenbalans.jobs.audit.entries import ListedEntry, list_entries
from ketenbalans.jobs.audit.lines import NoJsonLine
from ketenbalans.settings import Settings
from schemas.alerts import AUDIT
from schemas.audit import AUDITED
from warehouse.audit import entry_count
from warehouse.database import snapshot
from warehouse.incidents import KeptIncident, incidents_of

ENTRIES_ON_A_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class LastSigned:
    """The newest checkpoint: how many entries it signed, when, and with which key."""

    size: int
    at: datetime
    key_id: str


@dataclass(frozen=True, kw_only=True)
class EntryShown:
    """An entry with what its kind means, and the table that its row is in; both empty of a kind that is not known."""

    entry: ListedEntry
    meaning: str
    table: str


@dataclass(frozen=True, kw_only=True)
class ChainShown:
    """The chain as it is stored; whether it fits is for the check to say.

    Attributes:
        entries: how many there are.
        signed: the newest checkpoint of this home; None: nothing was signed, or it cannot be trusted.
        untrusted: why the newest checkpoint cannot be trusted; None: it can, or there is none.
        finding: what a check found that stands; None: nothing.
        last_finding: likewise of the last one that is over.
        listed: the entries of this page, the newest first.
        following: the number before which the next page goes on; None: this is the last one.
    """

    entries: int
    signed: LastSigned | None
    untrusted: str | None
    finding: KeptIncident | None
    last_finding: KeptIncident | None
    listed: Sequence[EntryShown]
    following: int | None


def read_chain(engine: Engine, settings: Settings, *, before: int | None) -> ChainShown:
    """The chain as it stands, with the newest entries, or the newest with a number below ``before``."""
    with snapshot(engine) as connection:
        entries = entry_count(connection)
        findings = incidents_of(connection, AUDIT)
        found = list_entries(connection, last=ENTRIES_ON_A_PAGE + 1, before=before)
    signed, untrusted = _signed(settings)
    over = [one for one in findings if one.ended_at is not None]
    listed = found[:ENTRIES_ON_A_PAGE]
    return ChainShown(
        entries=entries,
        signed=signed,
        untrusted=untrusted,
        finding=next((one for one in findings if one.ended_at is None), None),
        last_finding=over[-1] if over else None,
        listed=[_with_its_kind(one) for one in listed],
        following=listed[-1].entry_number if len(found) > len(listed) else None,
    )


def _signed(settings: Settings) -> tuple[LastSigned | None, str | None]:
    try:
        last = last_checkpoint(settings.home)
    except (InvalidCheckpoint, NoJsonLine) as error:
        return None, str(error)
    if last is None:
        return None, None
    return LastSigned(size=last.size, at=datetime.fromisoformat(last.at), key_id=last.key_id), None


def _with_its_kind(entry: ListedEntry) -> EntryShown:
    audited = AUDITED.get(entry.kind)
    return EntryShown(entry=entry, meaning=audited.meaning if audited else "", table=audited.table if audited else "")
