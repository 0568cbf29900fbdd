"""The verb alerts: list, show, acknowledge, resolve, and look now."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.asking import By, who
from ketenbalans.cli.completing import alert_ids
from ketenbalans.cli.failing import end_with
from ketenbalans.cli.output import AsJson, aside, print_json
from schemas.period import AMSTERDAM

if TYPE_CHECKING:
    from schemas.alerts import AlertStep

app = typer.Typer(
    cls=AnyOrder,
    help="Alerts: what stands, what it rests on, and who deals with it. Without a verb: the list.",
    invoke_without_command=True,
)

AlertId = Annotated[
    str, typer.Argument(help="For example unexplained:2014.", metavar="ALERT_ID", autocompletion=alert_ids)
]
AlertIds = Annotated[
    list[str],
    typer.Argument(
        help="For example unexplained:2014; several are decided about together, all or none.",
        metavar="ALERT_ID...",
        autocompletion=alert_ids,
    ),
]
Note = Annotated[str, typer.Option("--note", help="A few words of administration; no names, no content.")]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="alerts")


def list_them(
    context: typer.Context,
    *,
    also_resolved: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the alerts that stand."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.alerts import print_alerts
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.watching.alerts import list_alerts
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        found = list_alerts(engine, also_resolved=also_resolved)
    if as_json:
        print_json([alert.to_dict() for alert in found])
    else:
        print_alerts(found)


app.callback()(list_them)
app.command("list")(list_them)


@app.command("show")
def show(alert_id: AlertId, *, as_json: AsJson = False) -> None:
    """Show one alert: what was found, the evidence, what to do, and its history."""
    from ketenbalans.cli.tables.alerts import print_alert
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.watching.alerts import show_alert
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        shown = show_alert(engine, alert_id)
    if as_json:
        print_json(shown.to_json())
    else:
        print_alert(shown)


@app.command("acknowledge")
def acknowledge(alert_ids: AlertIds, *, note: Note, by: By = None, as_json: AsJson = False) -> None:
    """Take alerts: the list and the page say who deals with them."""
    from schemas.alerts import AlertStep

    _record(AlertStep.ACKNOWLEDGED, alert_ids, by=by, note=note, as_json=as_json, what_now="is yours until it is over")


@app.command("resolve")
def resolve(alert_ids: AlertIds, *, note: Note, by: By = None, as_json: AsJson = False) -> None:
    """Say that an alert is dealt with; only other evidence raises it again."""
    from schemas.alerts import AlertStep

    _record(AlertStep.RESOLVED, alert_ids, by=by, note=note, as_json=as_json, what_now="is over")


@app.command("look")
def look(*, as_json: AsJson = False) -> None:
    """Look now, raise and resolve what that brings, and send it: what the DAG watch does every few minutes."""
    from ketenbalans.cli.tables.alerts import print_alerts
    from ketenbalans.jobs.watching.watch import watch_and_send
    from ketenbalans.settings import Settings

    result = watch_and_send(Settings())
    if as_json:
        print_json(
            [{**alert.to_dict(), "waits_until": result.waits_until(alert.alert_id)} for alert in result.standing]
        )
    else:
        print_alerts(list(result.standing))
    for channel, waiting in result.waiting.items():
        until = min(waiting.values()).astimezone(AMSTERDAM)
        messages = "1 message is" if len(waiting) == 1 else f"{len(waiting)} messages are"
        aside.print(
            f"{channel}: {messages} waiting until {until:%Y-%m-%d %H:%M} ([alerts.quiet] in the policy): "
            f"{', '.join(sorted(waiting))}",
            markup=False,
        )
    result.raise_for_channels()


@app.command("test")
def try_out(*, as_json: AsJson = False) -> None:
    """Send a test message by every channel that is set, and say of each whether it could be sent."""
    from ketenbalans.cli.tables.alerts import print_tried
    from ketenbalans.jobs.watching.alert_channels import SET_BY, try_channels
    from ketenbalans.settings import Settings

    tried = try_channels(Settings())
    if as_json:
        print_json([{**one, "error": None if one["error"] is None else str(one["error"])} for one in tried])
    else:
        print_tried(tried)
    if len(tried) == 1:
        aside.print(f"only the log is set; {', '.join(SET_BY[:-1])} and {SET_BY[-1]} set the others", markup=False)
    end_with([one["error"] for one in tried if one["error"] is not None])


def _record(
    step: "AlertStep", alert_ids: Sequence[str], *, by: str | None, note: str, as_json: bool, what_now: str
) -> None:
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.watching.alerts import record_of_all
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        kept = record_of_all(engine, alert_ids, step, by=who(by), note=note, at=datetime.now(UTC))
    if as_json:
        answer = [alert.to_dict() for alert in kept]
        print_json(answer[0] if len(answer) == 1 else answer)
        return
    for alert in kept:
        aside.print(f"{alert.alert_id} {what_now}", markup=False)
