"""Which rows of each extract have arrived, a bit per row: a row that comes twice counts once, in any order."""

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, Integer, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, BIT, insert

from schemas.declaration import Source
from warehouse.tables.extracts import EXTRACT_ROWS, ROWS_OF_A_CHUNK

ExtractKey = tuple[str, str]
"""The source of an extract and what its rows are of (``schemas.wire.extract_rows.rows_key``)."""


def keep_extract_rows(connection: Connection, source: Source, rows: Mapping[str, Sequence[int]]) -> None:
    """Write down that these rows have arrived; doing it again changes nothing.

    Args:
        connection: in the transaction that writes what became of them.
        source: whose extracts they are.
        rows: numbers of rows, from 1, per key of an extract.
    """
    chunks = [chunk for extract_id in sorted(rows) for chunk in _chunks(extract_id, rows[extract_id])]
    if not chunks:
        return
    extract_ids, numbers, bits = zip(*chunks, strict=True)
    came = select(
        func.unnest(bindparam("extract_ids", list(extract_ids), ARRAY(Text))).label("extract_id"),
        func.unnest(bindparam("numbers", list(numbers), ARRAY(Integer))).label("chunk"),
        func.unnest(bindparam("bits", list(bits), ARRAY(Text))).label("bits"),
    ).subquery()
    as_bits = cast(func.concat("x", came.c.bits), BIT(ROWS_OF_A_CHUNK))
    new = insert(EXTRACT_ROWS).from_select(
        ["source", "extract_id", "chunk", "rows"],
        select(bindparam("source", source.name, Text), came.c.extract_id, came.c.chunk, as_bits),
    )
    both = EXTRACT_ROWS.c.rows.op("|")(new.excluded.rows)
    key = ["source", "extract_id", "chunk"]
    connection.execute(new.on_conflict_do_update(index_elements=key, set_={"rows": both}))


def rows_arrived(connection: Connection) -> dict[ExtractKey, int]:
    """How many rows of each extract have arrived; an extract of which none has is left out."""
    table = EXTRACT_ROWS.c
    query = select(table.source, table.extract_id, func.sum(func.bit_count(table.rows))).group_by(
        table.source, table.extract_id
    )
    return {(source, extract_id): int(rows) for source, extract_id, rows in connection.execute(query)}


def _chunks(extract_id: str, rows: Sequence[int]) -> list[tuple[str, int, str]]:
    """Per chunk that holds one of the rows: the extract, the chunk's number and its bits in hex."""
    chunk_of, place = np.divmod(np.unique(np.asarray(rows, dtype=np.int64)) - 1, ROWS_OF_A_CHUNK)
    found = []
    for chunk in np.unique(chunk_of).tolist():
        bits = np.zeros(ROWS_OF_A_CHUNK, dtype=bool)
        bits[place[chunk_of == chunk]] = True
        found.append((extract_id, chunk, np.packbits(bits).tobytes().hex()))
    return found
