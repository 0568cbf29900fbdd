"""The verb verify: every published figure beside ours, and accepting one that comes out otherwise."""

from typing import Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.asking import By, On, day_of, who
from ketenbalans.cli.completing import figure_ids
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, answers, print_json

app = typer.Typer(
    cls=AnyOrder,
    help="Hold every published figure against the warehouse. Exit 1 when one differs that nobody accepted.",
    invoke_without_command=True,
)

FigureId = Annotated[str, typer.Argument(help="For example L15-023.", metavar="FIGURE", autocompletion=figure_ids)]
Note = Annotated[str, typer.Option("--note", help="Why, in a few words of administration; no names, no content.")]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="verify")


@app.callback()
def verify(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Hold every published figure against the warehouse, side by side. Exit 1 when one differs that nobody accepted.

    When each last came out as published is kept, so the role may have to write.
    """
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.register import print_verified
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.figures.verify import verify as verify_job
    from ketenbalans.settings import Settings

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        found = verify_job(engine, policy=settings.read_policy())
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        print_verified(found)
    if any(one.fails for one in found):
        raise typer.Exit(Exit.NO)


@app.command("accept")
def accept(figure_id: FigureId, *, note: Note, by: By = None, on: On = None, as_json: AsJson = False) -> None:
    """Accept that a figure comes out as it does now; when it moves on, it fails again."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.figures.acceptance import Acceptance
    from ketenbalans.jobs.figures.acceptance import accept as accept_job
    from ketenbalans.settings import Settings

    settings = Settings()
    acceptance = Acceptance(by=who(by), note=note, on=day_of(on))
    with warehouse_with_tables(settings) as engine:
        accepted = accept_job(engine, figure_id, acceptance, policy=settings.read_policy())
    if as_json:
        print_json(accepted.to_json())
    else:
        values = f"{accepted.figure.value} published, {accepted.rounded} now"
        answers.print(f"{figure_id} accepted by {acceptance.by}: {values}", markup=False)


@app.command("withdraw")
def withdraw(figure_id: FigureId, *, note: Note, by: By = None, on: On = None, as_json: AsJson = False) -> None:
    """Take an acceptance back."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.figures.acceptance import Acceptance
    from ketenbalans.jobs.figures.acceptance import withdraw as withdraw_job
    from ketenbalans.settings import Settings

    acceptance = Acceptance(by=who(by), note=note, on=day_of(on))
    with warehouse_with_tables(Settings()) as engine:
        withdrawn = withdraw_job(engine, figure_id, acceptance)
    if as_json:
        print_json(vars(withdrawn))
    else:
        answers.print(f"{figure_id} is no longer accepted as {withdrawn.ours}", markup=False)
