"""The verb reconcile: balance one period as known on one day."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.asking import AsOf, PeriodOption, as_of_or_default
from ketenbalans.cli.output import AsJson, print_json
from schemas.period import Period


class LinkingEngine(StrEnum):
    """Where the registers can be linked (ADR 0013)."""

    POLARS = "polars"
    SPARK = "spark"


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("reconcile")(reconcile)


def reconcile(
    *,
    period: PeriodOption = None,
    as_of: AsOf = None,
    policy: Annotated[Path | None, typer.Option(help="Use another policy file.", dir_okay=False)] = None,
    engine: Annotated[
        LinkingEngine, typer.Option("--engine", help="Where the registers are linked; the answer is the same.")
    ] = LinkingEngine.POLARS,
    as_json: AsJson = False,
) -> None:
    """Balance one period as known on one day, store the balance and print it."""
    from ketenbalans.cli.tables.balance import print_balance
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.reconcile import reconcile as reconcile_job
    from ketenbalans.settings import Settings

    settings = Settings() if policy is None else Settings(policy=policy)
    numbers = settings.read_policy()
    allowance = (settings if settings.has_alert_policy() else Settings()).read_alert_policy()
    asked = Period.parse(period) if period else None
    with warehouse_with_tables(settings) as warehouse:
        day = as_of_or_default(warehouse, as_of)
        answer = reconcile_job(
            warehouse,
            settings,
            period=asked or Period.of_year(day.year),
            as_of=day,
            policy=numbers,
            keeps_breaks=policy is None,
            alert_policy=allowance,
            on=engine.value,
        )
    if as_json:
        print_json(answer.to_json())
    else:
        print_balance(answer)
