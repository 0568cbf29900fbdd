"""Investigations: what the police started from 2019 on, of kinds A, B and C, one event per mutation of one.

The unit of the targets from 2019 (kst-31015-193) is the investigation, counted at its start. Its end is a day of its
own: what started and what ended in one year are two sets, and neither is a part of the other.
"""

from datetime import date

from schemas.declaration import SHORT_TEXT, Field, Kind, Source
from schemas.vocabulary import InvestigationKind, InvestigationMutation, InvestigationResult

CARRIED_OVER_ON = date(2019, 1, 1)
"""What ran on this day counts in the period that holds it, beside what started in it: the rule of the first year.

Every other period counts its own starts alone, 2020 too.
"""

SOURCE = Source(
    name="investigations",
    command="investigations",
    meaning="One mutation of one investigation of the police.",
    topic="police.investigations",
    event_type="nl.keten.police.investigation.v1",
    partition_key="investigation_number",
    record_key=("investigation_number",),
    mutations=InvestigationMutation,
    fields=(
        Field(name="mutation", column="mutatie", words=InvestigationMutation, meaning="what happened to the record"),
        Field(
            name="investigation_number",
            column="onderzoeksnummer",
            pattern=SHORT_TEXT,
            meaning="the police's own number of the investigation",
        ),
        Field(name="kind", column="soort", words=InvestigationKind, meaning="whom it is aimed at"),
        Field(
            name="unit", column="eenheid", pattern=r"^PL[0-9]{2}[0-9A-Z]{2}$", meaning="the police unit that runs it"
        ),
        Field(
            name="started_on", column="datum_start", kind=Kind.DATE, meaning="the day it started; the day that counts"
        ),
        Field(
            name="ended_on",
            column="datum_einde",
            kind=Kind.DATE,
            required=False,
            not_before="started_on",
            required_with=InvestigationMutation.ENDED,
            meaning="the day it ended; null while it runs, and in a later row when it runs again",
        ),
        Field(
            name="result",
            column="resultaat",
            words=InvestigationResult,
            required=False,
            meaning="what it ended with; null while it runs, or when it is not known",
        ),
        Field(
            name="recorded_at",
            column="tijdstip_mutatie",
            kind=Kind.TIMESTAMP,
            meaning="when the police recorded the mutation: the moment the source knew",
        ),
    ),
)
