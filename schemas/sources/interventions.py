"""Interventions: what the police did of four kinds from 2015 to 2018, one event per mutation of one intervention.

The unit of the targets of 2015 to 2018 (kst-31015-157) is the intervention, not the suspect. Some kinds deliver nothing
to the OM, so an intervention is never held against a registration to find a gap, nor put in one series with suspects.
"""

from schemas.declaration import SHORT_TEXT, Field, Kind, Source
from schemas.patterns import DOSSIER_NUMBER
from schemas.vocabulary import InterventionKind, InterventionMutation

SOURCE = Source(
    name="interventions",
    command="interventions",
    meaning="One mutation of one intervention of the police.",
    topic="police.interventions",
    event_type="nl.keten.police.intervention.v1",
    partition_key="intervention_number",
    record_key=("intervention_number",),
    mutations=InterventionMutation,
    fields=(
        Field(name="mutation", column="mutatie", words=InterventionMutation, meaning="what happened to the record"),
        Field(
            name="intervention_number",
            column="interventienummer",
            pattern=SHORT_TEXT,
            meaning="the police's own number of the intervention",
        ),
        Field(name="kind", column="soort", words=InterventionKind, meaning="which of the four kinds it is"),
        Field(name="unit", column="eenheid", pattern=r"^PL[0-9]{2}[0-9A-Z]{2}$", meaning="the police unit that did it"),
        Field(
            name="realised_on",
            column="datum_realisatie",
            kind=Kind.DATE,
            meaning="the day on which it was done; the day that counts",
        ),
        Field(
            name="dossier_number",
            column="registratienummer",
            required=False,
            refers_to=("police_deliveries.dossier_number", "kmar_deliveries.dossier_number"),
            pattern=DOSSIER_NUMBER,
            meaning="police registration number of the file it delivered, normalised; null: nothing went to the OM",
        ),
        Field(
            name="suspect_number",
            column="volgnummer_verdachte",
            kind=Kind.INTEGER,
            required=False,
            minimum=1,
            meaning="the suspect's place in that file; null when it is not known, or when there is no file",
        ),
        Field(
            name="recorded_at",
            column="tijdstip_mutatie",
            kind=Kind.TIMESTAMP,
            meaning="when the police recorded the mutation: the moment the source knew",
        ),
    ),
)
