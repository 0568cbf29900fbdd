"""A series on the terminal: each segment under its own heading, or why there is no series."""

from rich.padding import Padding
from rich.text import Text

from ketenbalans.cli.output import Listing, answers, aside
from ketenbalans.cli.tables.register import SIGN
from ketenbalans.figures.measures import MEASURES
from ketenbalans.figures.published import CountedUnit, PublishedFigure
from ketenbalans.figures.segments import Aspect, Part, SeriesBreak
from ketenbalans.figures.steps import Step
from ketenbalans.jobs.figures.published import decimals_of
from ketenbalans.jobs.figures.series import SeriesAnswer, SeriesBroken, SeriesPart
from schemas.period import Period

SHOWN = (Aspect.MOMENT, Aspect.CARRY_OVER, Aspect.POPULATION, Aspect.BASIS, Aspect.OWNER, Aspect.SCREENING)


def print_series(answer: SeriesAnswer) -> None:
    """Print every part of an answer; where there are several, what lies between them."""
    if answer.synthetic:
        answers.print("[warning]Synthetic data.[/warning] Every figure that was not published is an assumption.")
    for place, part in enumerate(answer.parts):
        if place or answer.synthetic:
            answers.print()
        _print_part(part)
    if answer.breaks:
        answers.print()
        answers.print(f"{len(answer.parts)} segments, each apart: they are no trend and have no sum.", style="soft")


def print_refusal(broken: SeriesBroken) -> None:
    """Report on standard error where a series breaks, why, and what may be asked for instead."""
    asked, period = " and ".join(broken.question.measures), _in_words(broken.question.period)
    aside.print(f"[error]error[/error] {asked} of {period} is not one series:")
    for found in broken.breaks:
        aside.print()
        _print_break(found)
    aside.print()
    aside.print("Each of these may be asked for; --segments gives them all, apart:")
    for part in broken.parts:
        aside.print(f"  {_command(part, broken)}", markup=False)


def _print_break(found: SeriesBreak) -> None:
    document = f" ({found.document})" if found.document else ""
    when = "never" if found.on is None else str(found.on)
    reason = Listing("on", "why", whole=["on"], has_header=False)
    reason.add(Text(when, style="figure"), f"{found.why}{document}")
    aside.print(reason)
    table = Listing("aspect", "before", "after", has_header=False)
    for change in found.changes:
        aspect = Text(change.aspect.value, style="soft")
        table.add(aspect, change.before or "not said", f"-> {change.after or 'not said'}")
    aside.print(Padding(table, (0, 0, 0, 2)))


def _command(part: Part, broken: SeriesBroken) -> str:
    """The question that gives one part."""
    period, question = part.period, broken.question
    whole = (period.start.month, period.start.day, period.end.month, period.end.day) == (1, 1, 12, 31)
    first, last = (period.start.year, period.end.year) if whole else (period.start, period.end)
    has_category = question.category and question.category in MEASURES[part.measure].categories
    category = f" --category {question.category}" if has_category else ""
    basis = f" --basis {part.segment.basis}" if part.segment.basis else ""
    step = f" --by {question.step.value}" if question.step is not Step.YEAR else ""
    return f"ketenbalans series {part.measure} --from {first} --to {last}{category}{basis}{step}"


def _print_part(part_of_series: SeriesPart) -> None:
    part, measure = part_of_series.part, MEASURES[part_of_series.part.measure]
    category = f" ({part_of_series.category})" if part_of_series.category else ""
    name = part.measure.replace("_", " ")
    answers.print(
        f"[figure]{name}{category}, {_in_words(part.period)}[/figure], as known on {part_of_series.as_of}",
        soft_wrap=True,
    )
    bases = Listing("aspect", "how", whole=["aspect"], has_header=False)
    counted_by = part.segment.counted_by()
    for aspect in SHOWN:
        if counted_by[aspect]:
            bases.add(aspect.value, counted_by[aspect], style="soft")
    answers.print(bases)
    numbers = (measure.unit.value, "published")
    table = Listing("period", *numbers, "in", numbers=numbers, copied=["in"])
    decimals = decimals_of(part.measure)
    for one in part_of_series.figures:
        published = one.published
        table.add(
            _in_words(one.period),
            "-" if one.value is None else in_unit(f"{one.value:.{decimals}f}", measure.unit),
            in_unit(as_published(published), measure.unit) if published else "",
            published.document if published else "",
        )
    answers.print(table)
    for reason in dict.fromkeys(one.says for one in part_of_series.figures if one.says):
        answers.print(f"- {reason}", style="soft", markup=False)


def as_published(figure: PublishedFigure) -> str:
    """A figure as its letter gives it."""
    return f"{SIGN[figure.qualifier]}{figure.value}"


def in_unit(figure: str, unit: CountedUnit) -> str:
    """A figure that is a percentage says so."""
    return f"{figure} %" if unit is CountedUnit.PERCENT else figure


def _in_words(period: Period) -> str:
    whole = (period.start.month, period.start.day, period.end.month, period.end.day) == (1, 1, 12, 31)
    if not whole:
        return f"{period.start} to {period.end}"
    return str(period.start.year) if period.is_calendar_year else f"{period.start.year} to {period.end.year}"
