"""The verbs about breaks: the work list, list and show. Beside it: what persons decide, one by one and by file."""

import typer

from ketenbalans.cli import break_decisions, break_files, break_list
from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.asking import BreakId
from ketenbalans.cli.output import AsJson, print_json

app = typer.Typer(
    cls=AnyOrder,
    help="Breaks: list them, show the evidence, and decide. Without a verb: what waits for somebody, over all years, "
    "the oldest due first; with --period, --as-of or --state: the list.",
    invoke_without_command=True,
)


def add_to(main: typer.Typer) -> None:
    """Add these verbs to the command line."""
    main.add_typer(app, name="breaks")


app.callback()(break_list.list_them)
app.command("list")(break_list.list_them)


@app.command("show")
def show(break_id: BreakId, *, as_json: AsJson = False) -> None:
    """Show one break: both records' events, the rule, the policy, what would resolve it, and its history."""
    from ketenbalans.cli.tables.breaks import print_break
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.breaks.evidence import show_break
    from ketenbalans.settings import Settings

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        shown = show_break(engine, break_id, policy=settings.read_policy())
    if as_json:
        print_json(shown.to_json())
    else:
        print_break(shown)


break_decisions.add_to(app)
break_files.add_to(app)
