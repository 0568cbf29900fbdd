"""The verb series: the figures of a measure over years, or why there is no series."""

import re
from typing import Annotated

import typer

from ketenbalans.cli.asking import AsOfSources
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, print_json
from ketenbalans.figures.steps import Step, step_with
from schemas.period import InvalidDay, InvalidPeriod, Period, read_day


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("series")(series)


def series(
    measures: Annotated[
        list[str], typer.Argument(metavar="MEASURE", help="As docs/measures names it; two are given apart.")
    ],
    *,
    first: Annotated[str, typer.Option("--from", help="2012, 2018-H1, or the day a segment begins: 2018-06-01.")],
    last: Annotated[
        str | None,
        typer.Option("--to", help="Likewise; its last day is included, and no step is cut. Default: --from."),
    ] = None,
    category: Annotated[str, typer.Option("--category", help="Such as A; by default all together.")] = "",
    basis: Annotated[str, typer.Option("--basis", help="Such as combined, where a measure has several.")] = "",
    by: Annotated[Step, typer.Option("--by", help="Half years are for what a hotline counts.")] = Step.YEAR,
    as_of: AsOfSources = None,
    segments: Annotated[bool, typer.Option("--segments", help="Give each segment apart, never summed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give the figures of a measure over years, or name each break in the series and what remains. Exit 1 then."""
    from ketenbalans.cli.tables.series import print_refusal, print_series
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.figures.series import SeriesBroken, SeriesQuestion, planned
    from ketenbalans.jobs.figures.series import series as series_job
    from ketenbalans.settings import Settings

    question = SeriesQuestion(
        measures=tuple(measures),
        period=Period(_days(first).start, _days(last or first).end),
        step=by,
        category=category,
        basis=basis,
        as_of=as_of,
    )
    settings = Settings()
    try:
        breaks, parts = planned(question)
        if breaks and not segments:  # known without a warehouse
            raise SeriesBroken(question, breaks, parts)
        with warehouse_with_tables(settings) as engine:
            answer = series_job(engine, question, policy=settings.read_policy(), apart=segments)
    except SeriesBroken as broken:
        if as_json:
            print_json(broken.to_json())
        print_refusal(broken)
        raise typer.Exit(Exit.NO) from None
    if as_json:
        print_json(answer.to_json())
    else:
        print_series(answer)


def _days(text: str) -> Period:
    """The days that a text means.

    Raises:
        InvalidPeriod: the text has none of the forms.
    """
    try:
        if half := re.fullmatch(r"([0-9]{4})-H([12])", text):
            return step_with(Period.of_year(int(half[1])).start.replace(month=6 * int(half[2])), Step.HALF_YEAR)
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            day = read_day(text)
            return Period(day, day)
        return Period.parse(text)
    except InvalidDay:
        raise
    except InvalidPeriod:
        message = f"{text!r} is no period; write 2018, 2018-H1, 2018-Q1, 2018-06 or 2018-06-01"
        raise InvalidPeriod(message) from None
