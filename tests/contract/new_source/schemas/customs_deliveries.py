"""Deliveries by customs: a source that exists only in the tests, with a field of every kind of an extract."""

from schemas.declaration import SHORT_TEXT, Field, Kind, Source
from schemas.vocabulary import Vocabulary


class CustomsMutation(Vocabulary):
    """What happened to a delivered suspect in the register of customs."""

    DELIVERED = "delivered", "aangeleverd", "The file with this suspect was handed to the OM."
    HANDED_OVER = "handed_over", "overgedragen", "Another service took the file over."
    WITHDRAWN = "withdrawn", "ingetrokken", "The delivery no longer stands."


class Crossing(Vocabulary):
    """Where a border was crossed. One file may hold several."""

    AIR = "air", "luchthaven", "At an airport."
    SEA = "sea", "zeehaven", "At a seaport."
    ROAD = "road", "weg", "On the road, near the border."


SOURCE = Source(
    name="customs_deliveries",
    command="customs",
    meaning="One mutation of one delivered suspect in the register of customs.",
    topic="customs.deliveries",
    event_type="nl.keten.customs.delivery.v1",
    partition_key="file_number",
    record_key=("file_number", "suspect_number"),
    mutations=CustomsMutation,
    fields=(
        Field(name="mutation", column="mutatie", words=CustomsMutation, meaning="what happened to the record"),
        Field(name="file_number", column="dossier", pattern=r"^DN[0-9]{2}-[0-9]{6}$", meaning="number of the file"),
        Field(name="suspect_number", column="volgnummer", kind=Kind.INTEGER, minimum=1, meaning="place in the file"),
        Field(
            name="person_token",
            column="skn",
            required=False,
            pattern=r"^[0-9a-f]{64}$",
            is_personal=True,
            meaning="HMAC-SHA-256 of the chain number under the chain key",
        ),
        Field(name="brigade", column="brigade", pattern=SHORT_TEXT, meaning="who delivered"),
        Field(name="delivered_on", column="datum", kind=Kind.DATE, meaning="day of the first delivery"),
        Field(
            name="crossings",
            column="grens",
            kind=Kind.WORDS,
            words=Crossing,
            required=False,
            meaning="where a border was crossed",
        ),
        Field(name="armed", column="bewapend", kind=Kind.BOOLEAN, required=False, meaning="whether arms were found"),
        Field(
            name="handed_to",
            column="overgedragen_aan",
            required=False,
            required_with=CustomsMutation.HANDED_OVER,
            meaning="the service that took the file over",
        ),
        Field(name="recorded_at", column="tijdstip", kind=Kind.TIMESTAMP, meaning="the moment the source knew"),
    ),
)
