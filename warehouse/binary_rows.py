"""Rows as PostgreSQL's binary COPY wants them, made from a frame in columns.

Binary, because what PostgreSQL says of a row of text that it cannot store quotes the row, and a row holds person
tokens. A field is its length and its bytes; where each begins follows from the lengths before it, so that a whole
column is put in its places at once, all fields of one length together.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.declaration import Kind

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)

OID_OF_TEXT = 25
POSTGRES_EPOCH_DAYS = 10_957
"""Days from 1970-01-01 to 2000-01-01: PostgreSQL counts from the latter."""

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


class _Column:
    """One column: its values' bytes one after the other, and the length of each, -1 for null."""

    def __init__(self, payload: bytes, lengths: Numbers) -> None:
        self.payload = payload
        self.lengths = lengths

    @property
    def sizes(self) -> Numbers:
        """Bytes of each value; a null has none."""
        return np.maximum(self.lengths, 0)


def binary_rows(rows: pl.DataFrame, kinds: Mapping[str, Kind]) -> bytes:
    """Rows of a frame in the binary form of COPY, without what stands before the first and after the last.

    Args:
        rows: a column per name in ``kinds``, in the types of ``schemas.frame_types.FRAME_TYPES``.
        kinds: names and kinds, in the order of the COPY. Texts hold no NUL.
    """
    columns = [_column(rows[name], kind) for name, kind in kinds.items()]
    ends = np.cumsum(2 + sum((4 + column.sizes for column in columns), np.zeros(rows.height, dtype=np.int64)))
    out: Bytes = np.empty(int(ends[-1]) if rows.height else 0, dtype=np.uint8)
    place: Numbers = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])[: rows.height]
    _put(out, place, np.full(rows.height, len(columns), dtype=">i2"))
    place = place + 2
    for column in columns:
        _put(out, place, column.lengths.astype(">i4"))
        place = place + 4
        _put_payload(out, place, column)
        place = place + column.sizes
    return out.tobytes()


def _column(values: pl.Series, kind: Kind) -> _Column:
    if kind in (Kind.TEXT, Kind.OFFSETS):
        lengths = values.str.len_bytes().cast(pl.Int64).fill_null(-1).to_numpy()
        joined: str = values.str.join("").item() if len(values) else ""
        return _Column(joined.encode(), lengths)
    if kind is Kind.WORDS:
        return _lists(values)
    if kind is Kind.INTEGER:
        return _fixed(values, values.cast(pl.Int32), ">i4")
    if kind is Kind.BOOLEAN:
        return _fixed(values, values.cast(pl.UInt8), "u1")
    if kind is Kind.DATE:
        return _fixed(values, values.to_physical() - POSTGRES_EPOCH_DAYS, ">i4")
    return _fixed(values, values.to_physical() - POSTGRES_EPOCH_DAYS * 86_400_000_000, ">i8")


def _fixed(values: pl.Series, numbers: pl.Series, form: str) -> _Column:
    known = numbers.drop_nulls().to_numpy().astype(form)
    return _Column(known.tobytes(), np.where(values.is_null().to_numpy(), -1, known.dtype.itemsize).astype(np.int64))


def _lists(values: pl.Series) -> _Column:
    """Lists of words: of the same list, which there are few of, the bytes are made once."""
    as_text = values.list.eval(pl.element().str.len_bytes().cast(pl.String) + ":" + pl.element()).list.join("")
    codes = as_text.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
    table = pl.DataFrame({"code": codes, "words": values}).unique("code").sort("code")
    forms = {code: b"" if words is None else _array(words) for code, words in table.iter_rows()}
    size_of = np.array([len(forms.get(code, b"")) for code in range(max(forms, default=0) + 1)] or [0], dtype=np.int64)
    lengths = np.where(codes == 0, -1, size_of[codes]) if len(codes) else codes
    return _Column(b"".join(forms[code] for code in codes.tolist()), lengths)


def _array(words: Sequence[str]) -> bytes:
    """One text[] of PostgreSQL: dimensions, no nulls, the type of the elements, then each with its length."""
    if not words:
        return struct.pack(">iii", 0, 0, OID_OF_TEXT)
    texts = [word.encode() for word in words]
    head = struct.pack(">iiiii", 1, 0, OID_OF_TEXT, len(texts), 1)
    return head + b"".join(struct.pack(">i", len(text)) + text for text in texts)


def _put(out: Bytes, places: Numbers, numbers: npt.NDArray[Any]) -> None:
    """Write each number at its place."""
    if len(numbers):
        size = numbers.dtype.itemsize
        _windows(out, size)[places] = numbers.view(f"V{size}")


def _put_payload(out: Bytes, places: Numbers, column: _Column) -> None:
    """Write each value of a column at its place, all of one length at a time."""
    source: Bytes = np.frombuffer(column.payload, dtype=np.uint8)
    sizes = column.sizes
    begins = np.cumsum(sizes) - sizes
    for size in np.unique(sizes[sizes > 0]).tolist():
        here = sizes == size
        _windows(out, size)[places[here]] = _windows(source, size)[begins[here]]


def _windows(data: Bytes, size: int) -> npt.NDArray[np.void]:
    """Every run of that many bytes in the data, as one thing to be copied; nothing is copied yet."""
    return np.ndarray(len(data) - size + 1, dtype=f"V{size}", buffer=data, strides=(1,))
