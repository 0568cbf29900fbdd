"""The verb published: what letters to parliament said."""

from typing import Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.exits import NothingKnown
from ketenbalans.cli.output import AsJson, answers, print_json

app = typer.Typer(
    cls=AnyOrder,
    help="What letters to parliament said. Without a verb: the list.",
    invoke_without_command=True,
)


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="published")


def list_them(
    context: typer.Context,
    *,
    period: Annotated[str | None, typer.Option("--period", help="Only of this period, such as 2014.")] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="Only this measure.")] = None,
    document: Annotated[
        str | None, typer.Option("--document", help="Only this document, such as kst-31015-112.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what was published: each figure with its document, the day it rests on, unit, qualifier and basis."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.register import print_figures
    from ketenbalans.jobs.figures.published import published_figures
    from schemas.period import Period

    asked = Period.parse(period) if period else None
    found = [
        figure
        for figure in published_figures()
        if asked in (None, figure.period) and measure in (None, figure.measure) and document in (None, figure.document)
    ]
    if not found:
        message = "no such figure was published; `ketenbalans published` lists all that there are"
        raise NothingKnown(message)
    if as_json:
        print_json([figure.to_json() for figure in found])
    else:
        print_figures(found)
        answers.print(f"{len(found)} figures", style="soft")


app.callback()(list_them)
app.command("list")(list_them)
