"""Put what was published beside a balance: the same measure and period, with the document that says it."""

from datetime import date
from functools import cache
from typing import Any

from jobs.settings import PROJECT_FOLDER
from schemas.measures import ALL, Derivation
from schemas.period import Period
from schemas.published import PublishedFigure, parse_published, published_for

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


def published_shares(period: Period, as_of: date) -> dict[str, PublishedFigure]:
    """For each quality whose share of the cases of a period was published: the figure, in percent."""
    found = {
        quality: published_for(published_figures(), measure=measure, period=period, as_of=as_of)
        for quality, measure in SHARE_OF_CASES.items()
    }
    return {quality: figure for quality, figure in found.items() if figure is not None}


def published_beside(period: Period, as_of: date) -> dict[str, dict[str, Any]]:
    """For each key of a balance that was published: the value, its document and the day that it rests on."""
    found = {
        key: published_for(published_figures(), measure=measure, period=period, as_of=as_of)
        for key, measure in MEASURE_OF_A_BALANCE.items()
    }
    return {
        key: {
            "value": int(figure.value),
            "document": figure.document,
            "as_of": figure.as_of.isoformat() if figure.as_of else None,
        }
        for key, figure in found.items()
        if figure is not None
    }
