"""The verb balance: show a balance that was stored, by Airflow or by ``reconcile``, and wait for it."""

from typing import TYPE_CHECKING, Annotated

import typer

from ketenbalans.cli.asking import AsOf, PeriodOption
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from schemas.declaration import LARGEST_INTEGER
from schemas.period import Period

if TYPE_CHECKING:
    from schemas.answer import ShownBalance

PAGE_FOLLOWS_WITHIN_SECONDS = 5
"""How long after a balance its page may come: the same task writes it next."""


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("balance")(balance)


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
    from ketenbalans.broker.rights import INGEST
    from ketenbalans.cli.tables.balance import print_balance
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.await_balance import BalanceQuestion, await_balance, newest_balance
    from ketenbalans.jobs.pages.balance_pages import wait_for_page
    from ketenbalans.jobs.servers.kafka_roles import kafka_for
    from ketenbalans.settings import Settings

    settings = Settings()
    question = BalanceQuestion(
        period=Period.parse(period) if period else None,
        as_of=as_of,
        policy=settings.read_policy(),
        alert_policy=settings.read_alert_policy(),
    )
    answer: ShownBalance | None
    with warehouse_with_tables(settings) as engine:
        if wait:
            with aside.status("looking") as status:
                answer = await_balance(
                    engine,
                    bootstrap=kafka_for(settings, INGEST),
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
    page = wait_for_page(
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
