"""Read the audit chain and the rows that it is of, as they are stored; nothing here works out a hash."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Column, Connection, Integer, Table, Text, cast, exists, func, select, text

from schemas.audit import AUDITED, Audited, AuditEntry
from warehouse.tables.audit import AUDIT_ENTRY
from warehouse.tables.balances import BALANCE
from warehouse.tables.breaks import DECISION
from warehouse.tables.dead_letters import DEAD_LETTER_STEP
from warehouse.tables.register import RESTATEMENT_DECISION
from warehouse.tables.releases import RELEASE
from warehouse.tables.signoff import SIGNOFF_ACT
from warehouse.tables.watching import INCIDENT_RESUMED

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (BALANCE, DECISION, DEAD_LETTER_STEP, INCIDENT_RESUMED, RELEASE, RESTATEMENT_DECISION, SIGNOFF_ACT)
}
"""The tables that are audited, by name."""

GUARDS = {
    "audit_entry": ("append_only", "sealed_only"),
    "figure_set": ("append_only", "recorded_only"),
    "signoff_act": ("append_only", "recorded_only"),
}
"""The triggers that keep the chain itself, and what was signed, as they are."""


class RowsWithoutEntry(NamedTuple):
    """Rows of an audited table that have no entry: how many, and the key of the first."""

    rows: int
    first: str


def entries_in_order(connection: Connection, *, at_once: int) -> Iterator[list[AuditEntry]]:
    """Every entry by its number, so many at a time."""
    after = None
    while True:
        query = select(AUDIT_ENTRY).order_by(AUDIT_ENTRY.c.entry_number).limit(at_once)
        if after is not None:
            query = query.where(AUDIT_ENTRY.c.entry_number > after)
        found = [AuditEntry(**row) for row in connection.execute(query).mappings()]
        if not found:
            return
        yield found
        after = found[-1].entry_number


def entry_count(connection: Connection) -> int:
    """How many entries there are."""
    return int(connection.scalar(select(func.count()).select_from(AUDIT_ENTRY)) or 0)


def newest_entries(connection: Connection, *, at_most: int, before: int | None = None) -> list[AuditEntry]:
    """The entries with the highest numbers, or with the highest below one, the newest first."""
    newest = select(AUDIT_ENTRY).order_by(AUDIT_ENTRY.c.entry_number.desc()).limit(at_most)
    if before is not None:
        newest = newest.where(AUDIT_ENTRY.c.entry_number < before)
    return [AuditEntry(**row) for row in connection.execute(newest).mappings()]


def entry_number_of(connection: Connection, kind: str, subject: str) -> int | None:
    """The entry of a row; None: it has none."""
    of_row = (AUDIT_ENTRY.c.kind == kind, AUDIT_ENTRY.c.subject == subject)
    return connection.scalar(select(AUDIT_ENTRY.c.entry_number).where(*of_row))


def hash_at(connection: Connection, entry_number: int) -> str | None:
    """The hash of an entry, as it is stored; None: there is no such entry."""
    return connection.scalar(select(AUDIT_ENTRY.c.hash).where(AUDIT_ENTRY.c.entry_number == entry_number))


def audited_rows(connection: Connection, audited: Audited, subjects: Collection[str]) -> dict[str, dict[str, Any]]:
    """The rows of those keys that are there and are audited, by key as text; JSON as the text that is stored."""
    table = TABLES[audited.table]
    key = table.c[audited.subject]
    wanted: Collection[Any] = subjects
    if isinstance(key.type, (BigInteger, Integer)):
        wanted = [int(one) for one in subjects if one.isascii() and one.isdigit() and len(one) < len(str(2**63))]
    columns = [cast(one, Text).label(one.name) if isinstance(one.type, JSON) else one for one in table.c]
    query = select(*columns).where(key.in_(wanted), *_only(table, audited))
    return {str(row[audited.subject]): dict(row) for row in connection.execute(query).mappings()}


def json_columns(audited: Audited) -> list[str]:
    """The columns of an audited table that hold JSON."""
    return [one.name for one in TABLES[audited.table].c if isinstance(one.type, JSON)]


def rows_without_entry(connection: Connection, audited: Audited) -> RowsWithoutEntry | None:
    """How many rows of an audited table have no entry; None: each has one."""
    table = TABLES[audited.table]
    key: Column[Any] = table.c[audited.subject]
    entry = select(1).where(AUDIT_ENTRY.c.kind == audited.kind, AUDIT_ENTRY.c.subject == cast(key, Text))
    query = select(func.count(), func.min(key)).where(~exists(entry), *_only(table, audited))
    rows, first = connection.execute(query).one()
    return RowsWithoutEntry(rows, str(first)) if rows else None


def doubled_entries(connection: Connection) -> list[int]:
    """The highest entry of each row that has more than one."""
    by_row = select(func.max(AUDIT_ENTRY.c.entry_number)).group_by(AUDIT_ENTRY.c.kind, AUDIT_ENTRY.c.subject)
    return list(connection.scalars(by_row.having(func.count() > 1)))


def tables_not_sealing(connection: Connection) -> list[str]:
    """The tables whose triggers of the chain are off or gone, by name."""
    found = connection.execute(
        text(
            "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
    )
    there = {tuple(one) for one in found}
    wanted = {(one.table, "audit_seal") for one in AUDITED.values()}
    wanted |= {(table, name) for table, names in GUARDS.items() for name in names}
    return sorted({table for table, _ in wanted - there})


def _only(table: Table, audited: Audited) -> list[Any]:
    return [] if audited.only is None else [table.c[audited.only[0]] == audited.only[1]]
