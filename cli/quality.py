"""The verb quality: what the suites found of what is stored, now or over time."""

from typing import Annotated

import typer

from cli.exits import Exit
from cli.output import AsJson, print_json
from jobs.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("quality")(quality)


def quality(
    name: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="Of which source; all of them.")] = None,
    *,
    history: Annotated[bool, typer.Option("--history", help="Every result that was kept, the newest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the quality suites found. Exit 1 when the newest result of one is that it failed."""
    from cli.at_hand import warehouse_with_tables
    from cli.quality_table import print_kept
    from jobs.quality_runs import kept_results
    from schemas.catalogue import source_named, sources

    settings = Settings()
    asked = [source_named(name)] if name else list(sources().values())
    with warehouse_with_tables(settings) as engine:
        kept = kept_results(engine, asked, settings=settings, history=history)
    if as_json:
        print_json([one.to_dict() for one in kept])
    else:
        print_kept(kept)
    newest = {one.result.source: one.result for one in reversed(kept)}
    if not all(result.success for result in newest.values()):
        raise typer.Exit(Exit.NO)
