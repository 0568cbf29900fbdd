"""Draw records at random, the same for the same seed and records, whatever order they come in.

Each record gets a number out of the seed and its own key, and those with the lowest numbers are drawn. So a larger draw
holds the smaller one of its seed, and a record that comes or goes moves no other.
"""

from hashlib import sha256

import polars as pl

from ketenbalans.reconciliation.linkage.links import SUSPECT


def drawn(records: pl.DataFrame, *, size: int, seed: int) -> pl.DataFrame:
    """Draw so many records, or all where there are not so many, in the order in which they are drawn.

    Every set of that size is equally likely over all seeds, as far as SHA-256 is as good as chance.

    Args:
        records: at most one row per suspect.
        size: how many.
        seed: another one gives another draw.
    """
    numbers = [number_of(seed, dossier, suspect) for dossier, suspect in records.select(SUSPECT).iter_rows()]
    in_order = records.with_columns(drawn_by=pl.Series(numbers, dtype=pl.String)).sort("drawn_by", *SUSPECT)
    return in_order.head(size).drop("drawn_by")


def number_of(seed: int, dossier_number: str, suspect_number: int) -> str:
    """The number by which a suspect is drawn, in hexadecimal digits."""
    return sha256(f"{seed}/{dossier_number}/{suspect_number}".encode()).hexdigest()
