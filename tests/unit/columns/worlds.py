"""Small histories of the linked registers: events with their loads, as rows that are read and as coded segments."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from ketenbalans.columns.coding import LOAD_NUMBER, coded_source
from ketenbalans.columns.segment import RowSegment, segment_of
from schemas.declaration import Kind, Source
from schemas.sources import kmar_deliveries, om_registrations, police_deliveries
from tests.reference.section3 import OM_MUTATIONS, POLICE_MUTATIONS
from warehouse.copying import SEPARATOR_IN_LISTS

POLICE, KMAR, OM = police_deliveries.SOURCE, kmar_deliveries.SOURCE, om_registrations.SOURCE
FIRST = datetime(2014, 3, 29, 22, 30, tzinfo=UTC)
"""Half an hour before midnight in Amsterdam, on the last day of winter."""

DAYS = [date(2014, 3, 28), date(2014, 3, 29), date(2014, 3, 30), date(2014, 3, 31), date(2014, 4, 1)]
HOURS = [0, 0.4999, 0.5, 12, 23.4, 23.5, 47.5]
LOADS = 4
NUMBERS = ["PL2700-2014000001", "PL2700-2014000002", "PL27AZ-2013999999"]

Event = dict[str, Any]

moments = st.sampled_from([FIRST + timedelta(hours=hours) for hours in HOURS])
persons = st.sampled_from([None, 1, 2])
of_any_event = {
    "recorded_at": moments,
    "person_id": persons,
    LOAD_NUMBER: st.integers(1, LOADS),
    "event_source": st.sampled_from(["/a", "/b"]),
    "event_id": st.sampled_from(["a", "A", "z", "é", "-"]),
}
of_any_delivery = {
    **of_any_event,
    "mutation": st.sampled_from(POLICE_MUTATIONS),
    "dossier_number": st.sampled_from(NUMBERS),
    "suspect_number": st.integers(1, 2),
    "unit": st.sampled_from(["PL2700", "PL27ZZ"]),
    "delivered_on": st.sampled_from([date(2013, 12, 31), date(2014, 3, 1)]),
    "transferred_to": st.sampled_from([None, "PL0600", "TBKK"]),
}
police_events = st.fixed_dictionaries(
    {
        **of_any_delivery,
        "team": st.sampled_from(["TBKK", "ZEDEN"]),
        "qualifications": st.sampled_from([None, [], ["abuse"], ["production", "abuse"]]),
        "transnational": st.booleans(),
    }
)
kmar_events = st.fixed_dictionaries(of_any_delivery)
om_events = st.fixed_dictionaries(
    {
        **of_any_event,
        "mutation": st.sampled_from(OM_MUTATIONS),
        "case_number": st.sampled_from(["0900000114", "0900000214", "1500000114"]),
        "dossier_number": st.sampled_from([None, *NUMBERS]),
        "dossier_number_as_reported": st.sampled_from([None, *NUMBERS, "pl27 14-1"]),
        "suspect_number": st.sampled_from([None, 1, 12]),
        "classification": st.sampled_from(["KP", "KST", "ZEDEN", "OVERIG"]),
        "registered_on": st.sampled_from([date(2014, 3, 5), date(2015, 1, 1)]),
        "disposal": st.sampled_from([None, "indigo", "dismissal"]),
        "joined_into": st.just("0900000199"),
    }
)
EVENTS_OF: dict[str, st.SearchStrategy[Event]] = {
    POLICE.name: police_events,
    KMAR.name: kmar_events,
    OM.name: om_events,
}


def histories(source: Source) -> st.SearchStrategy[list[Event]]:
    """Events of a register; no two have one id."""
    return st.lists(
        EVENTS_OF[source.name], max_size=14, unique_by=lambda event: (event["event_source"], event["event_id"])
    )


def as_read(source: Source, events: Sequence[Event]) -> pl.DataFrame:
    """The events as rows of their table, as ``warehouse.loaded_rows.rows_of_loads`` gives them."""
    lists = {field.name for field in source.fields if field.kind is Kind.WORDS}
    rows = [
        {
            name: SEPARATOR_IN_LISTS.join(value) if name in lists and value is not None else value
            for name, value in event.items()
        }
        for event in events
    ]
    types = {"event_source": pl.String(), "event_id": pl.String(), **coded_source(source).types_read}
    return pl.DataFrame(rows, schema=types)


def segments_of(source: Source, events: Sequence[Event], *, ends: Sequence[int] = (LOADS,)) -> list[RowSegment]:
    """The events in a segment up to each of some loads, ascending."""
    begins = [0, *ends[:-1]]
    return [
        segment_of(
            coded_source(source),
            [as_read(source, [event for event in events if after < event[LOAD_NUMBER] <= up_to])],
            first_load=after + 1,
            last_load=up_to,
        )
        for after, up_to in zip(begins, ends, strict=True)
    ]
