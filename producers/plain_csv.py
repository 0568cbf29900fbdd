"""Rows of a CSV extract without a quote, split in columns: a line is a row, and every separator separates.

With a quote in it anywhere, or a character that Python and Polars might not both take for a blank or a line end, a file
is read by ``producers.csv_extract`` row by row. Both give the same.
"""

import polars as pl

from producers.extract import REJECTIONS

SEPARATOR = ";"
NOT_PLAIN = ('"', "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\u2028", "\u2029")


def is_plain(text: str) -> bool:
    """Whether a text may be split in columns."""
    return text.count("\r") == text.count("\r\n") and not any(character in text for character in NOT_PLAIN)


def plain_rows(text: str, *, cells: int, wrong_length: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows after the header, empty lines apart (those of separators only too), and what stands there and is none.

    Args:
        text: ``is_plain``; its first line is the header.
        cells: how many a row has.
        wrong_length: the rule of a row that has another number.

    Returns:
        ``line``, ``row`` and the cells as ``0``, ``1`` and so on, as they stand there; and ``REJECTIONS``.
    """
    lines = pl.Series("row", [text], dtype=pl.String).str.split("\n").explode().str.strip_suffix("\r")
    is_filled = pl.col("row").str.replace_all(SEPARATOR, "", literal=True).str.strip_chars() != ""
    rows = lines.to_frame().with_row_index("line", offset=1)[1:].filter(is_filled)
    has_length = pl.col("row").str.count_matches(SEPARATOR, literal=True) == cells - 1
    split = pl.col("row").str.split_exact(SEPARATOR, cells - 1).struct.rename_fields([str(n) for n in range(cells)])
    good = rows.filter(has_length).select("line", "row", split.alias("cells")).unnest("cells")
    others = rows.filter(~has_length).select("line", column=pl.lit(""), rule=pl.lit(wrong_length), row="row")
    return good, pl.concat([pl.DataFrame(schema=REJECTIONS), others])
