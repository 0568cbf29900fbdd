"""The verb incidents: list, show, resume."""

from typing import Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.asking import By, who
from ketenbalans.cli.completing import incident_ids
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from schemas.declaration import LARGEST_NUMBER

app = typer.Typer(
    cls=AnyOrder,
    help="Incidents: what stops a source until a person has looked, and the word to go on. Without a verb: the list.",
    invoke_without_command=True,
)

Number = Annotated[
    int,
    typer.Argument(
        help="Its number, for example 7.",
        metavar="NUMBER",
        min=1,
        max=LARGEST_NUMBER,
        autocompletion=incident_ids,
    ),
]
AlsoOver = Annotated[bool, typer.Option("--all", help="Also those that are over.")]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="incidents")


def list_them(context: typer.Context, *, also_over: AlsoOver = False, as_json: AsJson = False) -> None:
    """List what stops a source until a person has looked."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.incidents import print_incidents
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.resuming import list_incidents
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        found = list_incidents(engine, also_over=also_over)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        print_incidents(found)


app.callback()(list_them)
app.command("list")(list_them)


@app.command("show")
def show(number: Number, *, as_json: AsJson = False) -> None:
    """Show one incident: what was found, what resuming it means, and the earlier ones of its kind."""
    from ketenbalans.cli.tables.incidents import print_incident
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.resuming import show_incident
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        shown = show_incident(engine, number)
    if as_json:
        print_json(shown.to_json())
    else:
        print_incident(shown)


@app.command("resume")
def resume(
    number: Number,
    *,
    note: Annotated[str, typer.Option("--note", help="Why: a few words of administration; no names, no content.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let a source go on: what this incident found is accepted, and other evidence stops it again."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.resuming import list_incidents, resume_incident
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        resumed = resume_incident(engine, number, by=who(by), note=note)
        running = list_incidents(engine, also_over=False)
    if as_json:
        print_json(resumed.to_json())
        return
    source = resumed.subject
    others = ", ".join(str(one.incident_id) for one in running if one.subject == source)
    goes_on = f"{source} stands still for {others}" if others else f"{source} goes on"
    sentence = f"{goes_on}: {resumed.kind} was resumed by {resumed.by}, {resumed.note}"
    answers.print(sentence, markup=False)
    if not others:
        now = f"the next load does it: `ketenbalans ingest {source}`, or the next run of its DAG"
        aside.print(now, style="soft", markup=False)
