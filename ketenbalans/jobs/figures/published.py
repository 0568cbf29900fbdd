"""What was published, beside what is counted here: the same measure and period, with the document that says it."""

from datetime import date
from functools import cache

from ketenbalans.figures.measures import ALL, MEASURES, Derivation
from ketenbalans.figures.published import PublishedFigure, parse_published, published_for
from ketenbalans.project import PROJECT_FOLDER
from schemas.answer_parts import PublishedBeside
from schemas.period import Period
from schemas.rounding import decimals_in

MEASURE_OF_A_BALANCE = {one.key: one.name for one in ALL if one.derived is Derivation.BALANCE}
"""The keys of a balance that a letter may have published, and the measure in the register."""

SHARE_OF_CASES = {
    one.qualities[0].value: one.name
    for one in ALL
    if one.derived is Derivation.SHARE_OF_CASES and len(one.qualities) == 1
}
"""The qualities of which a letter may have published a share of the cases, and the measure in the register."""


@cache
def published_figures() -> tuple[PublishedFigure, ...]:
    """The register of published figures that the project carries."""
    return parse_published((PROJECT_FOLDER / "data" / "published_figures.csv").read_text(encoding="utf-8"))


def published_of(
    measure: str, category: str, period: Period, as_of: date, *, basis: str = ""
) -> PublishedFigure | None:
    """What was published of a measure and category, on a basis where one is named, as it stood on a day."""
    declared = MEASURES[measure]
    same = [
        one
        for one in published_figures()
        if (one.measure, one.category) == (measure, category) and (not basis or declared.basis_of(one.basis) == basis)
    ]
    return published_for(same, measure=measure, period=period, as_of=as_of)


def decimals_of(measure: str) -> int:
    """How many decimals the letters give a measure's figures."""
    return max((decimals_in(one.value) for one in published_figures() if one.measure == measure), default=0)


def published_shares(period: Period, as_of: date) -> dict[str, PublishedFigure]:
    """For each quality whose share of the cases of a period was published: the figure, in percent."""
    found = {
        quality: published_for(published_figures(), measure=measure, period=period, as_of=as_of)
        for quality, measure in SHARE_OF_CASES.items()
    }
    return {quality: figure for quality, figure in found.items() if figure is not None}


def published_beside(period: Period, as_of: date) -> dict[str, PublishedBeside]:
    """For each key of a balance that was published: the value, its document and the day that it rests on."""
    found = {
        key: published_for(published_figures(), measure=measure, period=period, as_of=as_of)
        for key, measure in MEASURE_OF_A_BALANCE.items()
    }
    return {
        key: PublishedBeside(value=int(figure.value), document=figure.document, as_of=figure.as_of)
        for key, figure in found.items()
        if figure is not None
    }
