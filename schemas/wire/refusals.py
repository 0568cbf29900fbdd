"""Why a message is no event of its source: every way to be wrong has one reason, in the order in which it is found."""

from schemas.vocabulary import Vocabulary

LARGEST_MESSAGE = 1_000_000
"""Bytes of a value. The largest event we write has less than two thousand."""


class Reason(Vocabulary):
    """Why a message went to the dead letters. The first that holds, from the outside in: envelope, text, record."""

    UNREADABLE = (
        "unreadable",
        "onleesbaar",
        "It is no record of Kafka that can be read: its batch, its bounds, its form or the name of a header.",
    )
    TOMBSTONE = "tombstone", "leeg bericht", "It has no value, and a null value is no event."
    OVERSIZED = (
        "oversized",
        "te groot",
        f"Its value has more than {LARGEST_MESSAGE} bytes, or its record or batch is larger than what is opened.",
    )
    HEADER = "header", "kopregel", "A CloudEvents header is missing or wrong."
    UNKNOWN_TYPE = "unknown_type", "onbekend type", "Its type is not that of the topic."
    UNKNOWN_VERSION = "unknown_version", "onbekende versie", "Its type has a version that this code does not know."
    NOT_UTF8 = "not_utf8", "geen UTF-8", "Its value is not UTF-8."
    NOT_JSON = "not_json", "geen JSON", "Its value is UTF-8 and not JSON."
    SCHEMA = "schema", "schema", "A field is missing, or has another type, form or word than it is declared with."
    IMPOSSIBLE_VALUE = (
        "impossible_value",
        "onmogelijke waarde",
        "A day lies outside all possible ones, or more than a day after the row was recorded.",
    )
    KEY = "key", "sleutel", "The key of the message is not that of the record."
    ID_REUSED = "id_reused", "id van een ander", "Another event has its source and id, and says something else."
