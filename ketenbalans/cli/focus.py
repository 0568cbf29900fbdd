"""The verb focus: which part of the delivered cases has which quality."""

import typer

from ketenbalans.cli.asking import AsOfSources, Year
from ketenbalans.cli.output import AsJson, print_json


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("focus")(focus)


def focus(*, period: Year = None, as_of: AsOfSources = None, as_json: AsJson = False) -> None:
    """Tell which part of the delivered cases has which quality, year by year; they overlap, so nothing is added."""
    from ketenbalans.cli.tables.focus import print_focus
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.figures.focus import focus as focus_job
    from ketenbalans.settings import Settings

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        answer = focus_job(engine, year=period, as_of=as_of, policy=settings.read_policy())
    if as_json:
        print_json(answer.to_json())
    else:
        print_focus(answer)
