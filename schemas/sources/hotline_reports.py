"""Hotline reports: counts of what citizens reported, one event per mutation of one report.

No suspect is known yet, so nothing here is ever linked to a delivery, nor added to the reports that the police receive
themselves: those are another population. Never an address, a text or a person.
"""

from datetime import date, timedelta

from schemas.declaration import SHORT_TEXT, Field, Kind, Source, WordOnDays
from schemas.vocabulary import Channel, Hotline, HotlineMutation, Outcome, Theme

EOKM_FROM, ECPAT_FROM = date(2016, 4, 1), date(2018, 6, 1)
"""The first days of the later owners; the last one took over the transnational reports alone."""
MELDPUNT_UNTIL, EOKM_UNTIL = (first - timedelta(days=1) for first in (EOKM_FROM, ECPAT_FROM))

PUBLISHED_CHANNELS = (Channel.WEBSITE, Channel.ANONYMOUS_LINE)
"""The channels of the published reports: www.meldkindersekstoerisme.nl and Meld Misdaad Anoniem (kst-31015-90)."""

OTHER_THEMES = tuple(theme for theme in Theme if theme is not Theme.TRANSNATIONAL)
OWNERS = (
    WordOnDays(word=Hotline.MELDPUNT, day="received_on", last=MELDPUNT_UNTIL),
    WordOnDays(word=Hotline.EOKM, day="received_on", first=EOKM_FROM, last=EOKM_UNTIL),
    WordOnDays(word=Hotline.EOKM, day="received_on", first=ECPAT_FROM, where=("theme", OTHER_THEMES)),
    WordOnDays(word=Hotline.DFC_ECPAT, day="received_on", first=ECPAT_FROM, where=("theme", (Theme.TRANSNATIONAL,))),
)
"""Who takes a report on the day it comes in."""

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
        Field(
            name="hotline",
            column="hotline",
            words=Hotline,
            on_days=OWNERS,
            meaning="the owner on the day of the report",
        ),
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
