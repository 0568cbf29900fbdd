"""Aggregates: counts that others made and hand over as such, one event per mutation of one count.

Nothing here is a record of the chain, and no record follows from a count: a count is never taken apart, linked, nor
added to another. Each stands on one basis and rests on the knowledge of one day; two bases of one measure are two
figures.
"""

from schemas.declaration import SHORT_TEXT, Field, Kind, Source
from schemas.vocabulary import AggregateMutation, Basis, DeliveredMeasure

NO_CATEGORY = "all"
"""The category of a count of a measure that has none."""

SOURCE = Source(
    name="aggregates",
    command="aggregates",
    meaning="One mutation of one count that another service made.",
    topic="aggregates",
    event_type="nl.keten.aggregate.v1",
    partition_key="measure",
    record_key=("measure", "category", "basis", "period_start", "period_end", "as_of"),
    mutations=AggregateMutation,
    fields=(
        Field(name="mutation", column="mutatie", words=AggregateMutation, meaning="what happened to the count"),
        Field(name="measure", column="maat", words=DeliveredMeasure, meaning="what is counted"),
        Field(
            name="category",
            column="categorie",
            pattern=SHORT_TEXT,
            meaning=f"the part of the measure, as letters name it; `{NO_CATEGORY}` where the measure has no parts",
        ),
        Field(name="basis", column="grondslag", words=Basis, meaning="whose work the count covers"),
        Field(name="period_start", column="periode_van", kind=Kind.DATE, meaning="the first day it counts"),
        Field(
            name="period_end",
            column="periode_tot_en_met",
            kind=Kind.DATE,
            not_before="period_start",
            meaning="the last day it counts",
        ),
        Field(
            name="as_of",
            column="peildatum",
            kind=Kind.DATE,
            not_before="period_start",
            meaning="the day whose knowledge the count rests on",
        ),
        Field(name="value", column="aantal", kind=Kind.INTEGER, minimum=0, meaning="the count; 0 says: none"),
        Field(
            name="recorded_at",
            column="tijdstip_mutatie",
            kind=Kind.TIMESTAMP,
            meaning="when the service that counts recorded the mutation: the moment the source knew",
        ),
    ),
)
