"""The verb up: start the embedded stack."""

import time
from typing import Annotated

import typer

from ketenbalans.cli.output import AsJson, aside
from ketenbalans.cli.tables.stack import failing_parts, home_of, show_and_end

MAY_BE_BUSY_SECONDS = 30.0
"""How long a part that has just started may: on a busy machine Airflow's API was seen to be silent for over ten."""


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("up")(up)


def up(
    *,
    airflow: Annotated[bool, typer.Option("--airflow/--no-airflow", help="Start Airflow too.")] = True,
    is_open: Annotated[
        bool,
        typer.Option("--open", help="Let Airflow ask for no password: every user of this machine is its admin."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start the embedded stack: Kafka, PostgreSQL and Airflow. Harmless when it runs; exit 1 when a part fails."""
    from ketenbalans.jobs.servers.bring_up import bring_up
    from ketenbalans.jobs.servers.stack_state import stack_state
    from ketenbalans.settings import Settings

    settings = Settings()
    started = time.monotonic()

    def print_progress(service: str, what: str) -> None:
        aside.print(f"{time.monotonic() - started:5.1f} s  {service:<9}  {what}", style="soft", markup=False)

    print_progress("home", home_of(settings))
    bring_up(settings, with_airflow=airflow, is_open=is_open, on_progress=print_progress)
    state = stack_state(settings, within_seconds=MAY_BE_BUSY_SECONDS)
    if not failing_parts(state):
        aside.print(f"{time.monotonic() - started:5.1f} s  the stack is up")
    show_and_end(state, as_json=as_json)
