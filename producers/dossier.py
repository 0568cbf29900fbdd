"""How an extract's ``registratienummer`` becomes the dossier number of an event."""

import polars as pl

from producers.mapping import FieldMapping
from schemas.numbers import normalised_dossier_number

COLUMN = "registratienummer"


def dossier_number(*, such_as: str, may_be_empty: bool = False) -> FieldMapping:
    """Map a registration number in any of its spellings; null where it is none.

    Args:
        such_as: one of this source, for the rule that a person reads.
        may_be_empty: whether the rule says that a record may come without one.
    """
    empty_or = "empty or " if may_be_empty else ""
    return FieldMapping(
        column=COLUMN,
        value=normalised_dossier_number(pl.col(COLUMN)),
        rule=f"is {empty_or}a registration number such as {such_as}",
    )
