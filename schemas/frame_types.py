"""How the fields of a source are held in a frame: a Polars type for each kind of field."""

from typing import Any

import polars as pl

from schemas.declaration import Kind, Source

FRAME_TYPES: dict[Kind, Any] = {
    Kind.TEXT: pl.String(),
    Kind.INTEGER: pl.Int32(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.TIMESTAMP: pl.Datetime("us", "UTC"),
    Kind.WORDS: pl.List(pl.String()),
    Kind.OFFSETS: pl.String(),
}
"""How each kind is held in a frame; offsets as the JSON text that the warehouse keeps."""


def frame_types(source: Source) -> dict[str, Any]:
    """The columns of a frame of events of this source, in the declared order, with their Polars types."""
    return {field.name: FRAME_TYPES[field.kind] for field in source.fields}


def stored_types(source: Source) -> dict[str, Any]:
    """The declared columns of the event table of this source as a frame holds them, in order: a person is a number."""
    return {field.stored_as: pl.Int64() if field.is_personal else FRAME_TYPES[field.kind] for field in source.fields}
