"""The verbs of the register: published (what letters to parliament said), verify (that beside what we count)."""

from typing import Annotated

import typer

from cli.exits import Exit, NothingKnown
from cli.output import AsJson, answers, print_json
from jobs.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("published")(published)
    app.command("verify")(verify)


def published(
    *,
    period: Annotated[str | None, typer.Option("--period", help="Only of this period, such as 2014.")] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="Only this measure.")] = None,
    document: Annotated[
        str | None, typer.Option("--document", help="Only this document, such as kst-31015-112.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what was published: each figure with its document, the day it rests on, unit, qualifier and basis."""
    from cli.register_table import print_figures
    from jobs.published import published_figures
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
        print_json([figure.to_dict() for figure in found])
    else:
        print_figures(found)
        answers.print(f"{len(found)} figures", style="soft")


def verify(*, as_json: AsJson = False) -> None:
    """Hold every published figure against the warehouse, side by side. Exit 1 when one differs."""
    from cli.at_hand import warehouse_with_tables
    from cli.register_table import print_verified
    from jobs.verify import Verdict
    from jobs.verify import verify as hold_against

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        found = hold_against(engine, policy=settings.read_policy())
    if as_json:
        print_json([one.to_dict() for one in found])
    else:
        print_verified(found)
    if any(one.verdict is Verdict.DIFFERS for one in found):
        raise typer.Exit(Exit.NO)
