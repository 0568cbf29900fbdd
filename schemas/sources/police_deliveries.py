"""Police deliveries: the suspects that the police handed to the OM, one event per mutation of one suspect.

A row carries the record's full state after the mutation, so the newest row says all. The unit of the 2012-2014 targets
(kst-31015-90, kst-31015-112) is the delivered suspect, not the case.
"""

from schemas.declaration import Field, Kind, Source
from schemas.patterns import DOSSIER_NUMBER
from schemas.vocabulary import PoliceMutation, Qualification, Team

SOURCE = Source(
    name="police_deliveries",
    command="police",
    party="police",
    meaning="One mutation of one delivered suspect in the police register.",
    topic="police.deliveries",
    event_type="nl.keten.police.delivery.v1",
    partition_key="dossier_number",
    record_key=("dossier_number", "suspect_number"),
    mutations=PoliceMutation,
    fields=(
        Field(name="mutation", column="mutatie", words=PoliceMutation, meaning="what happened to the record"),
        Field(
            name="dossier_number",
            column="registratienummer",
            pattern=DOSSIER_NUMBER,
            meaning="police registration number of the file, normalised, without the document suffix",
        ),
        Field(
            name="suspect_number",
            column="volgnummer_verdachte",
            kind=Kind.INTEGER,
            minimum=1,
            meaning="the suspect's place in the file",
        ),
        Field(
            name="person_token",
            column="skn",
            required=False,
            pattern=r"^[0-9a-f]{64}$",
            is_personal=True,
            meaning="HMAC-SHA-256 of the chain number under the chain key; null when the file came without",
        ),
        Field(name="unit", column="eenheid", pattern=r"^PL[0-9]{2}[0-9A-Z]{2}$", meaning="the delivering police unit"),
        Field(name="team", column="team", words=Team, meaning="the kind of team that delivered"),
        Field(
            name="delivered_on",
            column="datum_aanlevering",
            kind=Kind.DATE,
            meaning="day of the first delivery; a file sent back and delivered again keeps it",
        ),
        Field(
            name="qualifications",
            column="kwalificaties",
            kind=Kind.WORDS,
            words=Qualification,
            required=False,
            meaning="what the police judge the case to be about; they overlap, so shares never add up",
        ),
        Field(name="transnational", column="kst", kind=Kind.BOOLEAN, meaning="whether it is transnational offending"),
        Field(
            name="transferred_to",
            column="overgedragen_aan",
            required=False,
            required_with=PoliceMutation.TRANSFERRED,
            meaning="unit or team that took the file over; null in a later row ends the transfer",
        ),
        Field(
            name="recorded_at",
            column="tijdstip_mutatie",
            kind=Kind.TIMESTAMP,
            meaning="when the police register recorded the mutation: the moment the source knew",
        ),
    ),
)
