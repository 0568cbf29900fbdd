"""The verb status: what runs, and where."""

from typing import Annotated

import typer

from ketenbalans.cli.output import AsJson, aside
from ketenbalans.cli.tables.stack import home_of, show_and_end

ANSWERS_WITHIN_SECONDS = 2.0
"""How long a part may take to answer `status`: nobody waits for the answer that one hangs."""


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("status")(status)


def status(
    *,
    within_seconds: Annotated[
        float, typer.Option("--within", help="How many seconds a busy part may take to answer.", min=0.1, max=300)
    ] = ANSWERS_WITHIN_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Say what runs and where, and how to sign in. Exit 1 when a part does not answer, or ended and was not stopped."""
    from ketenbalans.jobs.servers.stack_state import stack_state
    from ketenbalans.settings import Settings

    settings = Settings()
    state = stack_state(settings, within_seconds=within_seconds)
    if all(service["state"] == "stopped" for service in state.values()):
        aside.print(f"nothing runs in {home_of(settings)}", style="soft", markup=False)
    show_and_end(state, as_json=as_json)
