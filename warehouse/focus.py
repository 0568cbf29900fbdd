"""How the qualities of delivered cases overlap: what a table of shares cannot say."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Integer, func, select

from schemas.period import Period
from schemas.vocabulary import Qualification
from warehouse.figures import qualities_by_case

FOCUS = (Qualification.DISTRIBUTION, Qualification.PRODUCTION, Qualification.ABUSE)
"""The qualities that the letters publish shares of; possession is none of them."""


@dataclass(frozen=True, kw_only=True)
class OverlappingQualities:
    """Cases of a period by quality. Distinct dossier numbers with a delivered suspect in the period.

    Attributes:
        cases: all of them.
        with_quality: those with a quality, by its name; every one of ``FOCUS`` is present, also at 0.
        with_any: those with at least one of ``FOCUS``.
        with_several: those with more than one of them, which stand in several of ``with_quality``.
    """

    cases: int
    with_quality: dict[str, int]
    with_any: int
    with_several: int


def overlapping_qualities(connection: Connection, *, period: Period, as_of: date) -> OverlappingQualities:
    """Count the cases of a period by how many of the published qualities they have, as known on a day.

    A case has a quality when one of its suspects who count has it, as the police judge them.
    """
    by_case = qualities_by_case(period=period, as_of=as_of)
    has: list[ColumnElement[int]] = [by_case[quality.value].cast(Integer) for quality in FOCUS]
    qualities = has[0] + has[1] + has[2]
    row = connection.execute(
        select(
            func.count(),
            func.count().filter(qualities > 0),
            func.count().filter(qualities > 1),
            *(func.count().filter(by_case[quality.value]) for quality in FOCUS),
        )
    ).one()
    cases, with_any, with_several, *each = (int(count) for count in row)
    return OverlappingQualities(
        cases=cases,
        with_quality={quality.value: count for quality, count in zip(FOCUS, each, strict=True)},
        with_any=with_any,
        with_several=with_several,
    )
