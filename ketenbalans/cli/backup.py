"""The verb backup: the embedded warehouse as it was, kept elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.output import AsJson, Listing, answers, aside, print_json

app = typer.Typer(
    cls=AnyOrder,
    help="Make a backup of the embedded warehouse while it works: what changed since the newest in the folder, or a "
    "base. It holds no secret of the home.",
    invoke_without_command=True,
)

BackupsFolder = Annotated[
    Path, typer.Option("--from", help="The folder of backups.", metavar="FOLDER", file_okay=False, exists=True)
]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="backup")


def make(
    context: typer.Context,
    *,
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder of backups.", metavar="FOLDER", file_okay=False)
    ] = None,
    base: Annotated[bool, typer.Option("--base", help="Begin with a base anew.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a backup of the embedded warehouse while it works: what changed since the newest one, or a base."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.jobs.servers.backups import back_up
    from ketenbalans.settings import Settings

    if to is None:
        message = "give the folder of backups with --to; `ketenbalans backup list --from FOLDER` shows what is in one"
        raise typer.BadParameter(message)
    made = back_up(Settings(), to, base=base, on_progress=say)
    if as_json:
        print_json(made.to_json())
        return
    answers.print(f"{made.folder.name} is in {to}", markup=False, soft_wrap=True)
    answers.print("It holds no secret: keep those of the home apart (docs/backup.md)", style="soft")


app.callback()(make)


@app.command("list")
def list_them(*, backups: BackupsFolder, as_json: AsJson = False) -> None:
    """List the backups of a folder, the oldest first."""
    from ketenbalans.stack.backups import backups_in
    from schemas.period import AMSTERDAM

    found = backups_in(backups)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    if not found:
        answers.print(f"there is no backup in {backups}", markup=False)
        return
    table = Listing("backup", "made at", "rests on", "audit entries signed", numbers=["audit entries signed"])
    for one in found:
        made = f"{one.ended.astimezone(AMSTERDAM):%Y-%m-%d %H:%M:%S}"
        table.add(one.folder.name, made, one.after or "", "" if one.checkpoint is None else str(one.checkpoint))
    answers.print(table)


def say(what: str) -> None:
    """Say beside the answer what happens."""
    aside.print(what, style="soft", markup=False)
