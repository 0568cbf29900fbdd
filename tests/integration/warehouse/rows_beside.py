"""Rows of the sources beside the two registers: the KMar, interventions, investigations, hotline reports, counts."""

from datetime import UTC, date, datetime
from typing import Any

from schemas.sources import aggregates, hotline_reports, interventions, investigations, kmar_deliveries

INTERVENTIONS = interventions.SOURCE
INVESTIGATIONS = investigations.SOURCE
HOTLINE = hotline_reports.SOURCE
AGGREGATES = aggregates.SOURCE
KMAR = kmar_deliveries.SOURCE


def recorded(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def kmar(event_id: str, recorded_at: datetime = datetime(2014, 6, 1, 9, tzinfo=UTC), **fields: Any) -> dict[str, Any]:
    return {
        "event_source": "/test",
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": "delivered",
        "dossier_number": "PL27RD-2014000001",
        "suspect_number": 1,
        "person_token": None,
        "unit": "PL27RD",
        "delivered_on": date(2014, 6, 1),
        "transferred_to": None,
        **fields,
    }


def intervention(number: str, realised_on: date, **fields: Any) -> dict[str, Any]:
    return {
        **_of(number, realised_on),
        "mutation": "realised",
        "intervention_number": number,
        "kind": "regular",
        "unit": "PL0900",
        "realised_on": realised_on,
        "dossier_number": None,
        "suspect_number": None,
        **fields,
    }


def investigation(number: str, started_on: date, **fields: Any) -> dict[str, Any]:
    return {
        **_of(number, started_on),
        "mutation": "started",
        "investigation_number": number,
        "kind": "A",
        "unit": "PL0900",
        "started_on": started_on,
        "ended_on": None,
        "result": None,
        **fields,
    }


def hotline_report(number: str, received_on: date, **fields: Any) -> dict[str, Any]:
    return {
        **_of(number, received_on),
        "mutation": "received",
        "report_id": number,
        "hotline": "meldpunt",
        "channel": "website",
        "theme": "transnational",
        "received_on": received_on,
        "outcome": None,
        **fields,
    }


def victims(number: str, year: int, basis: str, value: int) -> dict[str, Any]:
    as_of = date(year + 1, 1, 31)
    return {
        **_of(number, as_of),
        "mutation": "delivered",
        "measure": "victims_identified",
        "category": aggregates.NO_CATEGORY,
        "basis": basis,
        "period_start": date(year, 1, 1),
        "period_end": date(year, 12, 31),
        "as_of": as_of,
        "value": value,
    }


def _of(number: str, day: date) -> dict[str, Any]:
    return {"event_source": "/test", "event_id": number, "recorded_at": recorded(day)}
