"""KMar deliveries: the suspects that the Royal Marechaussee handed to the OM, one event per mutation of one suspect.

The KMar delivers from a system of its own, so a police extract does not hold its files: their numbers begin with PL27.
They are linked with the OM's registrations beside the police's and counted apart (ADR 0017). The KMar's extract says
nothing of teams and of what a case is about.
"""

from schemas.declaration import Field, Kind, Source
from schemas.vocabulary import PoliceMutation

SOURCE = Source(
    name="kmar_deliveries",
    command="kmar",
    party="kmar",
    golden_cases=("kmar_delivers_beside_the_police",),
    meaning="One mutation of one delivered suspect in the register of the KMar.",
    topic="kmar.deliveries",
    event_type="nl.keten.kmar.delivery.v1",
    partition_key="dossier_number",
    record_key=("dossier_number", "suspect_number"),
    mutations=PoliceMutation,
    fields=(
        Field(name="mutation", column="mutatie", words=PoliceMutation, meaning="what happened to the record"),
        Field(
            name="dossier_number",
            column="registratienummer",
            pattern=r"^PL27[0-9A-Z]{2}-[0-9]{10}$",
            meaning="registration number of the file, normalised, without the document suffix",
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
        Field(name="unit", column="brigade", pattern=r"^PL27[0-9A-Z]{2}$", meaning="the delivering brigade"),
        Field(
            name="delivered_on",
            column="datum_aanlevering",
            kind=Kind.DATE,
            meaning="day of the first delivery; a file sent back and delivered again keeps it",
        ),
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
            meaning="when the KMar's register recorded the mutation: the moment the source knew",
        ),
    ),
)
