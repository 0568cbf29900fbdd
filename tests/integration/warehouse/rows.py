"""Events as plain rows, frames of them, and the shortest way to load them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Engine, RowMapping, select

from schemas.declaration import Source
from schemas.frame_types import frame_types
from schemas.sources import (
    aggregates,
    extracts,
    hotline_reports,
    interventions,
    investigations,
    om_registrations,
    police_deliveries,
)
from warehouse.loading import Batch, Loaded, load
from warehouse.offsets import Move, Topic, stored_offsets
from warehouse.staging import copy_rows
from warehouse.tables.persons import PERSON

POLICE = police_deliveries.SOURCE
OM = om_registrations.SOURCE
EXTRACTS = extracts.SOURCE
HOTLINE = hotline_reports.SOURCE
INTERVENTIONS = interventions.SOURCE
INVESTIGATIONS = investigations.SOURCE
AGGREGATES = aggregates.SOURCE
MOMENT = datetime(2014, 6, 1, 9, tzinfo=UTC)


def police(event_id: str, recorded_at: datetime = MOMENT, **fields: Any) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": "delivered",
        "dossier_number": "PL0900-2014000001",
        "suspect_number": 1,
        "person_token": None,
        "unit": "PL0900",
        "team": "TBKK",
        "delivered_on": date(2014, 6, 1),
        "qualifications": [],
        "transnational": False,
        "transferred_to": None,
        **fields,
    }


def om(event_id: str, recorded_at: datetime = MOMENT, **fields: Any) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": "registered",
        "case_number": "0900000114",
        "person_token": None,
        "dossier_number": None,
        "dossier_number_as_reported": None,
        "suspect_number": None,
        "classification": "KP",
        "registered_on": date(2014, 6, 1),
        "disposal": None,
        "joined_into": None,
        **fields,
    }


def report(event_id: str, recorded_at: datetime = MOMENT, **fields: Any) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": "received",
        "report_id": "M-1",
        "hotline": "meldpunt",
        "channel": "website",
        "theme": "transnational",
        "received_on": date(2014, 6, 1),
        "outcome": None,
        **fields,
    }


def intervention(event_id: str, recorded_at: datetime = MOMENT, **fields: Any) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": "realised",
        "intervention_number": "I-1",
        "kind": "simple",
        "unit": "PL0900",
        "realised_on": date(2014, 6, 1),
        "dossier_number": None,
        "suspect_number": None,
        **fields,
    }


def investigation(event_id: str, recorded_at: datetime = MOMENT, **fields: Any) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": "started",
        "investigation_number": "O-1",
        "kind": "A",
        "unit": "PL0900",
        "started_on": date(2014, 6, 1),
        "ended_on": None,
        "result": None,
        **fields,
    }


def aggregate(event_id: str, recorded_at: datetime = MOMENT, **fields: Any) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": "delivered",
        "measure": "reports_received",
        "category": "all",
        "basis": "only",
        "period_start": date(2013, 1, 1),
        "period_end": date(2013, 12, 31),
        "as_of": date(2014, 5, 31),
        "value": 7,
        **fields,
    }


def control(
    event_id: str, source: str, covers_until: date, *, topic_id: str, offsets: str, published: int = 0
) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "source": source,
        "extract_id": f"{event_id:0>64}",
        "covers_until": covers_until,
        "rows": published,
        "published": published,
        "rejected": 0,
        "chain_key_check": "0" * 16,
        "topic_id": topic_id,
        "offsets": offsets,
        "recorded_at": MOMENT,
    }


def frame(source: Source, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    types = {"event_source": pl.String(), "event_id": pl.String(), **frame_types(source)}
    return pl.DataFrame(list(rows), schema=types)


def load_rows(
    engine: Engine, source: Source, rows: Sequence[dict[str, Any]], *, topic_id: str | None = None, run: str = "run"
) -> Loaded:
    """Load rows as if they followed what was loaded before on partition 0 of a topic."""
    topic_id = topic_id or f"id of {source.topic}"
    with engine.connect() as connection:
        before = stored_offsets(connection, source).get(topic_id, {}).get(0)
    move = Move(0, before, (before or 0) + len(rows))
    topic = Topic(source.name, source.topic, topic_id)
    return load(
        engine, Batch(source=source, topic=topic, run=run, rows=copy_rows(source, frame(source, rows)), moves=[move])
    )


def load_covered(engine: Engine, source: Source, rows: Sequence[dict[str, Any]], *, until: date) -> None:
    """Load rows of a source, and the word of a control record that they speak of every day until one."""
    load_rows(engine, source, rows)
    named = f"{source.name} {until}"
    said = control("0", source.name, until, topic_id="none", offsets="{}") | {"event_id": named}
    load_rows(engine, EXTRACTS, [said], topic_id=f"control of {named}")


def tokens(engine: Engine) -> dict[int | None, str | None]:
    """The token of each person by number; of nobody none."""
    with engine.connect() as connection:
        return {None: None, **dict(map(tuple, connection.execute(select(PERSON.c.person_id, PERSON.c.person_token))))}


def with_token(row: Mapping[str, Any] | RowMapping, token_of: Mapping[int | None, str | None]) -> dict[str, Any]:
    """A stored row with the token of its person, as it came."""
    others = {name: value for name, value in row.items() if name != "person_id"}
    return others | {"person_token": token_of[row["person_id"]]}
