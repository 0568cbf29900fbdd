"""The verb release: make the tables of a year that may be published, list and show them, and attack them."""

from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.asking import AsOf, By, PeriodOption, as_of_or_default, folder_to_write
from ketenbalans.cli.completing import release_ids
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, print_json
from schemas.period import Period

app = typer.Typer(
    cls=AnyOrder,
    help="What may be published of a year: rounded so that no small count can be known, and audited by attack. "
    "Without a verb: the list of what was released.",
    invoke_without_command=True,
)

ReleaseId = Annotated[str, typer.Argument(help="For example 2014-1.", metavar="RELEASE_ID", autocompletion=release_ids)]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="release")


def list_them(context: typer.Context, *, period: PeriodOption = None, as_json: AsJson = False) -> None:
    """List the releases that were made, of a year or of all, the oldest first."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.release import print_releases
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.release.reading import list_releases
    from ketenbalans.settings import Settings

    asked = Period.parse(period) if period else None
    with warehouse_with_tables(Settings()) as engine:
        found = list_releases(engine, period=asked)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        print_releases(found)


app.callback()(list_them)
app.command("list")(list_them)


@app.command("make")
def make(
    *,
    period: PeriodOption = None,
    as_of: AsOf = None,
    out: Annotated[Path, typer.Option("--out", help="The folder to write, made when it is not there.")],
    draft: Annotated[
        bool, typer.Option("--draft", help="Of figures that nobody approved; every page says so.")
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Make the release of a calendar year and write it: JSON, a CSV per table, a page in Dutch and in English."""
    from ketenbalans.cli.tables.release import print_written
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.release.making import make_and_write_release
    from ketenbalans.settings import Settings
    from schemas.people import checked_handle

    settings = Settings()
    made_by = by or settings.user
    if made_by is not None:
        checked_handle(made_by, "who makes a release")
    folder_to_write(out, "--out")
    asked = Period.parse(period) if period else None
    with warehouse_with_tables(settings) as engine:
        day = as_of_or_default(engine, as_of)
        written = make_and_write_release(
            engine,
            settings,
            period=asked or Period.of_year(day.year),
            as_of=day,
            draft=draft,
            made_by=made_by,
            out=out,
        )
    if as_json:
        print_json(written.to_json())
    else:
        print_written(written)


@app.command("show")
def show(release_id: ReleaseId, *, as_json: AsJson = False) -> None:
    """Show a release as it went out."""
    from ketenbalans.cli.tables.release import print_release
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.release.reading import show_release
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        found = show_release(engine, release_id)
    if as_json:
        print_json(found.to_json())
    else:
        print_release(found)


@app.command("audit")
def audit(
    folder: Annotated[
        Path, typer.Argument(help="The folder that `release make` wrote.", exists=True, file_okay=False, metavar="DIR")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Hold a release against what was kept, make it again, attack all of its year. Exit 1 when something is wrong."""
    from ketenbalans.cli.tables.release import print_audit
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.release.auditing import audit_release
    from ketenbalans.settings import Settings

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        found = audit_release(engine, settings, folder)
    if as_json:
        print_json(found.to_json())
    else:
        print_audit(found)
    if found.findings:
        raise typer.Exit(Exit.NO)
