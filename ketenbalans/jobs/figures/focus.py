"""The focus shift: which part of the delivered cases has which quality, year by year. Shares overlap: none is added."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, Engine

from ketenbalans.figures.measures import MEASURES
from ketenbalans.figures.published import PublishedFigure
from ketenbalans.jobs.figures.cases import delivered_cases
from ketenbalans.jobs.figures.measured import Figures
from ketenbalans.jobs.figures.published import SHARE_OF_CASES, decimals_of, published_figures, published_of
from schemas.json_object import JsonObject
from schemas.period import Period
from schemas.policy import Policy
from schemas.rounding import half_up
from warehouse.database import snapshot
from warehouse.extracts import is_synthetic

UNION = "share_cases_production_or_abuse"
CASES = "cases_delivered_to_om"
OVERLAP = "Shares overlap: a case may have several qualities, so they never add up."
UNION_ONLY = "From 2015 on only the union is published, without the number of cases: no count follows from it."


@dataclass(frozen=True, kw_only=True)
class QualityShare:
    """The cases of a year with one quality, and which part of all cases they are, in percent."""

    quality: str
    cases: int
    share: Decimal
    published: PublishedFigure | None


@dataclass(frozen=True, kw_only=True)
class FocusYear:
    """One year by quality; ``says`` says why there is none, and then all counts are empty.

    Attributes:
        year: by the day of delivery.
        cases: all delivered cases.
        qualities: each quality on its own.
        with_any: the cases with at least one of them.
        with_several: the cases with more than one.
        says: why nothing is reported; empty when it is.
        published_cases: what was published of ``cases``.
    """

    year: int
    cases: int | None
    qualities: tuple[QualityShare, ...]
    with_any: int | None
    with_several: int | None
    says: str
    published_cases: PublishedFigure | None


@dataclass(frozen=True, kw_only=True)
class UnionYear:
    """One year of which only the union of production and abuse may be reported, in percent and without a count."""

    year: int
    share: Decimal | None
    says: str
    published: PublishedFigure | None


@dataclass(frozen=True, kw_only=True)
class Focus:
    """The years asked for, those by quality and those by the union apart: they are two series."""

    as_of: date | None
    synthetic: bool
    by_quality: tuple[FocusYear, ...]
    by_union: tuple[UnionYear, ...]

    def to_json(self) -> JsonObject:
        """What ``focus --json`` prints."""
        return {
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "synthetic": self.synthetic,
            "by_quality": [_quality_year(one) for one in self.by_quality],
            "by_union": [
                {
                    "year": one.year,
                    "share_production_or_abuse": _text(one.share),
                    "says": one.says or None,
                    "published": _published(one.published),
                }
                for one in self.by_union
            ],
            "notes": [OVERLAP, *([UNION_ONLY] if self.by_union else [])],
        }


def focus(engine: Engine, *, year: int | None, as_of: date | None, policy: Policy) -> Focus:
    """Report how the delivered cases shift between qualities, as known on a day.

    Args:
        engine: the warehouse.
        year: only this one; None: every year that is published.
        as_of: the day whose knowledge is used; None: the last day that both registers cover.
        policy: the numbers that a person chose.
    """
    by_quality, by_union = years_published(*SHARE_OF_CASES.values()), years_published(UNION)
    with snapshot(engine) as connection:
        figures = Figures(connection, policy=policy)
        day = as_of or figures.last_day(MEASURES[CASES])
        return Focus(
            as_of=day,
            synthetic=is_synthetic(connection),
            by_quality=tuple(_by_quality(connection, figures, one, day) for one in by_quality if year in (None, one)),
            by_union=tuple(_by_union(figures, one, day) for one in by_union if year in (None, one)),
        )


def years_published(*measures: str) -> list[int]:
    """The years that a letter gives one of these measures for, in their order."""
    return sorted({one.period.start.year for one in published_figures() if one.measure in measures})


def _by_quality(connection: Connection, figures: Figures, year: int, day: date | None) -> FocusYear:
    period = Period.of_year(year)
    as_of = day or period.end
    delivered = figures.figure(MEASURES[CASES], "", period, as_of)
    published = published_of(CASES, "", period, as_of)
    if not delivered.value:
        says = delivered.says or f"no case was delivered in {year}"
        return FocusYear(
            year=year, cases=None, qualities=(), with_any=None, with_several=None, says=says, published_cases=published
        )
    counted = delivered_cases(connection, period, as_of=as_of).overlapping()
    qualities = tuple(
        QualityShare(
            quality=quality,
            cases=counted.with_quality[quality],
            share=half_up(Decimal(100) * counted.with_quality[quality] / counted.cases, decimals_of(measure)),
            published=published_of(measure, quality, period, as_of),
        )
        for quality, measure in SHARE_OF_CASES.items()
    )
    return FocusYear(
        year=year,
        cases=counted.cases,
        qualities=qualities,
        with_any=counted.with_any,
        with_several=counted.with_several,
        says="",
        published_cases=published,
    )


def _by_union(figures: Figures, year: int, day: date | None) -> UnionYear:
    period, category = Period.of_year(year), "production_or_abuse"
    as_of = day or period.end
    ours = figures.figure(MEASURES[UNION], category, period, as_of)
    return UnionYear(
        year=year,
        share=None if ours.value is None else half_up(ours.value, decimals_of(UNION)),
        says=ours.says,
        published=published_of(UNION, category, period, as_of),
    )


def _quality_year(one: FocusYear) -> JsonObject:
    return {
        "year": one.year,
        "cases_delivered": one.cases,
        "cases_delivered_published": _published(one.published_cases),
        "qualities": [
            {
                "quality": each.quality,
                "cases": each.cases,
                "share": str(each.share),
                "published": _published(each.published),
            }
            for each in one.qualities
        ],
        "cases_with_any_of_these": one.with_any,
        "cases_with_more_than_one": one.with_several,
        "says": one.says or None,
    }


def _published(figure: PublishedFigure | None) -> JsonObject | None:
    return None if figure is None else figure.to_json()


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
