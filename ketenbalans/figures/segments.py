"""A series as a chain of segments: what may stand in one row of figures, and where such a row breaks.

A break is never declared: two neighbouring segments are compared, and what differs between them is the break. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Self

from ketenbalans.figures.measures import MEASURES
from schemas.period import Period

A_DAY = timedelta(days=1)


class InvalidSeries(ValueError):
    """Segments leave a day out, overlap or do not differ; the message names the two neighbours."""


class Aspect(StrEnum):
    """What a figure is counted by. Two figures that differ in one of these are not of one series."""

    UNIT = "unit"
    MOMENT = "counting moment"
    CARRY_OVER = "carry-over"
    POPULATION = "population"
    BASIS = "basis"
    OWNER = "owner"
    SCREENING = "screening"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of days in which figures are counted in one way.

    Attributes:
        measure: what is counted; its unit, moment, carry-over and basis hold where the segment gives none of its own.
        first: the first day; None: from the beginning.
        last: the last day; None: without an end.
        also: measures that are counted along with it, so that they break on the same days.
        carry_over: of its measure in this segment, where that has several in the course of time.
        population: what is among the figures and what is not, where that must be said.
        basis: the basis by its name in the aggregates, where the measure has several.
        owner: who collects, where that changes.
        screening: what was sorted out before it was counted, where that changes.
        why: why this segment follows the one before it.
        document: the document that says so; empty when it is not known.
    """

    measure: str
    first: date | None = None
    last: date | None = None
    also: tuple[str, ...] = ()
    carry_over: str = ""
    population: str = ""
    basis: str = ""
    owner: str = ""
    screening: str = ""
    why: str = ""
    document: str = ""

    @property
    def measures(self) -> tuple[str, ...]:
        """Its measure and those that are counted along with it."""
        return (self.measure, *self.also)

    def for_measure(self, measure: str) -> Self:
        """The segment in the words of one of its measures; as it is where it does not count that one.

        What is counted along has a unit, moment, carry-over and basis of its own; only what the segment adds is shared.
        """
        if measure not in self.also:
            return self
        also = tuple(one for one in self.measures if one != measure)
        return replace(self, measure=measure, also=also, carry_over="")

    def counted_by(self) -> dict[Aspect, str]:
        """What its figures are counted by; empty where nothing is to be said."""
        measure = MEASURES[self.measure]
        return {
            Aspect.UNIT: measure.unit.value,
            Aspect.MOMENT: measure.counted_at,
            Aspect.CARRY_OVER: self.carry_over or measure.carry_over,
            Aspect.POPULATION: self.population,
            Aspect.BASIS: self.basis.replace("_", " ") or measure.basis,
            Aspect.OWNER: self.owner,
            Aspect.SCREENING: self.screening,
        }

    def within(self, period: Period) -> Period | None:
        """The days of a period that are its own; None without any."""
        start, end = max(period.start, self.first or date.min), min(period.end, self.last or date.max)
        return Period(start, end) if start <= end else None

    def days(self) -> str:
        """From when until when, in words."""
        if self.first is None:
            return "always" if self.last is None else f"until {self.last}"
        return f"from {self.first}" if self.last is None else f"{self.first} to {self.last}"


@dataclass(frozen=True, kw_only=True)
class AspectChange:
    """One thing that figures are counted by, on the two sides of a break; empty: not said on that side."""

    aspect: Aspect
    before: str
    after: str

    def __str__(self) -> str:
        before, after = (side.rstrip(".") or "not said" for side in (self.before, self.after))
        return f"{self.aspect.value}: {before} -> {after}"


@dataclass(frozen=True, kw_only=True)
class SeriesBreak:
    """Two segments that are not of one series.

    Attributes:
        on: the first day of the later one; None when the two never were one, whatever the day.
        before: the one segment.
        after: the other.
        changes: what differs; never empty between neighbours, two measures may differ in what they are of alone.
        why: the reason, in a sentence.
        document: the document that says so; empty when it is not known.
    """

    on: date | None
    before: Segment
    after: Segment
    changes: tuple[AspectChange, ...]
    why: str
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Days of one segment, and the measure that is asked of it."""

    segment: Segment
    period: Period
    measure: str


@dataclass(frozen=True, kw_only=True)
class Series:
    """A chain of segments that somebody may take for one row of figures.

    Attributes:
        name: of the series.
        meaning: what it is about.
        segments: in the order of time; together they leave no day out and hold none twice.
        has_half_years: whether it is asked by half year, too.

    Raises:
        InvalidSeries: neighbours leave a day out, overlap, or differ in nothing.
    """

    name: str
    meaning: str
    segments: tuple[Segment, ...]
    has_half_years: bool = False

    def __post_init__(self) -> None:
        for before, after in pairwise(self.segments):
            if before.last is None or after.first is None or after.first != before.last + A_DAY:
                message = f"{self.name}: {before.measure} must end the day before {after.measure} begins"
                raise InvalidSeries(message)
            if not differences(before, after):
                message = f"{self.name}: nothing differs between {before.days()} and {after.days()}: it is one segment"
                raise InvalidSeries(message)

    @property
    def measures(self) -> frozenset[str]:
        """Every measure that one of its segments counts."""
        return frozenset(measure for segment in self.segments for measure in segment.measures)

    def for_measure(self, measure: str) -> Self:
        """The chain in the words of one of its measures, where it counts that one.

        Raises:
            InvalidSeries: the measure is not counted otherwise in two neighbours.
        """
        return replace(self, segments=tuple(segment.for_measure(measure) for segment in self.segments))

    def breaks(self) -> tuple[SeriesBreak, ...]:
        """Every break, in the order of time."""
        return tuple(
            SeriesBreak(
                on=after.first,
                before=before,
                after=after,
                changes=differences(before, after),
                why=after.why,
                document=after.document,
            )
            for before, after in pairwise(self.segments)
        )

    def parts(self, measure: str, period: Period) -> tuple[Part, ...]:
        """A period cut at the breaks: the days of each segment, with the measure asked where the segment counts it."""
        return tuple(
            Part(
                segment=segment,
                period=days,
                measure=measure if measure in segment.measures else segment.measure,
            )
            for segment in self.segments
            if (days := segment.within(period)) is not None
        )

    def breaks_for(self, measure: str, period: Period) -> tuple[SeriesBreak, ...]:
        """The breaks that keep a measure from being one row of figures over a period.

        Those between its first and its last day; where the measure is not counted in the period, those between the
        period and the nearest days in which it is.
        """
        own = [part.period for part in self.parts(measure, period) if part.measure == measure]
        start, end = period.start, period.end
        if not own:
            ends = [one.last for one in self.segments if measure in one.measures and one.last and one.last < start]
            begins = [one.first for one in self.segments if measure in one.measures and one.first and one.first > end]
            start, end = max(ends, default=start), min(begins, default=end) if not ends else end
        return tuple(found for found in self.breaks() if found.on is not None and start < found.on <= end)


def differences(one: Segment, other: Segment) -> tuple[AspectChange, ...]:
    """What the figures of two segments are counted by, where it differs; empty when they may stand in one row."""
    before, after = one.counted_by(), other.counted_by()
    return tuple(
        AspectChange(aspect=aspect, before=before[aspect], after=after[aspect])
        for aspect in Aspect
        if before[aspect] != after[aspect]
    )


def once_each(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts in the order of time, each once: two chains may share a segment."""
    return tuple(sorted(dict.fromkeys(parts), key=lambda part: (part.period, part.measure, part.segment.basis)))
