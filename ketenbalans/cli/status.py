"""The verbs of the embedded stack: up, down, status, prepare."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, answers, aside, print_json

if TYPE_CHECKING:
    from ketenbalans.settings import Settings

ANSWERS_WITHIN_SECONDS = 2.0
"""How long a part may take to answer `status`: nobody waits for the answer that one hangs."""

MAY_BE_BUSY_SECONDS = 30.0
"""How long a part that has just started may: on a busy machine Airflow's API was seen to be silent for over ten."""

OPEN = (
    "Airflow is open: it asks for no password, so every user of this machine, and every program that one of them runs, "
    "may start and stop its DAGs and read its logs and connections; `ketenbalans up` without --open closes it"
)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("prepare")(prepare)


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

    def tell(service: str, what: str) -> None:
        aside.print(f"{time.monotonic() - started:5.1f} s  {service:<9}  {what}", style="soft", markup=False)

    tell("home", _home(settings))
    bring_up(settings, with_airflow=airflow, is_open=is_open, on_progress=tell)
    state = stack_state(settings, within_seconds=MAY_BE_BUSY_SECONDS)
    if not _failing(state):
        aside.print(f"{time.monotonic() - started:5.1f} s  the stack is up")
    _show_and_end(state, as_json=as_json)


def down(*, as_json: AsJson = False) -> None:
    """Stop the embedded stack and leave no process behind. What it keeps stays."""
    from ketenbalans.settings import Settings
    from ketenbalans.stack.embedded import down as stop

    settings = Settings()
    stopped = stop(settings.home)
    if as_json:
        print_json({"stopped": stopped})
    else:
        answers.print(f"stopped: {', '.join(stopped)}" if stopped else f"nothing was running in {_home(settings)}")


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
        aside.print(f"nothing runs in {_home(settings)}", style="soft", markup=False)
    _show_and_end(state, as_json=as_json)


def prepare() -> None:
    """Make the topics and tables on servers of your own; harmless when they are there."""
    from ketenbalans.jobs.servers.bring_up import prepare as make
    from ketenbalans.settings import Settings

    make(Settings())
    answers.print("the topics and tables are there")


def _home(settings: "Settings") -> str:
    return f"{settings.home} ({settings.home_because})"


def _failing(state: dict[str, dict[str, str | None]]) -> list[str]:
    return [name for name, service in state.items() if service["state"] == "failing"]


def _show_and_end(state: dict[str, dict[str, str | None]], *, as_json: bool) -> None:
    """Show the state; when a part fails, say what to do and end with 1."""
    _show(state, as_json=as_json)
    if failing := _failing(state):
        remedy = (
            "`ketenbalans up` starts a part of the embedded stack again; its logs are in the folder logs of the home"
        )
        named = [f"{name} ({ailing})" if (ailing := state[name].get("ailing")) else name for name in failing]
        aside.print(f"failing: {', '.join(named)}; {remedy}", style="warning", soft_wrap=True)
        raise typer.Exit(Exit.NO)


def _show(state: dict[str, dict[str, str | None]], *, as_json: bool) -> None:
    if as_json:
        print_json(state)
        return
    for name, service in state.items():
        place = service.get("url") or service.get("bootstrap") or ""
        answers.print(f"{name:<9}  {service['state']:<8}  {place}", markup=False)
    airflow = state["airflow"]
    if airflow["password"]:
        answers.print(
            f"sign in to Airflow as {airflow['user']} with {airflow['password']}", markup=False, soft_wrap=True
        )
    elif airflow["state"] != "stopped" and airflow["url"]:
        aside.print(OPEN, style="warning", soft_wrap=True)
