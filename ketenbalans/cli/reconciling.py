"""The verbs that answer: reconcile asks now, balance shows what Airflow made and can wait for it."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.asking import AsOf
from ketenbalans.cli.exits import Exit, NothingKnown
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from ketenbalans.cli.tables.balance import print_balance
from ketenbalans.settings import Settings
from schemas.answer import ShownBalance
from schemas.declaration import LARGEST_INTEGER
from schemas.period import Period

PeriodOption = Annotated[
    str | None,
    typer.Option("--period", help="2014, 2014-Q1, 2014-12 or 2014-01-01/2014-12-31; by default the year of --as-of."),
]


class LinkingEngine(StrEnum):
    """Where the registers can be linked (ADR 0013)."""

    POLARS = "polars"
    SPARK = "spark"


PAGE_FOLLOWS_WITHIN_SECONDS = 5
"""How long after a balance its page may come: the same task writes it next."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("reconcile")(reconcile)
    app.command("balance")(balance)


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
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.reconcile import reconcile as balance_and_store

    settings = Settings() if policy is None else Settings(policy=policy)
    numbers = settings.read_policy()
    allowance = (settings if settings.has_alert_policy() else Settings()).read_alert_policy()
    asked = Period.parse(period) if period else None
    with warehouse_with_tables(settings) as warehouse:
        day = as_of_or_default(warehouse, as_of)
        answer = balance_and_store(
            warehouse,
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


def balance(
    *,
    period: PeriodOption = None,
    as_of: AsOf = None,
    wait: Annotated[
        int, typer.Option(min=0, max=LARGEST_INTEGER, help="Seconds to wait until all that was published is in it.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Show a balance that was stored, by Airflow or by reconcile; --wait follows the DAGs until it is up to date."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.await_balance import Question, await_balance, newest_balance
    from ketenbalans.jobs.pages.balance_pages import page_that_tells
    from ketenbalans.jobs.servers.addresses import kafka_bootstrap

    settings = Settings()
    question = Question(
        period=Period.parse(period) if period else None,
        as_of=as_of,
        policy=settings.read_policy(),
    )
    answer: ShownBalance | None
    with warehouse_with_tables(settings) as engine:
        if wait:
            with aside.status("looking") as status:
                answer = await_balance(
                    engine,
                    bootstrap=kafka_bootstrap(settings),
                    question=question,
                    seconds=wait,
                    on_progress=status.update,
                )
        else:
            answer = newest_balance(engine, question)
    if answer is None:
        sentence = "there is no such balance yet; look at `ketenbalans status`, or ask `ketenbalans reconcile`"
        aside.print(sentence, soft_wrap=True)
        raise typer.Exit(Exit.NO)
    page = page_that_tells(
        settings,
        period=answer.period,
        as_of=answer.as_of,
        within_seconds=PAGE_FOLLOWS_WITHIN_SECONDS if wait and settings.warehouse_url is None else 0,
    )
    if as_json:
        print_json(answer.to_json())
        return
    print_balance(answer)
    if page is not None:
        answers.print(f"As a page, with every day that was asked: {page}", markup=False, soft_wrap=True)


def as_of_or_default(engine: object, asked: date | None) -> date:
    """The day that was asked for, else the default one.

    Raises:
        NothingKnown: no day is covered yet.
    """
    from ketenbalans.jobs.balancing.balances import default_as_of_date

    day = asked or default_as_of_date(engine)  # type: ignore[arg-type]
    if day is None:
        message = (
            "no day is covered by a loaded extract of both police and OM yet: publish and ingest one of each, "
            "or say --as-of"
        )
        raise NothingKnown(message)
    return day
