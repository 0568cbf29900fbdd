"""The verb up: start the embedded stack."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from ketenbalans.cli.output import AsJson, aside
from ketenbalans.cli.tables.stack import failing_parts, home_of, show_and_end

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    people: Annotated[
        str | None,
        typer.Option(
            "--people",
            metavar="NAME:ROLE,...",
            help="Who else than admin signs in to Airflow, such as anna:op,ben:op,vera:viewer; those of before "
            "otherwise. A viewer looks, op and admin act.",
        ),
    ] = None,
    is_secure: Annotated[
        bool,
        typer.Option(
            "--secure",
            help="Lock Kafka: TLS, a password and rights per role. For a home whose Kafka never ran; it stays so.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start the embedded stack: Kafka, PostgreSQL and Airflow. Harmless when it runs; exit 1 when a part fails."""
    from ketenbalans.jobs.servers.bring_up import bring_up
    from ketenbalans.jobs.servers.stack_state import stack_state
    from ketenbalans.settings import Settings
    from ketenbalans.stack.embedded import unprinted_sign_ins

    roles = None if people is None else _roles(people, airflow=airflow, is_open=is_open)
    settings = Settings()
    started = time.monotonic()

    def print_progress(service: str, what: str) -> None:
        aside.print(f"{time.monotonic() - started:5.1f} s  {service:<9}  {what}", style="soft", markup=False)

    print_progress("home", home_of(settings))
    bring_up(
        settings, with_airflow=airflow, is_open=is_open, people=roles, is_secure=is_secure, on_progress=print_progress
    )
    state = stack_state(settings, within_seconds=MAY_BE_BUSY_SECONDS)
    if not failing_parts(state):
        aside.print(f"{time.monotonic() - started:5.1f} s  the stack is up")
    show_and_end(state, as_json=as_json, new_sign_ins=unprinted_sign_ins(settings.home))


def _roles(people: str, *, airflow: bool, is_open: bool) -> "Mapping[str, str]":
    """The role of each person that ``--people`` names."""
    from ketenbalans.jobs.servers.people import InvalidPeople, read_people

    if is_open or not airflow:
        other, why = ("--open", "asks nobody who they are") if is_open else ("--no-airflow", "starts no Airflow")
        message = f"names who signs in to Airflow, and {other} {why}; leave one of the two out"
        raise typer.BadParameter(message, param_hint="--people")
    try:
        return read_people(people)
    except InvalidPeople as error:
        raise typer.BadParameter(str(error), param_hint="--people") from None
