"""Check the whole audit chain against its rows and its checkpoints, from one moment of the warehouse."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from ketenbalans.audit.chain import Beside, ChainCheck, ChainFinding, Unsealed
from ketenbalans.audit.checkpoint import Checkpoint
from ketenbalans.audit.content import JsonText, Row
from schemas.audit import AUDITED, AuditEntry
from schemas.json_object import JsonObject
from warehouse.audit import (
    audited_rows,
    doubled_entries,
    entries_in_order,
    entry_count,
    json_columns,
    rows_without_entry,
    tables_not_sealing,
)
from warehouse.database import snapshot

ENTRIES_AT_ONCE = 2_000
"""What is in memory at a time, with their rows: an answer of a balance is some kilobytes."""


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """What a check of the chain found.

    Attributes:
        entries: how many there are.
        root: the hash of the last one that fits; zeros when none does.
        proven: how many of them a checkpoint that was given has signed.
        checkpoints: how many were given.
        finding: the first that does not fit; None: all of it fits.
    """

    entries: int
    root: str
    proven: int
    checkpoints: int
    finding: ChainFinding | None

    def to_json(self) -> JsonObject:
        """The result as ``audit verify --json`` prints it."""
        finding = None if self.finding is None else self.finding.to_json()
        return {**vars(self), "fits": self.finding is None, "finding": finding}


def verify_chain(warehouse: Engine | Connection, checkpoints: Sequence[Checkpoint]) -> AuditResult:
    """Recompute every entry from its row, and hold the chain against checkpoints.

    A million entries are read as some thousands at a time.

    Args:
        warehouse: which, or the connection of a snapshot.
        checkpoints: those whose signatures hold.
    """
    with snapshot(warehouse) as connection:
        return verified(connection, checkpoints)


def verified(connection: Connection, checkpoints: Sequence[Checkpoint]) -> AuditResult:
    """The same over a connection whose transaction sees one moment, or is seen by nobody else."""
    beside = Beside(
        entries=entry_count(connection),
        unsealed=list(_unsealed(connection)),
        doubled=doubled_entries(connection),
        triggers_off=tables_not_sealing(connection),
    )
    chain = ChainCheck(beside=beside, checkpoints=checkpoints)
    finding = chain.first_misfit(_with_rows(connection))
    return AuditResult(
        entries=beside.entries,
        root=chain.root,
        proven=chain.proven,
        checkpoints=len(checkpoints),
        finding=finding,
    )


def _unsealed(connection: Connection) -> Iterator[Unsealed]:
    for audited in AUDITED.values():
        found = rows_without_entry(connection, audited)
        if found is not None:
            yield Unsealed(kind=audited.kind, rows=found.rows, first=found.first)


def _with_rows(connection: Connection) -> Iterator[tuple[AuditEntry, Row | None]]:
    for entries in entries_in_order(connection, at_once=ENTRIES_AT_ONCE):
        subjects: dict[str, list[str]] = defaultdict(list)
        for entry in entries:
            subjects[entry.kind].append(entry.subject)
        rows: dict[tuple[str, str], Row] = {}
        for kind in subjects.keys() & AUDITED.keys():
            audited = AUDITED[kind]
            as_json = json_columns(audited)
            for subject, row in audited_rows(connection, audited, subjects[kind]).items():
                rows[kind, subject] = row | {name: JsonText(row[name]) for name in as_json if row[name] is not None}
        for entry in entries:
            yield entry, rows.get((entry.kind, entry.subject))
