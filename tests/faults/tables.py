"""What the warehouse holds, to be held against a warehouse that saw no fault."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from schemas.catalogue import sources
from schemas.declaration import Source
from warehouse.database import snapshot

OURS = {"ingested_at", "updated_at", "load_number", "person_id"}
"""When we did it, in which load, and the number that we gave a person: these alone may differ."""

PERSON = "LEFT JOIN person USING (person_id)"

LETTER = 'source, topic, topic_id, partition, "offset", key, value, headers::text, reason, "column", rule'
"""What a dead letter says of its message; its number and what becomes of it later are not the message's."""

Row = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Tables:
    """Rows by table, in an order of their own."""

    rows: dict[str, list[Row]]

    def events(self, source: Source) -> list[Row]:
        return self.rows[source.name]

    def without_places(self) -> dict[str, list[Row]]:
        """The events alone: which offsets they had, and how often, is the topic's."""
        return {name: rows for name, rows in self.rows.items() if name in sources()}


def tables_of(engine: Engine) -> Tables:
    """All event tables with their persons' tokens, their days, dead letters, offsets and run totals, of one moment."""
    asked = {name: f'SELECT * FROM "{name}"' for name in ("topic_offset", "ingest_run")}
    for name, source in sources().items():
        asked[name] = f'SELECT * FROM "{name}" {PERSON if any(one.is_personal for one in source.fields) else ""}'
    asked["event_day"] = "SELECT source, recorded_on, events, digest FROM event_day"
    asked["dead_letter"] = f"SELECT {LETTER} FROM dead_letter"
    with snapshot(engine) as connection:
        found = {
            name: [_row(row) for row in connection.execute(text(query)).mappings()] for name, query in asked.items()
        }
    engine.dispose()
    return Tables({name: sorted(rows) for name, rows in found.items()})


def lost_and_doubled(found: Tables, expected: Tables) -> tuple[int, int]:
    """How many rows are missing, and how many are there too often: over all tables."""
    lost = doubled = 0
    for name, rows in expected.rows.items():
        here, there = Counter(found.rows[name]), Counter(rows)
        lost += (there - here).total()
        doubled += (here - there).total()
    return lost, doubled


def _row(row: Any) -> Row:
    return tuple((column, repr(value)) for column, value in row.items() if column not in OURS)
