"""What several verbs ask in the same way: who decides."""

from typing import Annotated

import typer

from jobs.settings import Settings

By = Annotated[str | None, typer.Option("--by", help="Your handle, such as desk-2; by default KETENBALANS_USER.")]


def who(by: str | None) -> str:
    """The handle of who decides: as said, else as set."""
    handle = by or Settings().user
    if handle is None:
        message = "who decides? say --by HANDLE, or set KETENBALANS_USER"
        raise typer.BadParameter(message, param_hint="--by")
    return handle
