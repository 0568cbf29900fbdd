"""Events written in columns: the same bytes and the same ids as ``schemas.wire.events`` makes row by row.

The JSON of a whole frame is written at once, and so is the text that an id is the digest of; only the digest itself
is asked for row by row.
"""

import hashlib
import uuid
from dataclasses import dataclass

import polars as pl

from schemas.declaration import Kind, Source

EVENT_IDS = uuid.UUID("6b1f0f5e-6f0c-5d53-9d39-6f7f1f0c2a51")
"""The UUIDv5 namespace of our event ids. It may never change: every id would."""

WRITTEN_BY_COLUMNS = (Kind.TEXT, Kind.INTEGER, Kind.DATE)
"""Kinds of which a column says what ``str`` says of a value, so that they may be part of a record's name."""

VARIANT_OF = {format(digit, "x"): format(8 | digit & 3, "x") for digit in range(16)}


@dataclass(frozen=True)
class Written:
    """Rows as messages carry them, one list each: key, ``ce_id``, ``ce_time``, value."""

    keys: list[bytes]
    ids: list[bytes]
    times: list[bytes]
    values: list[bytes]


def can_be_written_in_columns(source: Source) -> bool:
    """Whether a frame can be written at once: no field is an object or left out, and its records have plain names."""
    kinds = {field.name: field.kind for field in source.fields}
    names = (*source.record_key, source.partition_key)
    is_whole = Kind.OFFSETS not in kinds.values() and not any(field.added_later for field in source.fields)
    return is_whole and all(kinds[name] in WRITTEN_BY_COLUMNS for name in names)


def written(source: Source, events: pl.DataFrame) -> Written:
    """The rows of a valid frame of a source that ``can_be_written_in_columns``."""
    fields = sorted(source.fields, key=lambda field: field.name)
    texts = events.select(_as_written(field.kind, pl.col(field.name)).alias(field.name) for field in fields)
    record = [pl.col(name).cast(pl.String).fill_null("None") for name in source.record_key]
    mutation = pl.col("mutation").fill_null("None") if "mutation" in texts.columns else pl.lit("None")
    columns = texts.select(  # each is worked out once, though an id is made of all of them
        key=pl.col(source.partition_key).cast(pl.String).fill_null("None"),
        value=pl.struct(pl.all()).struct.json_encode(),
        moment="recorded_at",
        record=pl.concat_str(record, separator="|"),
        mutation=mutation,
    )
    lines = [pl.lit(source.name), "record", "mutation", "moment", "value"]
    identity = pl.concat_str(lines, separator="\n").alias("identity")
    columns = columns.select("key", "moment", "value", identity).cast(pl.Binary)
    ids = _ids(columns["identity"].to_list())
    return Written(columns["key"].to_list(), ids, columns["moment"].to_list(), columns["value"].to_list())


def _as_written(kind: Kind, column: pl.Expr) -> pl.Expr:
    """A column as JSON writes it; days and moments in words, a fraction only where there is one."""
    if kind is Kind.DATE:
        return column.dt.strftime("%Y-%m-%d")
    if kind is Kind.TIMESTAMP:
        whole = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
        return (
            pl.when(column.dt.microsecond() == 0)
            .then(whole + "Z")
            .otherwise(column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))
        )
    return column


def _ids(identities: list[bytes]) -> list[bytes]:
    """UUIDv5 of each text, as its 36 characters."""
    of_namespace = hashlib.sha1(EVENT_IDS.bytes, usedforsecurity=False)
    digests = []
    for identity in identities:
        digest = of_namespace.copy()
        digest.update(identity)
        digests.append(digest.hexdigest())
    hexes = pl.Series("hex", digests, dtype=pl.String)
    part, text = hexes.to_frame().lazy(), pl.col("hex")
    variant = text.str.slice(16, 1).replace_strict(VARIANT_OF, return_dtype=pl.String)
    groups = [text.str.slice(0, 8), text.str.slice(8, 4), "5" + text.str.slice(13, 3), variant + text.str.slice(17, 3)]
    whole = pl.concat_str([*groups, text.str.slice(20, 12)], separator="-")
    ids: list[bytes] = part.select(whole.cast(pl.Binary)).collect().to_series().to_list()
    return ids
