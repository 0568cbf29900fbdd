"""The verb signoff: prepare, approve and withdraw figures, and where each signature stands."""

from typing import Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.asking import AsOf, as_of_or_default
from ketenbalans.cli.completing import figure_sets
from ketenbalans.cli.output import AsJson, aside, print_json
from schemas.period import Period

app = typer.Typer(
    cls=AnyOrder,
    help="Figures that two persons sign: one prepares, another approves, and late data makes the signature void. "
    "Without a verb: every figure set as it stands. Airflow is asked who acts (KETENBALANS_AIRFLOW_USER, _PASSWORD).",
    invoke_without_command=True,
)

FigureSetName = Annotated[
    str,
    typer.Argument(
        help="The name of a figure set, or its first digits.", metavar="FIGURE_SET", autocompletion=figure_sets
    ),
]
OnlyPeriod = Annotated[str | None, typer.Option("--period", help="Only this period, such as 2014 or 2014-Q1.")]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="signoff")


def list_them(context: typer.Context, *, period: OnlyPeriod = None, as_json: AsJson = False) -> None:
    """List the figure sets that were prepared, as they stand; what was signed last first."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.signoff import print_signoffs
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.signoff.reading import list_signoffs
    from ketenbalans.settings import Settings

    asked = Period.parse(period) if period else None
    with warehouse_with_tables(Settings()) as engine:
        found = list_signoffs(engine, period=asked)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        print_signoffs(found)


app.callback()(list_them)
app.command("list")(list_them)


@app.command("show")
def show(figure_set: FigureSetName, *, as_json: AsJson = False) -> None:
    """Show a figure set: what was signed, by whom, and what moved it since."""
    from ketenbalans.cli.tables.signoff import print_signoff
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.release.flags import release_flags
    from ketenbalans.jobs.signoff.reading import show_signoff
    from ketenbalans.jobs.signoff.verdict import verdict_of
    from ketenbalans.settings import Settings
    from schemas.json_object import fields_to_json

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        found = show_signoff(engine, figure_set)
        judgement = verdict_of(engine, settings, found)
        flags = release_flags(engine, found, threshold=settings.read_disclosure_policy().threshold)
    if as_json:
        whole = {**found.to_whole_json(), "release_flags": [fields_to_json(one) for one in flags]}
        print_json({**whole, **({} if judgement is None else judgement.to_dict())})
    else:
        print_signoff(found, judgement, flags)


@app.command("prepare")
def prepare(
    *,
    period: Annotated[str, typer.Option("--period", help="2014, 2014-Q1, 2014-12 or 2014-01-01/2014-12-31.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Prepare the figures of a period as known on a day, for another person to approve."""
    from ketenbalans.cli.tables.signoff import print_signoff
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.people.sign_in import signed_in_person
    from ketenbalans.jobs.release.flags import release_flags
    from ketenbalans.jobs.signoff import acting
    from ketenbalans.jobs.signoff.verdict import verdict_of
    from ketenbalans.settings import Settings

    settings, asked = Settings(), Period.parse(period)
    person = signed_in_person(settings)
    with warehouse_with_tables(settings) as engine:
        day = as_of_or_default(engine, as_of)
        found = acting.prepare(engine, settings, period=asked, as_of=day, person=person)
        judgement = verdict_of(engine, settings, found)
        flags = release_flags(engine, found, threshold=settings.read_disclosure_policy().threshold)
    if as_json:
        print_json({**found.to_json(), **({} if judgement is None else judgement.to_dict())})
        return
    print_signoff(found, judgement, flags)
    aside.print(f"another person approves it: `ketenbalans signoff approve {found.short_id}`", style="soft")


@app.command("approve")
def approve(figure_set: FigureSetName, *, as_json: AsJson = False) -> None:
    """Approve figures that another person prepared."""
    from ketenbalans.cli.tables.signoff import print_acts
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.people.sign_in import signed_in_person
    from ketenbalans.jobs.signoff import acting
    from ketenbalans.settings import Settings

    settings = Settings()
    person = signed_in_person(settings)
    with warehouse_with_tables(settings) as engine:
        found = acting.approve(engine, figure_set, person)
    if as_json:
        print_json(found.to_json())
    else:
        print_acts(found)


@app.command("withdraw")
def withdraw(
    figure_set: FigureSetName,
    *,
    note: Annotated[str, typer.Option("--note", help="Why, in a few words; no names and no content.")],
    as_json: AsJson = False,
) -> None:
    """Take figures back that you prepared or approved, or that nobody approved yet: they are signed no more."""
    from ketenbalans.cli.tables.signoff import print_acts
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.people.sign_in import signed_in_person
    from ketenbalans.jobs.signoff import acting
    from ketenbalans.settings import Settings

    settings = Settings()
    person = signed_in_person(settings)
    with warehouse_with_tables(settings) as engine:
        found = acting.withdraw(engine, figure_set, person, note)
    if as_json:
        print_json(found.to_json())
    else:
        print_acts(found)
