"""The verbs that look at figures over time: restate (why one moved between two days), revisions (month by month)."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.asking import DAY, MONTH, day_option, file_to_write, month_option
from ketenbalans.cli.exits import NothingKnown
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from ketenbalans.settings import Settings
from schemas.period import Period, month_ends


class Measure(StrEnum):
    """The figures that a triangle is made of."""

    DELIVERED = "delivered"
    RECOGNISED = "recognised"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("restate")(restate)
    app.command("revisions")(revisions)


def restate(
    *,
    period: Annotated[str, typer.Option("--period", help="2012, 2012-Q1, 2012-12 or 2012-01-01/2012-12-31.")],
    first: Annotated[
        date, typer.Option("--from", parser=day_option, metavar=DAY, help="The earlier day of knowledge.")
    ],
    last: Annotated[date, typer.Option("--to", parser=day_option, metavar=DAY, help="The later day of knowledge.")],
    brief: Annotated[bool, typer.Option("--brief", help="Only how many moved and why, not each suspect.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say which suspects of a period came, left or changed between two days, and why."""
    from ketenbalans.cli.tables.restatement import print_restatement
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.restate import restate as between

    if last < first:
        message = f"{last} lies before {first}"
        raise typer.BadParameter(message, param_hint="--to")
    settings, asked = Settings(), Period.parse(period)
    days = (first, last)
    with warehouse_with_tables(settings) as engine:
        found = between(engine, period=asked, days=days, policy=settings.read_policy())
    if as_json:
        print_json(found.to_json())
    else:
        print_restatement(found, is_brief=brief)


def revisions(
    *,
    first: Annotated[
        date, typer.Option("--from", parser=month_option, metavar=MONTH, help="The first month of knowledge.")
    ],
    last: Annotated[
        date, typer.Option("--to", parser=month_option, metavar=MONTH, help="The last month of knowledge.")
    ],
    period: Annotated[
        list[str] | None, typer.Option("--period", help="May be repeated; by default every year.")
    ] = None,
    measure: Annotated[
        Measure, typer.Option("--measure", help="What the table shows; JSON and CSV have both.")
    ] = Measure.DELIVERED,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the triangle here too.", dir_okay=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Show the revision triangle: figures by period and month of knowledge, with the reasons of each step."""
    from ketenbalans.cli.tables.restatement import print_triangle
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.restate import revisions as worked_out
    from ketenbalans.reconciliation.triangle import as_frame
    from schemas.whole_files import write_whole

    if csv is not None:
        file_to_write(csv, "--csv")
    days = month_ends(first, last)
    if not days:
        message = f"{last:%Y-%m} lies before {first:%Y-%m}"
        raise typer.BadParameter(message, param_hint="--to")
    settings, periods = Settings(), [Period.parse(text) for text in period or []]
    with warehouse_with_tables(settings) as engine, aside.status("looking") as status:
        found = worked_out(
            engine,
            periods=periods,
            days=days,
            policy=settings.read_policy(),
            on_progress=status.update,
            is_judged=True,
        )
    if not found:
        message = f"neither register had recorded anything by {days[-1]}, so there is no year to tell of; say --period"
        raise NothingKnown(message)
    if csv is not None:
        write_whole(csv, as_frame(found).write_csv(separator=";").encode())
        aside.print(f"written: {csv}", markup=False, soft_wrap=True)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        print_triangle([one for one in found if one.measure == measure.value])
        answers.print("")
