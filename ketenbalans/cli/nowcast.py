"""The verb nowcast: how many of a period's deliveries will be known, registered and recognised in the end."""

from datetime import date
from typing import Annotated

import typer

from ketenbalans.cli.asking import (
    DAY,
    MONTH,
    AsOf,
    PeriodOption,
    as_of_or_default,
    day_option,
    month_option,
)
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, print_json
from ketenbalans.cli.progress import progress_bar
from schemas.period import Period, month_ends


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("nowcast")(nowcast)


def nowcast(
    *,
    period: PeriodOption = None,
    as_of: AsOf = None,
    delivered_until: Annotated[
        date | None,
        typer.Option(
            "--delivered-until",
            parser=day_option,
            metavar=DAY,
            help="Ask about the deliveries up to this day only; by default up to the end of the period, or --as-of.",
        ),
    ] = None,
    past: Annotated[
        bool, typer.Option("--backtest", help="Ask every month from --from to --to as it was known at its end.")
    ] = False,
    first: Annotated[
        date | None, typer.Option("--from", parser=month_option, metavar=MONTH, help="The first month of --backtest.")
    ] = None,
    last: Annotated[
        date | None, typer.Option("--to", parser=month_option, metavar=MONTH, help="The last month of --backtest.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how many of a period's deliveries will be known, registered and recognised in the end."""
    if past:
        if period is not None or as_of is not None or delivered_until is not None:
            message = "--backtest asks whole months at their ends: say --from and --to alone"
            raise typer.BadParameter(message, param_hint="--backtest")
        _backtest(first, last, as_json=as_json)
        return
    if first is not None or last is not None:
        message = "--from and --to are the months of --backtest"
        raise typer.BadParameter(message, param_hint="--from")
    _ask(period, as_of, delivered_until, as_json=as_json)


def _ask(period: str | None, as_of: date | None, delivered_until: date | None, *, as_json: bool) -> None:
    from ketenbalans.cli.tables.nowcast import print_nowcast
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.nowcast.asking import ask_nowcast
    from ketenbalans.nowcast.question import Question
    from ketenbalans.settings import Settings

    settings = Settings()
    policy, horizon = settings.read_policy(), settings.read_nowcast_policy().nowcast_horizon_days
    with warehouse_with_tables(settings) as engine:
        day = as_of_or_default(engine, as_of)
        asked = Period.parse(period) if period is not None else Period.of_year(day.year)
        question = Question.of(asked, as_of=day, horizon_days=horizon, delivered_until=delivered_until)
        found = ask_nowcast(engine, question, policy=policy)
    if as_json:
        print_json(found.answer.to_json())
    else:
        print_nowcast(found.answer, is_synthetic=found.is_synthetic)
    if found.answer.refused is not None:
        raise typer.Exit(Exit.NO)


def _backtest(first: date | None, last: date | None, *, as_json: bool) -> None:
    from ketenbalans.cli.tables.nowcast import print_backtest
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.nowcast.backtest import backtest
    from ketenbalans.settings import Settings

    if first is None or last is None or not month_ends(first, last):
        message = "--backtest asks each month from --from to --to, such as --from 2012-01 --to 2014-12"
        raise typer.BadParameter(message, param_hint="--from")
    settings = Settings()
    policy, horizon = settings.read_policy(), settings.read_nowcast_policy().nowcast_horizon_days
    with warehouse_with_tables(settings) as engine, progress_bar("days of knowledge") as on_progress:
        tested = backtest(engine, month_ends(first, last), policy=policy, horizon_days=horizon, on_progress=on_progress)
    if as_json:
        print_json(tested.to_json())
    else:
        print_backtest(tested)
