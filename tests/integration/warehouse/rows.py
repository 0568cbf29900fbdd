"""Events as plain rows, frames of them, and the shortest way to load them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Engine

from schemas import extracts, om_registrations, police_deliveries
from schemas.declaration import Source
from schemas.gate import frame_types
from warehouse.loading import Batch, Loaded, load
from warehouse.offsets import Move, Topic, stored_offsets

POLICE = police_deliveries.SOURCE
OM = om_registrations.SOURCE
EXTRACTS = extracts.SOURCE
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


def control(event_id: str, source: str, covers_until: date, *, topic_id: str, offsets: str) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "source": source,
        "extract_id": f"{event_id:0>64}",
        "covers_until": covers_until,
        "rows": 1,
        "published": 1,
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
    return load(engine, Batch(source=source, topic=topic, run=run, events=frame(source, rows), moves=[move]))
