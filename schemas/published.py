"""What the letters to parliament published: the only real figures here, each with its document and its as-of date.

Kept as data in ``data/published_figures.csv``, which also says on what a day or a figure is based.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from schemas.period import Period


@dataclass(frozen=True, kw_only=True)
class PublishedFigure:
    """One figure as a letter gives it.

    Attributes:
        figure_id: its id in the register.
        document: the parliamentary document, such as ``kst-31015-112``.
        document_date: the date of the letter.
        as_of: the day whose knowledge the figure rests on; None when the letter does not say.
        period: what it counts; both ends included.
        measure: what is counted, with ``category`` (empty: all) and ``unit``.
        value: the figure; ``qualifier`` says whether it is exact, more than (gt) or less than (lt).
        is_target: whether it was aimed at instead of counted.
    """

    figure_id: str
    document: str
    document_date: date
    as_of: date | None
    period: Period
    measure: str
    category: str
    unit: str
    value: Decimal
    qualifier: str
    is_target: bool


def parse_published(text: str) -> tuple[PublishedFigure, ...]:
    """Read the register of published figures, in its own order."""
    return tuple(
        PublishedFigure(
            figure_id=row["figure_id"],
            document=row["document"],
            document_date=date.fromisoformat(row["document_date"]),
            as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
            period=Period(date.fromisoformat(row["period_start"]), date.fromisoformat(row["period_end"])),
            measure=row["measure"],
            category=row["category"],
            unit=row["unit"],
            value=Decimal(row["value"]),
            qualifier=row["qualifier"],
            is_target=row["is_target"] == "true",
        )
        for row in csv.DictReader(io.StringIO(text))
    )


def published_for(
    figures: tuple[PublishedFigure, ...], *, measure: str, period: Period, as_of: date
) -> PublishedFigure | None:
    """What was published of a measure, as it stood on a day: the newest as-of date up to then, else one without a date.

    None when nothing was published of that measure and period that rests on what was known by then.
    """
    of_measure = [
        figure
        for figure in figures
        if figure.measure == measure and figure.period == period and (figure.as_of is None or figure.as_of <= as_of)
    ]
    return max(of_measure, key=lambda figure: figure.as_of or date.min, default=None)
