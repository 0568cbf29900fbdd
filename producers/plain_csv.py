"""Rows of a CSV extract without a quote, split in columns: a line is a row, and every separator separates.

Where a piece of a file has a quote anywhere, or a character that Python and Polars might not both take for a blank or a
line end, it is read by ``producers.csv_extract`` row by row. Both give the same.
"""

from collections.abc import Mapping

import polars as pl

from producers.content import TextPiece
from producers.extract import REJECTIONS, ExtractPart, trimmed

SEPARATOR = ";"
NOT_PLAIN = ('"', "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\u2028", "\u2029")
BLANKS = (" ", "\t")
"""The only ASCII characters of a plain text, line ends apart, that trimming takes away."""


def is_plain(text: str) -> bool:
    """Whether a text may be split in columns."""
    return text.count("\r") == text.count("\r\n") and not any(character in text for character in NOT_PLAIN)


def plain_part(piece: TextPiece, places: Mapping[str, int | None], *, cells: int, wrong_length: str) -> ExtractPart:
    """The rows of some lines, empty ones apart (those of separators only too), and what stands there and is none.

    Args:
        piece: its text ``is_plain`` and holds no header.
        places: per wanted column where it stands in a row; None: nowhere.
        cells: how many a row has.
        wrong_length: the rule of a row that has another number.
    """
    found = _all_of_one_length(piece.text, cells)
    if found is not None:
        every, no_rows = found, pl.DataFrame(schema=REJECTIONS)
    else:
        every, no_rows = _each_of_its_length(piece.text, cells, wrong_length)
    has_blanks = not piece.text.isascii() or any(blank in piece.text for blank in BLANKS)
    if has_blanks or found is None:  # who split the other way made empty cells null
        every = trimmed(every.drop("line")).insert_column(0, every["line"])
    filled = every.filter(pl.any_horizontal(pl.exclude("line").is_not_null()))
    nothing = pl.lit(None, pl.String)
    wanted = [(nothing if place is None else pl.col(str(place))).alias(column) for column, place in places.items()]
    lines = filled["line"]
    return ExtractPart(
        cells=filled.select(wanted),
        lines=(lines + piece.first_line).cast(pl.UInt32),
        no_rows=no_rows.with_columns((pl.col("line") + piece.first_line).cast(pl.UInt32)),
        texts_of=lambda positions: _lines_of(piece.text)["row"].gather(lines.gather(positions)),
    )


def _all_of_one_length(text: str, cells: int) -> pl.DataFrame | None:
    """``line``, from 0, and the cells as ``0``, ``1`` and so on, when every line has that many; None when in doubt.

    Polars refuses a line with more cells and fills up one with fewer; so with as many separators in all as so many
    lines of the right length have, every line has it.
    """
    lines = text.count("\n") + (not text.endswith("\n"))
    if cells < 2 or text.count(SEPARATOR) != lines * (cells - 1) or text.startswith("\ufeff"):
        return None
    try:
        split = pl.read_csv(
            text.replace("\r\n", "\n").encode(),
            separator=SEPARATOR,
            has_header=False,
            quote_char=None,
            schema={str(number): pl.String() for number in range(cells)},
        )
    except pl.exceptions.PolarsError:
        return None
    return split.with_row_index("line") if split.height == lines else None


def _each_of_its_length(text: str, cells: int, wrong_length: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same of the lines that have so many cells, as they stand there; and ``REJECTIONS`` of the others."""
    is_filled = pl.col("row").str.replace_all(SEPARATOR, "", literal=True).str.strip_chars() != ""
    rows = _lines_of(text).filter(is_filled)
    has_length = pl.col("row").str.count_matches(SEPARATOR, literal=True) == cells - 1
    split = pl.col("row").str.split_exact(SEPARATOR, cells - 1).struct.rename_fields([str(n) for n in range(cells)])
    good = rows.filter(has_length).select("line", split.alias("cells")).unnest("cells")
    others = rows.filter(~has_length).select("line", column=pl.lit(""), rule=pl.lit(wrong_length), row="row")
    return good, pl.concat([pl.DataFrame(schema=REJECTIONS), others])


def _lines_of(text: str) -> pl.DataFrame:
    """``line``, from 0, and ``row``: each line without its end."""
    lines = (
        pl.Series("row", [text.removesuffix("\n")], dtype=pl.String).str.split("\n").explode().str.strip_suffix("\r")
    )
    return lines.to_frame().with_row_index("line")
