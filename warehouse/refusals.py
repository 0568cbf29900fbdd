"""What each run refused, by rule: kept with the rows, over all tries of a run."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from schemas.declaration import Source
from schemas.refused import Refused
from warehouse.tables.loading import INGEST_REFUSAL


def add_refusals(connection: Connection, run: str, source: Source, refused: Iterable[Refused]) -> None:
    """Add what one batch refused to what the run has refused so far. The caller ends the transaction."""
    rows = [{"run": run, "source": source.name, **asdict(one)} for one in Refused.counted(refused)]
    if not rows:
        return
    new = insert(INGEST_REFUSAL)
    added = {"messages": INGEST_REFUSAL.c.messages + new.excluded.messages}
    key = [column.name for column in INGEST_REFUSAL.primary_key]
    connection.execute(new.on_conflict_do_update(index_elements=key, set_=added), rows)


def refused_in(connection: Connection, run: str, source: Source) -> tuple[Refused, ...]:
    """What a run refused of a source over all its tries."""
    table = INGEST_REFUSAL.c
    columns = (table.reason, table.column, table.rule, table.messages)
    rows = connection.execute(select(*columns).where(table.run == run, table.source == source.name))
    return Refused.counted(Refused(**row) for row in rows.mappings())
