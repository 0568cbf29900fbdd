"""What several verbs ask in the same way: who decides, and on which day."""

from datetime import date, datetime
from typing import Annotated

import typer

from jobs.settings import Settings

By = Annotated[str | None, typer.Option("--by", help="Your handle, such as desk-2; by default KETENBALANS_USER.")]

On = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help="The day from which the decision is known; by default today."),
]


def day_of(on: datetime | None) -> date:
    """The day of a decision: as said, else today in Amsterdam."""
    from schemas.period import AMSTERDAM

    return on.date() if on else datetime.now(AMSTERDAM).date()


def who(by: str | None) -> str:
    """The handle of who decides: as said, else as set."""
    handle = by or Settings().user
    if handle is None:
        message = "who decides? say --by HANDLE, or set KETENBALANS_USER"
        raise typer.BadParameter(message, param_hint="--by")
    return handle
