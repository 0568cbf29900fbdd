"""The chain's two numbers, brought into one form each: the police dossier number and the OM case number.

Column functions over Polars, so that a producer maps a whole extract at once. The patterns are those of
docs/counting-rules.md, Numbers in one form; a text that does not match gives null, which the caller distinguishes from
a cell that was empty.
"""

import polars as pl

from schemas.patterns import NOT_IN_A_DOSSIER_NUMBER

_DOSSIER_AS_WRITTEN = r"^(PL[0-9]{2}[0-9A-Z]{2})-?([0-9]{10})(?:-[0-9]{1,3})?$"
_DOCUMENT_SUFFIX = r"-[0-9]{1,3}$"
_CASE_AS_WRITTEN = r"^(?:([0-9]{2})[/-]([0-9]{6})-([0-9]{2})|([0-9]{10}))$"


def cleaned(text: pl.Expr) -> pl.Expr:
    """Nothing but A-Z, 0-9 and dashes, in capitals: how a dossier number is compared whatever was typed around it."""
    return text.str.replace_all(NOT_IN_A_DOSSIER_NUMBER, "").str.to_uppercase()


def without_document_suffix(number: pl.Expr) -> pl.Expr:
    """A cleaned dossier number, well formed or not, without the number of a document in the file."""
    return number.str.replace(_DOCUMENT_SUFFIX, "")


def normalised_dossier_number(text: pl.Expr) -> pl.Expr:
    """``PL0900-2014000123`` for every way to write it; null when the text is no dossier number."""
    parts = cleaned(text)
    office = parts.str.extract(_DOSSIER_AS_WRITTEN, 1)
    number = parts.str.extract(_DOSSIER_AS_WRITTEN, 2)
    return office + "-" + number


def normalised_case_number(text: pl.Expr) -> pl.Expr:
    """Ten digits for ``PP/NNNNNN-YY``, ``PP-NNNNNN-YY`` or ten digits; null when the text is no case number.

    Appeal numbers come out like any other: refusing them, with a reason, is the declaration's pattern.
    """
    office, number, year, ten_digits = (text.str.extract(_CASE_AS_WRITTEN, group) for group in (1, 2, 3, 4))
    return pl.coalesce(ten_digits, office + number + year)
