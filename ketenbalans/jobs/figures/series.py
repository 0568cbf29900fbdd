"""Give a series of figures, or refuse it where it breaks: no row of figures ever crosses a break."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from sqlalchemy import Engine

from ketenbalans.figures.measures import MEASURES
from ketenbalans.figures.published import PublishedFigure
from ketenbalans.figures.segments import Part, SeriesBreak
from ketenbalans.figures.series_asked import NoSuchSeries, lanes, never_one, plan
from ketenbalans.figures.steps import Step, periods_of, whole_steps
from ketenbalans.jobs.figures.measured import Figures
from ketenbalans.jobs.figures.published import decimals_of, published_of
from schemas.json_object import JsonObject
from schemas.period import Period
from schemas.policy import Policy
from schemas.rounding import half_up
from warehouse.database import snapshot
from warehouse.extracts import is_synthetic


@dataclass(frozen=True, kw_only=True)
class SeriesQuestion:
    """What is asked.

    Attributes:
        measures: one measure; of several the answer is why they are no series, or each apart.
        period: whole steps, both ends included.
        as_of: the day whose knowledge is used; None: the last day that the sources of a measure cover.
        step: how long each period is.
        category: such as ``A``; empty: all together, where the register has that.
        basis: such as ``combined``, where a measure has several beside each other.
    """

    measures: tuple[str, ...]
    period: Period
    as_of: date | None = None
    step: Step = Step.YEAR
    category: str = ""
    basis: str = ""


class SeriesBroken(ValueError):
    """A stretch of figures was asked for as one series, and it breaks.

    Attributes:
        breaks: each with its day, what changes and why.
        parts: the stretches that may be asked for, one by one.
    """

    def __init__(self, question: SeriesQuestion, breaks: Sequence[SeriesBreak], parts: Sequence[Part]) -> None:
        self.question, self.breaks, self.parts = question, tuple(breaks), tuple(parts)
        answered = "; ".join(f"{'' if one.on is None else f'{one.on}: '}{one.why}" for one in breaks)
        asked = " and ".join(question.measures)
        offers = ", ".join(f"{part.measure} {part.period}" for part in parts)
        super().__init__(f"{asked} of {question.period} is not one series: {answered} Ask for one of {offers}")

    def to_json(self) -> JsonObject:
        """What ``series --json`` prints of it."""
        return {
            "broken": True,
            "measures": list(self.question.measures),
            "period": _days(self.question.period),
            "breaks": [break_as_json(one) for one in self.breaks],
            "parts": [_part_as_json(part) for part in self.parts],
        }


@dataclass(frozen=True, kw_only=True)
class SeriesFigure:
    """One figure of a series: ours, or why there is none, and what was published of the same."""

    period: Period
    value: Decimal | None
    says: str
    published: PublishedFigure | None


@dataclass(frozen=True, kw_only=True)
class SeriesPart:
    """Figures that may stand in one row, as known on one day."""

    part: Part
    category: str
    as_of: date
    figures: tuple[SeriesFigure, ...]

    def to_json(self) -> JsonObject:
        """What ``series --json`` prints of it."""
        figures = [
            {
                "period": _days(one.period),
                "value": None if one.value is None else str(one.value),
                "says": one.says or None,
                "published": None if one.published is None else one.published.to_json(),
            }
            for one in self.figures
        ]
        return {
            **_part_as_json(self.part),
            "category": self.category or None,
            "as_of": self.as_of.isoformat(),
            "figures": figures,
        }


@dataclass(frozen=True, kw_only=True)
class SeriesAnswer:
    """The parts that were asked for: one, or each apart. They are never summed."""

    question: SeriesQuestion
    synthetic: bool
    breaks: tuple[SeriesBreak, ...]
    parts: tuple[SeriesPart, ...]

    def to_json(self) -> JsonObject:
        """What ``series --json`` prints."""
        return {
            "broken": bool(self.breaks),
            "measures": list(self.question.measures),
            "period": _days(self.question.period),
            "step": self.question.step.value,
            "synthetic": self.synthetic,
            "breaks": [break_as_json(one) for one in self.breaks],
            "parts": [part.to_json() for part in self.parts],
        }


def series(engine: Engine, question: SeriesQuestion, *, policy: Policy, apart: bool) -> SeriesAnswer:
    """Give the figures of a series, per step, as known on a day.

    Args:
        engine: the warehouse.
        question: what is asked.
        policy: the numbers that a person chose.
        apart: give each segment apart instead of refusing.

    Raises:
        SeriesBroken: the stretch crosses a break, or the measures were never one series.
        NoSuchSeries: a measure, category, basis, step or days that there are not.
    """
    breaks, parts = planned(question)
    if breaks and not apart:
        raise SeriesBroken(question, breaks, parts)
    with snapshot(engine) as connection:
        figures = Figures(connection, policy=policy)
        answered = tuple(_part_of(figures, question, part) for part in parts)
        synthetic = is_synthetic(connection)
    return SeriesAnswer(question=question, synthetic=synthetic, breaks=breaks, parts=answered)


def planned(question: SeriesQuestion) -> tuple[tuple[SeriesBreak, ...], tuple[Part, ...]]:
    """The breaks in what is asked and the parts that remain; without a warehouse.

    Raises:
        NoSuchSeries: a measure, category, basis, step or days that there are not.
    """
    measures = tuple(dict.fromkeys(question.measures))
    breaks = [never_one(one, other) for one, other in combinations(measures, 2)]
    parts: list[Part] = []
    for measure in measures:
        chains = lanes(measure, basis=question.basis)
        if question.step is Step.HALF_YEAR and not chains[0].has_half_years:
            message = f"{measure} is asked for by year; only what a hotline counts is asked for by half year, too"
            raise NoSuchSeries(message)
        _category_of(measure, question.category, strictly=True)
        found = plan(measure, question.period, basis=question.basis)
        for part in found.parts:
            _refuse_cut_steps(measure, question, part, may_halve=chains[0].has_half_years)
        breaks += found.breaks
        parts += found.parts
    return tuple(breaks), tuple(parts)


def _refuse_cut_steps(measure: str, question: SeriesQuestion, part: Part, *, may_halve: bool) -> None:
    """Refuse a part whose first or last step is shorter because of the question, and not because a segment ends in it.

    Raises:
        NoSuchSeries: such a step; a few months beside whole years would look like a fall.
    """
    period, whole = part.period, whole_steps(part.period, question.step)
    if period.start in (whole.start, part.segment.first) and period.end in (whole.end, part.segment.last):
        return
    asked, years = question.period, whole_steps(question.period, Step.YEAR)
    halves = " or --by half-year" if may_halve and asked == whole_steps(asked, Step.HALF_YEAR) else ""
    message = (
        f"{measure} is given by whole {question.step.value.replace('-', ' ')}s, and {asked} cuts one; "
        f"ask --from {years.start.year} --to {years.end.year}{halves}"
    )
    raise NoSuchSeries(message)


def break_as_json(found: SeriesBreak) -> JsonObject:
    """A break as JSON writes it."""
    return {
        "on": None if found.on is None else found.on.isoformat(),
        "before": found.before.measure,
        "after": found.after.measure,
        "changes": [
            {"aspect": one.aspect.value, "before": one.before or None, "after": one.after or None}
            for one in found.changes
        ],
        "why": found.why,
        "document": found.document or None,
    }


def _part_of(figures: Figures, question: SeriesQuestion, part: Part) -> SeriesPart:
    measure, basis = MEASURES[part.measure], part.segment.basis
    category = _category_of(part.measure, question.category, strictly=False)
    as_of = question.as_of or figures.newest_day(measure) or part.period.end
    rows = []
    for period in periods_of(part.period, question.step):
        ours = figures.figure(measure, category, period, as_of, basis=basis)
        value = None if ours.value is None else half_up(ours.value, decimals_of(part.measure))
        published = published_of(part.measure, category, period, as_of, basis=basis)
        rows.append(SeriesFigure(period=period, value=value, says=ours.says, published=published))
    return SeriesPart(part=part, category=category, as_of=as_of, figures=tuple(rows))


def _category_of(measure: str, asked: str, *, strictly: bool) -> str:
    """The category as asked where the measure has it; else the one that holds all, else its only one."""
    known = MEASURES[measure].categories
    if asked and asked in known:
        return asked
    if asked and strictly:
        message = f"{measure} has no category {asked!r}; it has {', '.join(filter(None, known)) or 'none'}"
        raise NoSuchSeries(message)
    for holds_all in ("", "all", "total"):
        if holds_all in known:
            return holds_all
    if len(known) > 1 and strictly:
        message = f"{measure} is never given for all together; say --category {' or '.join(known)}"
        raise NoSuchSeries(message)
    return known[0]


def _part_as_json(part: Part) -> JsonObject:
    counted_by = {aspect.value: basis for aspect, basis in part.segment.counted_by().items() if basis}
    return {"measure": part.measure, "period": _days(part.period), "counted_by": counted_by}


def _days(period: Period) -> list[str]:
    return [period.start.isoformat(), period.end.isoformat()]
