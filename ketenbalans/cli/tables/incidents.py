"""Incidents on the terminal."""

from collections.abc import Sequence

from ketenbalans.cli.output import Row, answers, print_rows
from ketenbalans.jobs.loading.resuming import ShownIncident
from schemas.people import who_acted
from schemas.period import AMSTERDAM
from warehouse.incidents import KeptIncident

STYLE = {"running": "error", "resumed": "soft", "over": "soft"}


def print_incidents(incidents: Sequence[KeptIncident]) -> None:
    """Print one row per incident, and below it what was found."""
    if not incidents:
        answers.print("no source stands still")
        return
    rows = []
    for one in incidents:
        state = one.state + (f" by {one.by}" if one.by else "")
        since = f"{one.since.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
        cells = (str(one.incident_id), one.subject, one.kind, state, since)
        rows.append(Row(cells, style=STYLE[one.state], below=one.message))
    print_rows(("number", "source", "kind", "state", "since"), rows)


def print_incident(shown: ShownIncident) -> None:
    """Print one incident with what resuming it means, and its history."""
    incident = shown.incident
    answers.print(f"[figure]{incident.incident_id}[/figure]  {incident.kind} of {incident.subject}, {incident.state}")
    answers.print(incident.message, markup=False)
    answers.print()
    if shown.meaning:
        answers.print(f"Kind        {shown.meaning}", markup=False)
        answers.print(f"Resumed     {shown.resumed_means}", markup=False)
        answers.print(f"Runbook     {shown.runbook}", markup=False)
        answers.print()
    for one in (*shown.earlier, incident):
        answers.print(f"  {one.since.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}  {one.incident_id} began")
        if one.resumed_at is not None:
            when = f"{one.resumed_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
            by = who_acted(one.by or "", one.identity)
            answers.print(f"  {when}  {one.incident_id} resumed by {by}: {one.note}", markup=False)
        elif one.ended_at is not None:
            answers.print(f"  {one.ended_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}  {one.incident_id} ended")
