"""A source with three versions on one topic: it exists only in the tests.

The first reported one crossing in a word. The second is about several. The third calls the brigade ``delivered_by`` and
says whether arms were found.
"""

from dataclasses import replace

import polars as pl

from schemas.declaration import Field, Kind, Source, Version
from schemas.vocabulary import Vocabulary


class FerryMutation(Vocabulary):
    """What happened to a delivered suspect in the register of the ferries."""

    DELIVERED = "delivered", "aangeleverd", "The file with this suspect was handed to the OM."
    WITHDRAWN = "withdrawn", "ingetrokken", "The delivery no longer stands."


class Crossing(Vocabulary):
    """Where a border was crossed."""

    AIR = "air", "luchthaven", "At an airport."
    SEA = "sea", "zeehaven", "At a seaport."


_START = (
    Field(name="mutation", column="mutatie", words=FerryMutation, meaning="what happened to the record"),
    Field(name="file_number", column="dossier", pattern=r"^DN[0-9]{2}-[0-9]{6}$", meaning="number of the file"),
    Field(name="suspect_number", column="volgnummer", kind=Kind.INTEGER, minimum=1, meaning="place in the file"),
)
_END = (Field(name="recorded_at", column="tijdstip", kind=Kind.TIMESTAMP, meaning="the moment the source knew"),)
_BRIGADE = Field(name="brigade", column="brigade", required=False, meaning="who delivered")
_CROSSING = Field(name="crossing", column="grens", words=Crossing, required=False, meaning="where")
_CROSSINGS = Field(name="crossings", column="grens", kind=Kind.WORDS, words=Crossing, required=False, meaning="where")
_ARMED = Field(name="armed", column="bewapend", kind=Kind.BOOLEAN, required=False, meaning="whether arms were found")

FIRST = Version(
    event_type="nl.keten.ferry.delivery.v1",
    fields=(*_START, _BRIGADE, _CROSSING, *_END),
    upcast=lambda events: events.with_columns(
        crossings=pl.when(pl.col("crossing").is_not_null()).then(pl.concat_list("crossing"))
    ).drop("crossing"),
    downcast=lambda events: events.with_columns(crossing=pl.col("crossings").list.first()).drop("crossings"),
)
SECOND = Version(
    event_type="nl.keten.ferry.delivery.v2",
    fields=(*_START, _BRIGADE, _CROSSINGS, *_END),
    upcast=lambda events: events.rename({"brigade": "delivered_by"}).with_columns(armed=pl.lit(None, pl.Boolean)),
    downcast=lambda events: events.rename({"delivered_by": "brigade"}).drop("armed"),
)
FERRIES = Source(
    name="ferry_deliveries",
    command="ferry",
    meaning="One mutation of one delivered suspect in the register of the ferries.",
    topic="ferry.deliveries",
    event_type="nl.keten.ferry.delivery.v3",
    partition_key="file_number",
    record_key=("file_number", "suspect_number"),
    mutations=FerryMutation,
    fields=(*_START, replace(_BRIGADE, name="delivered_by"), _CROSSINGS, _ARMED, *_END),
    earlier=(FIRST, SECOND),
)
