"""The targets beside what was achieved: of the suspects of 2012 to 2014 a verdict per day, of the others the count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Engine

from ketenbalans.figures.measures import MEASURES
from ketenbalans.figures.published import PublishedFigure
from ketenbalans.figures.targets import BASE_YEAR, TargetVerdict, target_of, verdict_on
from ketenbalans.jobs.figures.measured import SUSPECTS, Figures
from ketenbalans.jobs.figures.published import decimals_of, published_figures, published_of
from schemas.json_object import JsonObject
from schemas.period import Period
from schemas.policy import Policy
from schemas.rounding import half_up
from warehouse.database import snapshot
from warehouse.extracts import is_synthetic

GROWTH = "growth_vs_2010"
AIMED_AT = "target_suspects_delivered"
AIMED_GROWTH = "target_growth_vs_2010"
COUNTED_FOR = {"target_interventions": "interventions_realised", "target_investigations": "investigations_counted"}
"""The other targets and what is counted for them, each in a unit of its own."""


@dataclass(frozen=True, kw_only=True)
class Achieved:
    """What was achieved as known on one day.

    Attributes:
        as_of: the day.
        suspects: delivered; None: ``says`` says why there is no figure.
        growth: over the base year, in percent.
        verdict: on the target, by what was known on that day.
        says: why there is no figure; empty when there is one.
        published: the letters' figures that rest on that day, the newest document first.
    """

    as_of: date
    suspects: Decimal | None
    growth: Decimal | None
    verdict: TargetVerdict | None
    says: str
    published: tuple[PublishedFigure, ...]


@dataclass(frozen=True, kw_only=True)
class SuspectTarget:
    """The target of one year, computed, with what the letters print of it."""

    year: int
    base: PublishedFigure
    agreed_growth: PublishedFigure
    target: Decimal
    published: PublishedFigure | None
    achieved: tuple[Achieved, ...]


@dataclass(frozen=True, kw_only=True)
class OtherTarget:
    """A target in another unit, beside what is counted in that unit as known on a day."""

    aimed_at: PublishedFigure
    as_of: date
    counted: Decimal | None
    says: str
    published: PublishedFigure | None


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Every target that was asked for; each unit apart."""

    as_of: date | None
    synthetic: bool
    suspects: tuple[SuspectTarget, ...]
    others: tuple[OtherTarget, ...]

    def to_json(self) -> JsonObject:
        """What ``targets --json`` prints."""
        return {
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "synthetic": self.synthetic,
            "suspects": [_suspects_as_json(one) for one in self.suspects],
            **{
                MEASURES[counted].unit.value: [
                    {
                        "year": one.aimed_at.period.start.year,
                        "category": one.aimed_at.category,
                        "target": str(one.aimed_at.value),
                        "target_document": one.aimed_at.document,
                        "as_of": one.as_of.isoformat(),
                        "counted": None if one.counted is None else str(one.counted),
                        "says": one.says or None,
                        "published": None if one.published is None else one.published.to_json(),
                    }
                    for one in self.others
                    if one.aimed_at.measure == aimed_at
                ]
                for aimed_at, counted in COUNTED_FOR.items()
            },
        }


def targets(engine: Engine, *, year: int | None, as_of: date | None, policy: Policy) -> Targets:
    """Hold every target against what is known on a day, and the suspects also on each day that a letter rests on.

    Args:
        engine: the warehouse.
        year: only this one; None: every year with a target.
        as_of: the last day whose knowledge is used; None: of each measure the last day that its sources cover.
        policy: the numbers that a person chose.
    """
    aimed = [one for one in _register(AIMED_GROWTH) if year in (None, one.period.start.year)]
    others = [one for name in COUNTED_FOR for one in _register(name) if year in (None, one.period.start.year)]
    with snapshot(engine) as connection:
        figures = Figures(connection, policy=policy)
        covered = figures.last_day(MEASURES[SUSPECTS])
        return Targets(
            as_of=as_of or covered,
            synthetic=is_synthetic(connection),
            suspects=tuple(_of_suspects(figures, one, as_of=as_of, covered=covered) for one in aimed),
            others=tuple(_other(figures, one, as_of=as_of) for one in others),
        )


def suspects_aimed_at(period: Period) -> Decimal | None:
    """How many suspects were to be delivered in a period; None: no target was agreed on in suspects."""
    aimed = next((one for one in _register(AIMED_GROWTH) if one.period == period), None)
    return None if aimed is None else target_of(_base().value, aimed.value)


def days_of(figures: Sequence[PublishedFigure], *, covered: date | None) -> dict[date, tuple[PublishedFigure, ...]]:
    """The days that published figures rest on, each with its figures; a figure without a day rests on the last known.

    Args:
        figures: of one measure and period.
        covered: the last day that is known; an undated figure rests on it, up to the date of its letter. Where it
            lies before the end of the period: on the date of the letter.
    """
    by_day: dict[date, list[PublishedFigure]] = {}
    for figure in figures:
        is_known = covered is not None and figure.period.end <= covered < figure.document_date
        day = figure.as_of or (covered if covered is not None and is_known else figure.document_date)
        by_day.setdefault(day, []).append(figure)
    return {day: tuple(by_day[day]) for day in sorted(by_day)}


def _of_suspects(
    figures: Figures, aimed: PublishedFigure, *, as_of: date | None, covered: date | None
) -> SuspectTarget:
    period = aimed.period
    base = _base()
    target = target_of(base.value, aimed.value)
    published = days_of(
        [one for one in _register(SUSPECTS, newest_only=False) if one.period == period], covered=covered
    )
    newest = as_of or covered
    days = {day for day in published if as_of is None or day <= as_of}
    if newest is not None and (newest >= period.end or as_of is not None):
        days.add(newest)

    def known_on(day: date) -> Achieved:
        ours, growth = (figures.figure(MEASURES[name], "", period, day) for name in (SUSPECTS, GROWTH))
        return Achieved(
            as_of=day,
            suspects=ours.value,
            growth=None if growth.value is None else half_up(growth.value, decimals_of(GROWTH)),
            verdict=None if ours.value is None else verdict_on(ours.value, target),
            says=ours.says,
            published=published.get(day, ()),
        )

    return SuspectTarget(
        year=period.start.year,
        base=base,
        agreed_growth=aimed,
        target=target,
        published=next((one for one in _register(AIMED_AT) if one.period == period), None),
        achieved=tuple(known_on(day) for day in sorted(days)),
    )


def _other(figures: Figures, aimed: PublishedFigure, *, as_of: date | None) -> OtherTarget:
    counted = COUNTED_FOR[aimed.measure]
    day = as_of or figures.newest_day(MEASURES[counted]) or aimed.period.end
    ours = figures.figure(MEASURES[counted], aimed.category, aimed.period, day)
    published = published_of(counted, aimed.category, aimed.period, day)
    return OtherTarget(aimed_at=aimed, as_of=day, counted=ours.value, says=ours.says, published=published)


def _base() -> PublishedFigure:
    """What was delivered in the year that growth is agreed on over."""
    return next(one for one in _register(SUSPECTS) if one.period == BASE_YEAR)


def _register(measure: str, *, newest_only: bool = True) -> list[PublishedFigure]:
    """What was published of a measure, by period and category; of what two letters say alike, the newest letter."""
    found = sorted(
        (one for one in published_figures() if one.measure == measure),
        key=lambda one: (one.period, one.category, one.document_date),
    )
    if not newest_only:
        return found
    return list({(one.period, one.category): one for one in found}.values())


def _suspects_as_json(one: SuspectTarget) -> JsonObject:
    return {
        "year": one.year,
        "base": str(one.base.value),
        "base_document": one.base.document,
        "agreed_growth": str(one.agreed_growth.value),
        "target": str(one.target),
        "target_published": None if one.published is None else one.published.to_json(),
        "achieved": [
            {
                "as_of": known.as_of.isoformat(),
                "suspects": None if known.suspects is None else str(known.suspects),
                "growth": None if known.growth is None else str(known.growth),
                "verdict": None if known.verdict is None else known.verdict.value,
                "says": known.says or None,
                "published": [figure.to_json() for figure in known.published],
            }
            for known in one.achieved
        ],
    }
