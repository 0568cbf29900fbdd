"""The verb restore: a backup put back as the embedded warehouse."""

from typing import Annotated

import typer

from ketenbalans.cli.backup import BackupsFolder, say
from ketenbalans.cli.output import AsJson, answers, print_json


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.command("restore")(restore)


def restore(
    *,
    backups: BackupsFolder,
    named: Annotated[str | None, typer.Option("--backup", help="Which one; else the newest.", metavar="BACKUP")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup back as the embedded warehouse, which must not run; the one that is there is put aside."""
    from ketenbalans.jobs.servers.backups import put_back
    from ketenbalans.settings import Settings

    found, put_aside = put_back(Settings(), backups, named=named, on_progress=say)
    if as_json:
        print_json({**found.to_json(), "put_aside": None if put_aside is None else str(put_aside)})
        return
    answers.print(f"the warehouse is that of {found.folder.name}", markup=False)
    if put_aside is not None:
        answers.print(f"what was there is in {put_aside}", style="soft", markup=False, soft_wrap=True)
    answers.print(
        "`ketenbalans up` starts it and loads what came since from the topics; `ketenbalans audit verify` says what it "
        "lacks of what was signed",
        style="soft",
    )
