"""How the state of the stack is shown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import answers, aside, print_json

if TYPE_CHECKING:
    from ketenbalans.settings import Settings
    from ketenbalans.stack.embedded import SignIn


OPEN = (
    "Airflow is open: it asks for no password, so every user of this machine, and every program that one of them runs, "
    "may start and stop its DAGs and read its logs and connections; `ketenbalans up` without --open closes it"
)


def home_of(settings: "Settings") -> str:
    """The home, and why it is this one."""
    return f"{settings.home} ({settings.home_because})"


def failing_parts(state: dict[str, dict[str, str | None]]) -> list[str]:
    """The parts that should answer and do not."""
    return [name for name, service in state.items() if service["state"] == "failing"]


def show_and_end(
    state: dict[str, dict[str, str | None]], *, as_json: bool, new_sign_ins: "Sequence[SignIn]" = ()
) -> None:
    """Show the state; when a part fails, say what to do and end with 1.

    The passwords of users who are new are shown too: here, and never again.
    """
    _show(state, as_json=as_json, new_sign_ins=new_sign_ins)
    if failing := failing_parts(state):
        remedy = (
            "`ketenbalans up` starts a part of the embedded stack again; its logs are in the folder logs of the home"
        )
        named = [f"{name} ({ailing})" if (ailing := state[name].get("ailing")) else name for name in failing]
        aside.print(f"failing: {', '.join(named)}; {remedy}", style="warning", soft_wrap=True)
        raise typer.Exit(Exit.NO)


def _show(state: dict[str, dict[str, str | None]], *, as_json: bool, new_sign_ins: "Sequence[SignIn]") -> None:
    if as_json:
        made = {"new_people": {one.user: one.password for one in new_sign_ins}} if new_sign_ins else {}
        print_json({**state, "airflow": {**state["airflow"], **made}})
        return
    for name, service in state.items():
        place = service.get("url") or service.get("bootstrap") or ""
        until = service.get("certificate_holds_until")
        mode = f"  locked; its certificate holds until {until}" if until else ""
        answers.print(f"{name:<9}  {service['state']:<8}  {place}{mode}", markup=False)
    airflow = state["airflow"]
    if airflow["password"]:
        answers.print(
            f"sign in to Airflow as {airflow['user']} with {airflow['password']}", markup=False, soft_wrap=True
        )
    elif airflow["state"] != "stopped" and airflow["url"]:
        aside.print(OPEN, style="warning", soft_wrap=True)
    for one in new_sign_ins:
        answers.print(f"{one.user} signs in with {one.password}", markup=False, soft_wrap=True)
    if new_sign_ins:
        aside.print("give each person their password; it is not shown again", style="soft")
