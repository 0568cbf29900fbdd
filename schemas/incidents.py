"""The kinds of what stops a source, or a balance, until a person has looked: the words under which they are kept."""

from typing import ClassVar

from schemas.vocabulary import Vocabulary


class IncidentKind(Vocabulary):
    """What stands still and why.

    Those of a topic are met while it is read, those of extracts said by control records; the last five stop no source.
    """

    TOPIC_UNREADABLE = (
        "topic_unreadable",
        "topic onleesbaar",
        "Kafka answers, and still does not give what the topic holds.",
    )
    TOPIC_GONE = "topic_gone", "topic verdwenen", "The topic does not exist, though events of it were loaded."
    TOPIC_RECREATED = (
        "topic_recreated",
        "topic opnieuw gemaakt",
        "A topic of that name was made anew: its offsets mean something else than the stored ones.",
    )
    PARTITION_ADDED = (
        "partition_added",
        "partitie erbij",
        "The topic has more partitions than before: the events of one record may now lie on two of them.",
    )
    RECORDS_GONE = "records_gone", "berichten weg", "The topic no longer holds the next record to be loaded."
    LOG_DIFFERS = (
        "log_differs",
        "ander logboek",
        "What lies before a stored offset is not what was loaded, or nothing: the broker's disk went back to an older "
        "copy, or it is another broker.",
    )
    SCHEMA_NEWER = (
        "schema_newer",
        "nieuwer schema",
        "A message has a newer schema than this code knows: the sender was upgraded first.",
    )
    CLOCK_AHEAD = (
        "clock_ahead",
        "klok loopt voor",
        "An event says that it was recorded more than a day after it was written: a clock is wrong, or a column.",
    )
    CHAIN_KEY_DIFFERS = (
        "chain_key_differs",
        "andere ketensleutel",
        "An extract was made with another chain key than most: its persons link with nobody.",
    )
    TOTALS_DIFFER = (
        "totals_differ",
        "totalen kloppen niet",
        "The numbers of a control record do not add up, or rows of an extract have not arrived.",
    )
    COVERS_LESS = (
        "covers_less",
        "gaat minder ver",
        "A new extract covers less than an earlier one: an old file in place of the new one?",
    )
    BALANCE_DOES_NOT_CLOSE = "balance_does_not_close", "balans sluit niet", "A balance does not close; none is stored."
    ANSWER_DIFFERS = "answer_differs", "ander antwoord", "One question came out in two ways from the same input."
    STEPS_DIFFER = "steps_differ", "stappen wijken af", "Linking step by step gave another balance than in full."
    PUBLISHED_FIGURE_DIFFERS = (
        "published_figure_differs",
        "gepubliceerd cijfer wijkt af",
        "A figure that a letter published comes out otherwise.",
    )
    AUDIT_BROKEN = "audit_broken", "auditketen gebroken", "An entry of the audit chain does not fit."


class Incident(Exception):
    """An error that stops something until a person has looked; it is kept, under its kind, where the alerts find it."""

    incident_kind: ClassVar[IncidentKind]

    mark = ""
    """The evidence: other evidence is another incident. Empty: there is one of a kind at a time."""
