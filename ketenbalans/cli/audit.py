"""The verb audit: check the chain, sign it, list its entries, replace the key."""

from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, answers, print_json
from schemas.declaration import LARGEST_NUMBER

app = typer.Typer(
    cls=AnyOrder,
    help="The audit chain: an entry for every decision and every stored balance, each with the hash of the one before. "
    "Without a verb: the newest entries.",
    invoke_without_command=True,
)

keys = typer.Typer(cls=AnyOrder, help="The key that signs checkpoints.", no_args_is_help=True)
app.add_typer(keys, name="key")

Last = Annotated[int, typer.Option("--last", help="So many, the newest first.", min=1, max=LARGEST_NUMBER)]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="audit")


def list_them(context: typer.Context, *, last: Last = 20, as_json: AsJson = False) -> None:
    """List the newest entries of the audit chain."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.audit import print_entries
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.audit.entries import list_entries
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        found = list_entries(engine, last=last)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        print_entries(found)


app.callback()(list_them)
app.command("list")(list_them)


@app.command("verify")
def verify(
    *,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help="A file of checkpoints, such as a copy that is kept elsewhere; by default those in the home.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute every entry from what is stored and name the first that does not fit. Exit 1 when one does not."""
    from ketenbalans.cli.tables.audit import print_result
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.audit.checkpoints import read_checkpoints
    from ketenbalans.jobs.audit.verify import verify_chain
    from ketenbalans.settings import Settings

    settings = Settings()
    checkpoints = read_checkpoints(settings.home, against)
    with warehouse_with_tables(settings) as engine:
        result = verify_chain(engine, checkpoints)
    if as_json:
        print_json(result.to_json())
    else:
        print_result(result)
    if result.finding is not None:
        raise typer.Exit(Exit.NO)


@app.command("checkpoint")
def checkpoint(*, as_json: AsJson = False) -> None:
    """Sign how long the chain is and what it ends with: a line in the home and a message on its topic."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.audit.checkpoints import publish_checkpoint, write_checkpoint
    from ketenbalans.settings import Settings

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        made = write_checkpoint(engine, settings.home)
    publish_checkpoint(settings, made)
    if as_json:
        print_json(vars(made))
    else:
        signed = "1 entry" if made.size == 1 else f"{made.size} entries"
        answers.print(f"{signed} signed at {made.at} by key {made.key_id}", markup=False)


@keys.command("replace")
def replace(*, as_json: AsJson = False) -> None:
    """Sign with a new key from now on; what the one before signed stays proven, and its private half is gone."""
    from ketenbalans.jobs.audit.keys import replace_key
    from ketenbalans.settings import Settings

    old, new = replace_key(Settings().home)
    if as_json:
        print_json({"replaced": old, "key_id": new})
    else:
        answers.print(f"key {new} signs from now on; what {old} signed stays proven", markup=False)
