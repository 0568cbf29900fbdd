"""Incidents on the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from ketenbalans.cli.output import Row, answers, print_rows
from schemas.period import AMSTERDAM

STYLE = {"running": "error", "resumed": "soft", "over": "soft"}


def print_incidents(incidents: Sequence[Mapping[str, Any]]) -> None:
    """Print one row per incident, and below it what was found."""
    if not incidents:
        answers.print("no source stands still")
        return
    rows = []
    for one in incidents:
        state = one["state"] + (f" by {one['resumed_by']}" if one["resumed_by"] else "")
        since = f"{one['since'].astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
        cells = (str(one["incident_id"]), one["source"], one["kind"], state, since)
        rows.append(Row(cells, style=STYLE[one["state"]], below=one["message"]))
    print_rows(("number", "source", "kind", "state", "since"), rows)


def print_incident(shown: Mapping[str, Any]) -> None:
    """Print one incident with what resuming it means, and its history."""
    answers.print(f"[figure]{shown['incident_id']}[/figure]  {shown['kind']} of {shown['source']}, {shown['state']}")
    answers.print(shown["message"], markup=False)
    answers.print()
    if shown["meaning"]:
        answers.print(f"Kind        {shown['meaning']}", markup=False)
        answers.print(f"Resumed     {shown['resumed_means']}", markup=False)
        answers.print(f"Runbook     {shown['runbook']}", markup=False)
        answers.print()
    for one in (*shown["earlier"], shown):
        answers.print(f"  {one['since'].astimezone(AMSTERDAM):%Y-%m-%d %H:%M}  {one['incident_id']} began")
        if one["resumed_by"]:
            when = f"{one['resumed_at'].astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
            answers.print(f"  {when}  {one['incident_id']} resumed by {one['resumed_by']}: {one['note']}", markup=False)
        elif one["ended_at"]:
            answers.print(f"  {one['ended_at'].astimezone(AMSTERDAM):%Y-%m-%d %H:%M}  {one['incident_id']} ended")
