"""The two state frames as the rules read them: one row per record, with what the rules ask of it spelled out once.

The frames come from the warehouse with one row per record as known on the as-of date. Here they get a row number in the
order in which ties are broken (design, 4.1), so that two numbers stand for the last five tie-breaks. The columns of the
registrations that carry the police's words are renamed, so that a pair shows both sides' values side by side.
"""

from datetime import date
from enum import IntEnum
from typing import Any, TypeAlias

import narwhals as nw

from schemas.vocabulary import RECOGNISED_CLASSIFICATIONS, OmMutation, PoliceMutation

Frame: TypeAlias = nw.DataFrame[Any]
"""An eager frame of whatever engine the caller uses."""


class Round(IntEnum):
    """The three rounds of linking: what makes a suspect recognisable is found before what does not (design, 4.1)."""

    RECOGNISABLE = 1
    OTHER_STANDING = 2
    NO_LONGER_STANDING = 3


def prepared_deliveries(deliveries: Frame) -> Frame:
    """Number the deliveries in tie-break order and say which were withdrawn.

    Args:
        deliveries: one row per (dossier_number, suspect_number) known on the as-of date, withdrawn ones too.

    Returns:
        The same rows with ``delivery_id`` and ``is_withdrawn``.
    """
    ordered = deliveries.sort("delivered_on", "dossier_number", "suspect_number").with_row_index("delivery_id")
    return ordered.with_columns(is_withdrawn=nw.col("mutation") == PoliceMutation.WITHDRAWN.value)


def prepared_registrations(registrations: Frame) -> Frame:
    """Number the registrations in tie-break order and say in which round each is linked.

    Args:
        registrations: one row per ``case_number`` known on the as-of date, lapsed and joined ones too.

    Returns:
        The same rows with ``registration_id``, ``is_standing``, ``is_recognisable`` and ``round``; the police's number,
        suspect number and token renamed to ``reported_dossier_number``, ``reported_suspect_number``,
        ``registered_token``.
    """
    no_longer_standing = [OmMutation.LAPSED.value, OmMutation.JOINED.value]
    recognised = [classification.value for classification in RECOGNISED_CLASSIFICATIONS]
    return (
        registrations.sort("registered_on", "case_number")
        .with_row_index("registration_id")
        .rename(
            {
                "dossier_number": "reported_dossier_number",
                "suspect_number": "reported_suspect_number",
                "person_token": "registered_token",
                "mutation": "registration_mutation",
            }
        )
        .with_columns(is_standing=~nw.col("registration_mutation").is_in(no_longer_standing))
        .with_columns(is_recognisable=nw.col("is_standing") & nw.col("classification").is_in(recognised))
        .with_columns(
            round=nw.when(nw.col("is_recognisable"))
            .then(nw.lit(Round.RECOGNISABLE.value))
            .when(nw.col("is_standing"))
            .then(nw.lit(Round.OTHER_STANDING.value))
            .otherwise(nw.lit(Round.NO_LONGER_STANDING.value))
        )
    )


def days_between(earlier: nw.Expr, later: nw.Expr) -> nw.Expr:
    """Whole days from one date column to another; negative when the second lies before the first."""
    return (later - earlier).dt.total_minutes() // (24 * 60)


def days_since(column: str, day: date) -> nw.Expr:
    """Whole days from a date column to a given day; negative when the column lies after it."""
    return days_between(nw.col(column), nw.lit(day))
