"""OM registrations: the cases that the OM entered, one per suspect, one event per mutation of one case.

A row carries the registration's full state after the mutation. What the OM typed as the police's number stays beside
its normalised form.
"""

from schemas.declaration import Field, Kind, Source
from schemas.patterns import CASE_NUMBER, DOSSIER_NUMBER
from schemas.vocabulary import Classification, Disposal, OmMutation

SOURCE = Source(
    name="om_registrations",
    command="om",
    meaning="One mutation of one registration in the OM register.",
    topic="om.registrations",
    event_type="nl.keten.om.registration.v1",
    partition_key="case_number",
    record_key=("case_number",),
    mutations=OmMutation,
    fields=(
        Field(name="mutation", column="mutatie", words=OmMutation, meaning="what happened to the record"),
        Field(
            name="case_number",
            column="parketnummer",
            pattern=CASE_NUMBER,
            meaning="the OM's case number in ten digits, one per suspect; appeals (offices 20 to 24) are refused",
        ),
        Field(
            name="person_token",
            column="skn",
            required=False,
            pattern=r"^[0-9a-f]{64}$",
            is_personal=True,
            meaning="HMAC-SHA-256 of the chain number under the same chain key as the police side; null when not known",
        ),
        Field(
            name="dossier_number",
            required=False,
            pattern=DOSSIER_NUMBER,
            meaning="the police number, normalised; null when empty or not to be normalised",
        ),
        Field(
            name="dossier_number_as_reported",
            column="registratienummer_politie",
            required=False,
            meaning="the police number as the OM typed it; null when empty",
        ),
        Field(
            name="suspect_number",
            column="volgnummer_verdachte",
            kind=Kind.INTEGER,
            required=False,
            minimum=1,
            meaning="the suspect's place in the police file; the OM often leaves it out",
        ),
        Field(
            name="classification",
            column="classificatie",
            words=Classification,
            meaning="only KP and KST are recognisable as such",
        ),
        Field(
            name="registered_on",
            column="datum_inschrijving",
            kind=Kind.DATE,
            meaning="day of registration; may fall in the year after the delivery",
        ),
        Field(
            name="disposal",
            column="afdoening",
            words=Disposal,
            required=False,
            meaning="how the OM decided; null when it has not",
        ),
        Field(
            name="joined_into",
            column="gevoegd_bij",
            required=False,
            required_with=OmMutation.JOINED,
            refers_to=("om_registrations.case_number",),
            pattern=CASE_NUMBER,
            meaning="the case that this one was joined into",
        ),
        Field(
            name="recorded_at",
            column="tijdstip_mutatie",
            kind=Kind.TIMESTAMP,
            meaning="when the OM register recorded the mutation: the moment the source knew",
        ),
    ),
)
