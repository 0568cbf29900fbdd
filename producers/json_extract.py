"""Read a JSON Lines extract: one object a line, with the field names of the event, dates ISO.

Types are strict: a number where a text belongs breaks its row. A name that an object lacks says nothing (null); a name
that no field has is ignored with a warning. A file without a line is an extract without a row.

Lines that are written like the first one of their piece, the same names in the same order and no backslash in a text,
are taken apart in columns; the others one by one. Both give the same.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from producers.content import Content, TextPiece
from producers.errors import UnreadableExtract
from producers.extract import ExtractPart, Reading, Rows, columns_of, trimmed
from schemas.declaration import Source

OBJECT_RULE = "is a JSON object that names nothing twice"
TEXT_RULE = "is a text or null"

_PRINTABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_BLANKS = r"[ \t\r]*"
_TEXT_OR_NULL = r'(null|"[^"\\\x00-\x1f]*")'
"""A value that stands in the file as it is meant. Of other values a person may ask what they mean."""


def read_json_lines(content: Content, source: Source) -> Reading:
    """Read a JSON Lines file as an extract of a source.

    Its parts raise ``UnreadableExtract`` where the file is not UTF-8, and at its end when it has lines of which none is
    an object.
    """
    warnings: list[str] = []
    return Reading(_parts(content, columns_of(source), warnings), warnings)


def _parts(content: Content, wanted: Sequence[str], warnings: list[str]) -> Iterator[ExtractPart]:
    unknown: Counter[str] = Counter()
    objects = rows = 0
    for piece in content.pieces():
        part, objects_of_part = _part(piece, wanted, unknown)
        objects += objects_of_part
        rows += part.cells.height + part.no_rows.height
        yield part
    if rows and not objects:
        problem = "no line of it is a JSON object, so it is no JSON Lines extract"
        raise UnreadableExtract(
            content.file, problem, "Check that it is the file of this source, one JSON object a line"
        )
    warnings += _warnings(content.file, unknown)


def _part(piece: TextPiece, wanted: Sequence[str], unknown: Counter[str]) -> tuple[ExtractPart, int]:
    """The rows of a piece, and how many lines of it are objects; counts the names that are unknown."""
    texts = pl.Series("row", piece.text.removesuffix("\n").split("\n"), dtype=pl.String)
    lines = texts.to_frame().with_row_index("line", offset=piece.first_line)
    alike, names = _alike(lines, piece)
    unknown.update({name: alike.height for name in names if name not in wanted and alike.height})
    others = lines if alike.is_empty() else lines.join(alike.select("line"), on="line", how="anti")
    collected, objects = _one_by_one(others.sort("line"), wanted, unknown)
    nothing = pl.lit(None, pl.String)
    cells = alike.select("line", *((pl.col(f"={name}") if name in names else nothing).alias(name) for name in wanted))
    by_line = collected.cells.insert_column(0, collected.lines.alias("line"))
    every = pl.concat([cells.with_columns(pl.col("line").cast(pl.UInt32)), by_line.select(cells.columns)])
    every = every.sort("line")
    of_every = every["line"]
    part = ExtractPart(
        cells=trimmed(every.drop("line")),
        lines=of_every,
        no_rows=collected.no_rows,
        texts_of=lambda positions: texts.gather(of_every.gather(positions) - piece.first_line).str.strip_chars_end(
            "\r"
        ),
    )
    return part, alike.height + objects


def _alike(lines: pl.DataFrame, piece: TextPiece) -> tuple[pl.DataFrame, list[str]]:
    """The lines that are written like the first, ``line`` and each value as ``=name``; and the names."""
    first = _object(piece.text.partition("\n")[0].rstrip("\r"))
    names = list(first or ())
    if not names or not all(_PRINTABLE_NAME.fullmatch(name) for name in names):
        return lines.select("line").clear(), []
    pairs = (f'"{name}"{_BLANKS}:{_BLANKS}{_TEXT_OR_NULL}' for name in names)
    pattern = rf"^{_BLANKS}\{{{_BLANKS}{f'{_BLANKS},{_BLANKS}'.join(pairs)}{_BLANKS}\}}{_BLANKS}$"
    columns = [f"={name}" for name in names]
    groups = pl.col("row").str.extract_groups(pattern).struct.rename_fields(columns)
    found = lines.select("line", groups.alias("groups")).unnest("groups").drop_nulls(columns[0])
    is_text, inside = pl.col(columns).str.starts_with('"'), pl.col(columns).str.slice(1).str.strip_suffix('"')
    return found.with_columns(pl.when(is_text).then(inside)), names


def _one_by_one(lines: pl.DataFrame, wanted: Sequence[str], unknown: Counter[str]) -> tuple[ExtractPart, int]:
    """The same of lines that are read one by one."""
    collected, objects = Rows(wanted), 0
    for line, ended_text in lines.iter_rows():
        text = ended_text.rstrip("\r")
        if not text.strip():
            continue
        row = _object(text)
        if row is None:
            collected.refuse(line, text, [("", OBJECT_RULE)])
            continue
        objects += 1
        unknown.update(row.keys() - set(wanted))
        cells = [row.get(name) for name in wanted]
        if wrong := [name for name, cell in zip(wanted, cells, strict=True) if not isinstance(cell, str | None)]:
            collected.refuse(line, text, [(name, TEXT_RULE) for name in wrong])
        else:
            collected.add(line, text, cells)
    return collected.part(), objects


def _object(text: str) -> dict[str, Any] | None:
    """The object on a line, or None: orjson holds to the standard, the second reading sees a name that comes twice."""
    try:
        row = orjson.loads(text)
        if isinstance(row, dict) and json.loads(text, object_pairs_hook=_names_differ):
            return row
    except (ValueError, RecursionError):
        pass
    return None


def _names_differ(pairs: list[tuple[str, Any]]) -> bool:
    # asked of the inner objects first and of the whole line last, so the whole line's answer is the one that counts
    return len({name for name, _ in pairs}) == len(pairs)


def _warnings(file: Path, unknown: Counter[str]) -> list[str]:
    """One warning per unknown name. A name that is none is not repeated: it may be a value by mistake."""
    named = sorted(name for name in unknown if _PRINTABLE_NAME.fullmatch(name))
    warnings = [f"{file}: the field {name} is unknown and was ignored ({unknown[name]} rows)" for name in named]
    if others := len(unknown) - len(named):
        warnings.append(f"{file}: {others} fields with other names are unknown and were ignored")
    return warnings
