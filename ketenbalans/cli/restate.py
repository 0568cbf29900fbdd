"""The verb restate: why a figure moved between two days."""

from datetime import date
from typing import Annotated

import typer

from ketenbalans.cli.asking import DAY, day_option
from ketenbalans.cli.output import AsJson, print_json
from schemas.period import Period


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("restate")(restate)


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
    from ketenbalans.jobs.balancing.restate import restate as restate_job
    from ketenbalans.settings import Settings

    if last < first:
        message = f"{last} lies before {first}"
        raise typer.BadParameter(message, param_hint="--to")
    settings, asked = Settings(), Period.parse(period)
    days = (first, last)
    with warehouse_with_tables(settings) as engine:
        found = restate_job(
            engine, period=asked, days=days, policy=settings.read_policy(), alert_policy=settings.read_alert_policy()
        )
    if as_json:
        print_json(found.to_json())
    else:
        print_restatement(found, is_brief=brief)
