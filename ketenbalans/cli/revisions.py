"""The verb revisions: figures by period and month of knowledge."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.asking import MONTH, file_to_write, month_option
from ketenbalans.cli.exits import NothingKnown
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from schemas.period import Period, month_ends


class TriangleFigure(StrEnum):
    """The figures that a triangle is made of."""

    DELIVERED = "delivered"
    RECOGNISED = "recognised"


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("revisions")(revisions)


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
        TriangleFigure, typer.Option("--measure", help="What the table shows; JSON and CSV have both.")
    ] = TriangleFigure.DELIVERED,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the triangle here too.", dir_okay=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Show the revision triangle: figures by period and month of knowledge, with the reasons of each step."""
    from ketenbalans.cli.tables.restatement import print_triangle
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.restate import revisions as revisions_job
    from ketenbalans.reconciliation.triangle import as_frame
    from ketenbalans.settings import Settings
    from ketenbalans.whole_files import write_whole

    if csv is not None:
        file_to_write(csv, "--csv")
    days = month_ends(first, last)
    if not days:
        message = f"{last:%Y-%m} lies before {first:%Y-%m}"
        raise typer.BadParameter(message, param_hint="--to")
    settings, periods = Settings(), [Period.parse(text) for text in period or []]
    with warehouse_with_tables(settings) as engine, aside.status("looking") as status:
        found = revisions_job(
            engine,
            periods=periods,
            days=days,
            policy=settings.read_policy(),
            on_progress=status.update,
            alert_policy=settings.read_alert_policy(),
        )
    if not found:
        message = f"neither register had recorded anything by {days[-1]}, so there is no year to show; say --period"
        raise NothingKnown(message)
    if csv is not None:
        write_whole(csv, as_frame(found).write_csv(separator=";").encode())
        aside.print(f"written: {csv}", markup=False, soft_wrap=True)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        print_triangle([one for one in found if one.measure == measure.value])
        answers.print("")
