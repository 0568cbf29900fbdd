"""Control records: the trailer that says how much an extract held and the last day that it covers.

Batch feeds end with a trailer; so do ours. When all rows of an extract are acknowledged its producer sends one
control record. Completeness, freshness, one chain key on both sides and the default as-of date follow from it, without
a look at any clock.
"""

from schemas.declaration import Field, Kind, Source

SOURCE = Source(
    name="extracts",
    command=None,
    meaning="One publication of one extract, sent when all its rows were acknowledged.",
    topic="extracts",
    event_type="nl.keten.extract.v1",
    partition_key="source",
    record_key=("source", "extract_id", "recorded_at"),
    mutations=None,
    fields=(
        Field(name="source", column="source", pattern=r"^[a-z][a-z_]{0,62}$", meaning="the source of the extract"),
        Field(name="extract_id", column="extract_id", pattern=r"^[0-9a-f]{64}$", meaning="SHA-256 of the file"),
        Field(
            name="covers_until", column="covers_until", kind=Kind.DATE, meaning="last day that the extract speaks of"
        ),
        Field(name="rows", column="rows", kind=Kind.INTEGER, minimum=0, meaning="rows in the file, empty lines apart"),
        Field(name="published", column="published", kind=Kind.INTEGER, minimum=0, meaning="rows that became events"),
        Field(name="rejected", column="rejected", kind=Kind.INTEGER, minimum=0, meaning="rows that broke their schema"),
        Field(
            name="chain_key_check",
            column="chain_key_check",
            pattern=r"^[0-9a-f]{16}$",
            meaning="16 hex of an HMAC over a fixed text: equal when two extracts used the same chain key",
        ),
        Field(name="topic_id", column="topic_id", pattern=r"^\S{1,64}$", meaning="the topic that the rows went to"),
        Field(
            name="offsets",
            column="offsets",
            kind=Kind.OFFSETS,
            meaning="per partition, the next offset after the extract's rows",
        ),
        Field(
            name="synthetic",
            column="synthetic",
            kind=Kind.BOOLEAN,
            required=False,
            meaning="whether the extract holds synthetic chain numbers; null when it holds none at all (ADR 0007)",
        ),
        Field(
            name="recorded_at", column="recorded_at", kind=Kind.TIMESTAMP, meaning="when the control record was sent"
        ),
    ),
)
