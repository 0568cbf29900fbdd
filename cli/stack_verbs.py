"""The verbs of the embedded stack: up, down, status, prepare."""

import time
from typing import Annotated

import typer

from cli.exits import Exit
from cli.output import AsJson, answers, aside, print_json
from jobs.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("prepare")(prepare)


def up(
    *,
    airflow: Annotated[bool, typer.Option("--airflow/--no-airflow", help="Start Airflow too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Start the embedded stack: Kafka, PostgreSQL and Airflow. Harmless when it runs."""
    from jobs.bring_up import bring_up
    from jobs.stack_state import stack_state

    settings = Settings()
    started = time.monotonic()

    def tell(service: str, what: str) -> None:
        aside.print(f"{time.monotonic() - started:5.1f} s  {service:<9}  {what}", style="soft", markup=False)

    bring_up(settings, with_airflow=airflow, on_progress=tell)
    aside.print(f"{time.monotonic() - started:5.1f} s  the stack is up")
    _show(stack_state(settings), as_json=as_json)


def down(*, as_json: AsJson = False) -> None:
    """Stop the embedded stack and leave no process behind. What it keeps stays."""
    from stack.embedded import down as stop

    stopped = stop(Settings().home)
    if as_json:
        print_json({"stopped": stopped})
    else:
        answers.print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


def status(*, as_json: AsJson = False) -> None:
    """Say what runs and where. Exit 1 when something lives but does not answer."""
    from jobs.stack_state import stack_state

    state = stack_state(Settings())
    _show(state, as_json=as_json)
    if any(service["state"] == "failing" for service in state.values()):
        raise typer.Exit(Exit.NO)


def prepare() -> None:
    """Make the topics and tables on servers of your own; harmless when they are there."""
    from jobs.bring_up import prepare as make

    make(Settings())
    answers.print("the topics and tables are there")


def _show(state: dict[str, dict[str, str | None]], *, as_json: bool) -> None:
    if as_json:
        print_json(state)
        return
    for name, service in state.items():
        place = service.get("url") or service.get("bootstrap") or ""
        answers.print(f"{name:<9}  {service['state']:<8}  {place}", markup=False)
