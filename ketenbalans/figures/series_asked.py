"""What a question about a series comes to: one row of figures, or the breaks in it and the parts that remain. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ketenbalans.figures.measures import MEASURES
from ketenbalans.figures.segments import Part, Segment, Series, SeriesBreak, differences, once_each
from ketenbalans.figures.series import APART, SERIES
from schemas.period import Period


class NoSuchSeries(LookupError):
    """A measure, category, basis or step was asked for that no series has; the message names those that there are."""


def lanes(measure: str, *, basis: str = "") -> tuple[Series, ...]:
    """The chains that a measure is in, in its own words: more than one where it has several bases beside each other.

    Raises:
        NoSuchSeries: there is no such measure, or no chain of it with that basis.
    """
    if measure not in MEASURES:
        message = (
            f"there is no measure {measure!r}; `ketenbalans published` and docs/measures list those that there are"
        )
        raise NoSuchSeries(message)
    declared = [one.for_measure(measure) for one in SERIES if measure in one.measures]
    found = declared
    if basis:
        found = [one for one in found if basis in {segment.basis for segment in one.segments}]
        if not found:
            known = sorted({segment.basis for one in declared for segment in one.segments if segment.basis})
            message = f"{measure} is not divided by the basis {basis!r}; it is by: {', '.join(known) or 'none'}"
            raise NoSuchSeries(message)
        found = found[:1]
    return tuple(found) or (_unbroken(measure),)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a question comes to.

    Attributes:
        parts: the stretches that may each stand in one row, in the order of time.
        breaks: what keeps them from being one; empty when there is a single part of the measure that was asked for.
    """

    parts: tuple[Part, ...]
    breaks: tuple[SeriesBreak, ...]


def plan(measure: str, period: Period, *, basis: str = "") -> Plan:
    """Cut a period at the breaks of a measure's series.

    Where the measure is counted on several bases beside each other and none is said, that is a break, too.

    Raises:
        NoSuchSeries: there is no such measure, no chain of it with that basis, or none on all of these days.
    """
    chains = lanes(measure, basis=basis)
    _refuse_other_days(measure, chains[0], period)
    parts = [chain.parts(measure, period) for chain in chains]
    breaks = [found for chain in chains for found in chain.breaks_for(measure, period)]
    beside = [
        _between(one.segment, other.segment, on=one.period.start, why="Counted on two bases beside each other.")
        for one, other in zip(parts[0], parts[-1], strict=True)
        if one != other
    ]
    if basis:
        breaks += [_other_basis(part, basis) for part in parts[0] if part.segment.basis != basis and len(parts[0]) == 1]
    found_breaks = dict.fromkeys([*breaks, *beside])
    return Plan(
        parts=once_each(part for of_chain in parts for part in of_chain),
        breaks=tuple(sorted(found_breaks, key=lambda found: (found.on or date.min, found.before.basis))),
    )


def stretches(measure: str, periods: Iterable[Period]) -> list[tuple[Period, ...]]:
    """Periods in groups that may stand in one table of a measure: those that lie in one segment in which it counts.

    What lies outside its segments is a group of its own, and so is each period that a break runs through.
    """
    groups: dict[object, list[Period]] = {}
    for period in sorted(periods):
        parts = [part for chain in lanes(measure)[:1] for part in chain.parts(measure, period)]
        own = [part.segment if measure in part.segment.measures else None for part in parts]
        groups.setdefault(own[0] if len({*own}) == 1 else period, []).append(period)
    return [tuple(group) for group in groups.values()]


def never_one(one: str, other: str) -> SeriesBreak:
    """Why two measures are not one series: what they are counted by, and the reason where one is written down."""
    why = next((apart.why for apart in APART if other in apart.from_(one)), "Two measures are two series.")
    segments = [
        next(segment for segment in chain.segments if measure in segment.measures)
        for measure in (one, other)
        for chain in lanes(measure)[:1]
    ]
    return _between(*segments, on=None, why=why)


def _unbroken(measure: str) -> Series:
    """The chain of a measure that is in none: all days on which it is valid, in one segment."""
    declared = MEASURES[measure]
    segment = Segment(measure=measure, first=declared.valid.first, last=declared.valid.last)
    return Series(name=measure, meaning=declared.meaning, segments=(segment,))


def _refuse_other_days(measure: str, chain: Series, period: Period) -> None:
    """Refuse days before the first or after the last of a chain: nothing is counted so on them.

    Raises:
        NoSuchSeries: the period has such days.
    """
    first, last = chain.segments[0].first or date.min, chain.segments[-1].last or date.max
    if period.start < first or period.end > last:
        days = MEASURES[measure].valid
        message = (
            f"{measure} is valid {days}, not on all days of {period}; ask within them (docs/measures/{measure}.md)"
        )
        raise NoSuchSeries(message)


def _other_basis(part: Part, basis: str) -> SeriesBreak:
    wanted = next(
        segment for chain in lanes(part.measure, basis=basis) for segment in chain.segments if segment.basis == basis
    )
    why = f"These days are counted on the basis {part.segment.basis.replace('_', ' ')!r}."
    return _between(wanted, part.segment, on=part.period.start, why=why)


def _between(one: Segment, other: Segment, *, on: date | None, why: str) -> SeriesBreak:
    document = other.document if on is not None else ""
    return SeriesBreak(on=on, before=one, after=other, changes=differences(one, other), why=why, document=document)
