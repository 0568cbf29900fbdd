"""The verb targets: each target beside what is known."""

import typer

from ketenbalans.cli.asking import AsOfSources, Year
from ketenbalans.cli.output import AsJson, print_json


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("targets")(targets)


def targets(*, period: Year = None, as_of: AsOfSources = None, as_json: AsJson = False) -> None:
    """Hold each target beside what is known: of the suspects a verdict for every day that a letter rests on."""
    from ketenbalans.cli.tables.targets import print_targets
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.figures.targets import targets as targets_job
    from ketenbalans.settings import Settings

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        answer = targets_job(engine, year=period, as_of=as_of, policy=settings.read_policy())
    if as_json:
        print_json(answer.to_json())
    else:
        print_targets(answer)
