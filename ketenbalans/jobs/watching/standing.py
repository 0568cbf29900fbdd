"""Whether the task ``standing`` of the DAG ``watch`` is red: once for each alert that is new, and green afterwards."""

from collections.abc import Callable

from ketenbalans.alerts.life import Alert, alerts_of, most_severe_first
from ketenbalans.alerts.runbook import remedy_of
from ketenbalans.jobs.pages.navigation import PAGES
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.settings import Settings
from schemas.alerts import AlertState, Severity
from warehouse.alerts import hold_alerts, read_alert_events, red_in

FEW = 2
"""So many alerts are sent with what to do about each; of more that is on the page."""


class NewAlerts(Exception):
    """Alerts are new: what a red task means. The message names them."""


def fail_for_new_alerts(settings: Settings, say: Callable[[str], None], *, run: str) -> int:
    """Say each alert that stands, the most severe first, and fail when one is new; gives how many stand.

    An alert is new in one run: the first after it was raised, or raised anew because it became worse. That run is
    written down before the task fails, so when its task is tried again it fails again, and no later run does. No
    notice is new, nor what a person took or what another alert is the reason of.

    Args:
        settings: where the warehouse is.
        say: takes the lines of the note.
        run: the id of the DAG run.

    Raises:
        NewAlerts: one is new.
    """
    with warehouse_from(settings) as engine, engine.begin() as connection:
        hold_alerts(connection)
        alerts = alerts_of(read_alert_events(connection)).values()
        standing = most_severe_first(alert for alert in alerts if alert.stands)
        wanted = {alert.raised_number: alert for alert in standing if _wants_somebody(alert)}
        red = red_in(connection, [number for number in wanted if number is not None], run=run)
    new = [alert for number, alert in wanted.items() if number in red]
    if len(new) > FEW:
        say(f"**What to do:** take each, `ketenbalans alerts acknowledge ID --note '...'`; [here]({PAGES}/) is more.")
    for alert in new:
        remedy = f" **What to do:** {remedy_of(alert.rule, alert.subject)}" if len(new) <= FEW else ""
        say(f"**New, {alert.severity.value}: {alert.alert_id}**: {alert.says}.{remedy}")
    for alert in standing:
        if alert not in new:
            found = f": {alert.says}" if len(standing) <= FEW else ""  # a note has room to name many, not to quote them
            say(f"Stands, {alert.severity.value}: {alert.alert_id} ({_where_it_stands(alert)}){found}.")
    if new:
        are_new = "alert is new" if len(new) == 1 else "alerts are new"
        message = (
            f"{len(new)} {are_new}: {', '.join(alert.alert_id for alert in new)}. The next run is green; an "
            "alert stands until its rule no longer holds. Take each: ketenbalans alerts acknowledge ID --note '...'"
        )
        raise NewAlerts(message)
    return len(standing)


def _wants_somebody(alert: Alert) -> bool:
    return alert.state is AlertState.RAISED and alert.severity is not Severity.NOTICE


def _where_it_stands(alert: Alert) -> str:
    if alert.held_back_by is not None:
        return f"held back by {alert.held_back_by}"
    return f"taken by {alert.acknowledged_by}" if alert.acknowledged_by else "nobody took it"
