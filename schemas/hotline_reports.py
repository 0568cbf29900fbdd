"""Hotline reports: counts of what citizens reported, one event per mutation of one report.

No suspect is known yet, so nothing here is ever linked to a delivery, nor added to the reports that the police receive
themselves: those are another population. Never an address, a text or a person.
"""

from schemas.declaration import SHORT_TEXT, Field, Kind, Source
from schemas.vocabulary import Channel, Hotline, HotlineMutation, Outcome, Theme

SOURCE = Source(
    name="hotline_reports",
    command="hotline",
    meaning="One mutation of one report at a hotline.",
    topic="hotline.reports",
    event_type="nl.keten.hotline.report.v1",
    partition_key="report_id",
    record_key=("report_id",),
    mutations=HotlineMutation,
    fields=(
        Field(name="mutation", column="mutation", words=HotlineMutation, meaning="what happened to the record"),
        Field(name="report_id", column="report_id", pattern=SHORT_TEXT, meaning="the hotline's own number"),
        Field(name="hotline", column="hotline", words=Hotline, meaning="the owner on the day of the report"),
        Field(name="channel", column="channel", words=Channel, meaning="how the report came in"),
        Field(name="theme", column="theme", words=Theme, meaning="what the report is about"),
        Field(name="received_on", column="received_on", kind=Kind.DATE, meaning="day of the report"),
        Field(
            name="outcome",
            column="outcome",
            words=Outcome,
            required=False,
            meaning="what became of it; null while nobody has assessed it",
        ),
        Field(
            name="recorded_at",
            column="recorded_at",
            kind=Kind.TIMESTAMP,
            meaning="when the hotline recorded the mutation: the moment the source knew",
        ),
    ),
)
