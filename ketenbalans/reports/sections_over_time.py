"""The sections about time: how long breaks wait, and how the figures moved month by month."""

from collections.abc import Sequence
from datetime import date
from itertools import cycle

from ketenbalans.figures.series_asked import stretches
from ketenbalans.reconciliation.triangle import Revision
from ketenbalans.reports import pictures
from ketenbalans.reports.document import Cell, CellKind, Column, Picture, Section, Table
from ketenbalans.reports.pictures import BLUE, GREY, ORANGE, SKY, VERMILION, BarRow, BarSegment, Point
from ketenbalans.reports.report import AGES, TO_ACT, Report
from ketenbalans.reports.words import Words
from schemas.breaks import BreakState, Side
from schemas.causes import Cause, OmOnlyCause
from schemas.period import Period
from schemas.revisions import RevisionReason
from schemas.vocabulary import Vocabulary

MEASURES = {"delivered": "suspects_delivered_to_om", "recognised": "suspects_recognisable_at_om"}
"""The figures that are followed over time, and the measure that each is."""


def ages(report: Report, words: Words) -> Section:
    """Breaks that wait for a person by age, and all breaks by cause and state."""
    labels = [
        words.say("ages.days", first=first, last=last)
        if last is not None
        else words.say("ages.days_more", first=first - 1)
        for first, last in AGES
    ]
    sides = {_side(name, words): name for name in _sides(report)}
    counts = [
        {name: report.counted(side=side, state=TO_ACT, age=place) for name, side in sides.items()}
        for place in range(len(AGES))
    ]
    some = any(sum(row.values()) for row in counts)
    steps = [
        BarRow(label, tuple(BarSegment(name, n) for name, n in row.items() if n), words.count(sum(row.values())))
        for label, row in zip(labels, counts, strict=True)
    ]
    described = ", ".join(f"{step.label} {step.written}" for step in steps)
    by_age = Table(
        key="ages",
        name=words.say("sheet.ages"),
        caption=words.say("ages.caption"),
        columns=(
            Column(words.say("column.age")),
            *(Column(name, CellKind.COUNT) for name in sides),
            Column(words.say("column.total"), CellKind.COUNT),
        ),
        rows=tuple((label, *row.values(), sum(row.values())) for label, row in zip(labels, counts, strict=True)),
    )
    colours = dict(zip(sides, cycle((BLUE, ORANGE, SKY, GREY)), strict=False))
    picture = Picture(
        "ages",
        words.say("ages.picture"),
        words.say("ages.alt", steps=described),
        pictures.bars(steps, kinds=colours, axis=words.say("ages.axis")) if some else "",
    )
    return Section(
        key="ages",
        heading=words.say("ages.heading"),
        text=(words.say("ages.text"), *(() if some else (words.say("ages.empty"),))),
        picture=picture if some else None,
        tables=(*((by_age,) if some else ()), _by_state(report, words)),
    )


def _by_state(report: Report, words: Words) -> Table:
    """How many breaks of each cause are in each state; a column of accepted ones only where there are some."""
    accepted = (BreakState.ACCEPTED,) if report.counted(state=BreakState.ACCEPTED.value) else ()
    states = (BreakState.OPEN, BreakState.ACKNOWLEDGED, *accepted, BreakState.WAITING, BreakState.EXPLAINED)
    rows: list[tuple[Cell, ...]] = []
    for side in _sides(report):
        causes: type[Vocabulary] = OmOnlyCause if side == Side.OM.value else Cause
        for cause in causes:
            counts = [report.counted(side=side, cause=cause.value, state=state.value) for state in states]
            if any(counts):
                rows.append((f"{_side(side, words)}: {words.label(cause)}", *counts))
    return Table(
        key="states",
        name=words.say("sheet.states"),
        caption=words.say("ages.states_caption"),
        columns=(
            Column(words.say("column.side_and_cause")),
            *(Column(words.label(state), CellKind.COUNT) for state in states),
        ),
        rows=tuple(rows),
    )


def _sides(report: Report) -> list[str]:
    """The police, the OM, and every other party that has a break."""
    ours = [side.value for side in Side]
    return [*ours, *sorted({one.side for one in report.breaks} - set(ours))]


def _side(side: str, words: Words) -> str:
    """The word for a side; another party has its own."""
    return words.say(f"column.{side}") if side in {one.value for one in Side} else words.party(side)


def revisions(report: Report, words: Words) -> Section:
    """How the figures moved: a picture of this period, the triangle of all periods, and the steps with reasons."""
    heading = words.say("revisions.heading")
    days = sorted({one.as_of for one in report.revisions})
    if len(days) < 2:
        return Section(key="revisions", heading=heading, text=(words.say("revisions.few"),))
    ours = [one for one in report.revisions if one.period == report.period]
    points = [
        Point(
            series=words.say(f"document.figure_{one.measure}"),
            on=one.as_of,
            label=words.month(one.as_of),
            figure=one.figure,
            written=f"{words.say(f'document.figure_{one.measure}')} {words.count(one.figure)}",
        )
        for one in ours
    ]
    name = words.period(report.period)
    triangles = [table for measure in MEASURES for table in _triangles(report, words, measure, days)]
    steps = _steps(ours, words, name, until=report.period.end)
    described = "; ".join(f"{point.label} {point.written}" for point in points)
    picture = Picture(
        "revisions",
        words.say("revisions.picture", period=name),
        words.say("revisions.alt", period=name, steps=described),
        pictures.lines(
            points,
            marks=[mark for mark in _published_marks(report, words) if mark.label in {point.label for point in points}],
            colours={
                words.say("document.figure_delivered"): BLUE,
                words.say("document.figure_recognised"): VERMILION,
            },
            axis=words.say("revisions.axis"),
        )
        if points
        else "",
    )
    return Section(
        key="revisions",
        heading=heading,
        text=(words.say("revisions.text"),),
        picture=picture if points else None,
        tables=(*triangles, *((steps,) if steps.rows else ())),
    )


def _published_marks(report: Report, words: Words) -> list[Point]:
    return [
        Point(
            series=words.say("revisions.published_mark"),
            on=one.as_of,
            label=words.month(one.as_of),
            figure=int(one.published),
            written=words.say("revisions.published_mark"),
        )
        for one in report.published
        if one.as_of and one.figure in MEASURES
    ]


def _triangles(report: Report, words: Words, measure: str, days: list[date]) -> list[Table]:
    """A table for each stretch of years that may stand in one: reading down it must not cross a break (ADR 0018)."""
    periods = {one.period for one in report.revisions if one.measure == measure}
    groups = stretches(MEASURES[measure], periods)
    return [_triangle(report, words, measure, (days, group, place)) for place, group in enumerate(groups)]


def _triangle(report: Report, words: Words, measure: str, part: tuple[list[date], tuple[Period, ...], int]) -> Table:
    days, group, place = part
    figures = {(one.period, one.as_of): one.figure for one in report.revisions if one.measure == measure}
    sentence = "revisions.caption_apart" if place else "revisions.caption"
    first_year = {"first": str(group[0].start.year)} if place else {}
    name = words.say(f"sheet.triangle_{measure}")
    return Table(
        key=f"triangle_{measure}_{group[0].start.year}" if place else f"triangle_{measure}",
        name=words.say("sheet.triangle_from", name=name, **first_year) if place else name,
        caption=words.say(sentence, measure=words.say(f"published.{measure}"), **first_year),
        columns=(
            Column(words.say("column.period")),
            *(Column(words.month(day), CellKind.COUNT) for day in days),
        ),
        rows=tuple(
            (str(period), *(figures[period, day] if day >= period.start else None for day in days)) for period in group
        ),
    )


def _steps(ours: Sequence[Revision], words: Words, period: str, *, until: date) -> Table:
    """Every step after the period: what came while it ran is no revision."""
    rows: list[tuple[Cell, ...]] = []
    for one in ours:
        if one.as_of <= until:
            continue
        day, measure = words.month(one.as_of), words.say(f"document.figure_{one.measure}")
        for reason in RevisionReason:
            if reason.value in one.more or reason.value in one.less:
                more, less = one.more.get(reason.value, 0), one.less.get(reason.value, 0)
                rows.append((day, measure, words.label(reason), more, -less))
    return Table(
        key="steps",
        name=words.say("sheet.steps"),
        caption=words.say("revisions.steps_caption", period=period),
        columns=(
            Column(words.say("column.as_of")),
            Column(words.say("column.figure")),
            Column(words.say("column.reason")),
            Column(words.say("column.more"), CellKind.SIGNED),
            Column(words.say("column.less"), CellKind.SIGNED),
        ),
        rows=tuple(rows),
    )
