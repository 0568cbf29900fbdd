"""The verb quality: what the suites found of what is stored, now or over time."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from ketenbalans.cli.any_order import ListOtherwise
from ketenbalans.cli.completing import sources
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from ketenbalans.jobs.quality.runs import Kept

History = Annotated[bool, typer.Option("--history", help="Every result that was kept, the newest first.")]

app = typer.Typer(
    cls=ListOtherwise,
    help="What the quality suites found of what is stored: quality [SOURCE] is quality list [SOURCE]. Exit 1 when the "
    "newest result of one is that it failed.",
    invoke_without_command=True,
)


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="quality")


@app.callback()
def quality(
    context: typer.Context,
    *,
    history: History = False,
    as_json: AsJson = False,
) -> None:
    """Show what the quality suites found of every source."""
    if context.invoked_subcommand is None:
        list_them(None, history=history, as_json=as_json)


@app.command("list")
def list_them(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[SOURCE]", help="Of which source; all of them.", autocompletion=sources),
    ] = None,
    *,
    history: History = False,
    as_json: AsJson = False,
) -> None:
    """Show what the quality suites found. Exit 1 when the newest result of one is that it failed."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.quality.runs import kept_results
    from ketenbalans.settings import Settings
    from schemas.catalogue import source_named
    from schemas.catalogue import sources as declared

    settings = Settings()
    asked = [source_named(name)] if name else list(declared().values())
    with warehouse_with_tables(settings) as engine:
        kept = kept_results(engine, asked, settings=settings, history=history)
    _show(kept, as_json=as_json)


@app.command("check")
def check(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[SOURCE]", help="Of which source; all of them.", autocompletion=sources),
    ] = None,
    *,
    all_rows: Annotated[
        bool, typer.Option("--all", help="Every row, not only those that came since the last check that passed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check what is stored now: what the DAG quality does after a load. Exit 1 when a suite failed."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.quality.runs import SuiteFailed, check_quality_of, kept_results
    from ketenbalans.settings import Settings
    from schemas.catalogue import source_named
    from schemas.catalogue import sources as declared

    settings = Settings()
    asked = [source_named(name)] if name else list(declared().values())
    with warehouse_with_tables(settings) as engine:
        with suppress(SuiteFailed):  # its result says so
            check_quality_of(settings, [source.name for source in asked], all_rows=all_rows, say=lambda _line: None)
        kept = kept_results(engine, asked, settings=settings, history=False)
    _show(kept, as_json=as_json)


def _show(kept: "list[Kept]", *, as_json: bool) -> None:
    """Print results, and end with 1 when the newest one of a source failed."""
    from ketenbalans.cli.tables.quality import print_kept

    if as_json:
        print_json([one.to_dict() for one in kept])
    else:
        print_kept(kept)
    newest = {one.result.source: one.result for one in reversed(kept)}
    if not all(result.success for result in newest.values()):
        raise typer.Exit(Exit.NO)
