"""What the page of incidents says: those that run, what to do about each, and the newest of those that are over."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ketenbalans.alerts.rules_sources import KINDS
from ketenbalans.alerts.runbook import place_in_the_runbook, remedy_of
from ketenbalans.jobs.loading.resuming import ShownIncident, explain_incident
from schemas.alerts import AlertRule
from warehouse.database import snapshot
from warehouse.incidents import KeptIncident, newest_ended_incidents, running_incidents

OVER_SHOWN = 50
"""So many of those that are over are shown; `ketenbalans incidents --all` has every one."""


@dataclass(frozen=True, kw_only=True)
class StandingIncident:
    """An incident that runs.

    Attributes:
        incident: as it is kept.
        meaning: what it is, in a sentence.
        resumed_means: what a person accepts who resumes it; None: it stops no source, so there is nothing to resume.
        what_to_do: in words; None: its own message says it.
        runbook: where the runbook says more, as a place in the project.
    """

    incident: KeptIncident
    meaning: str
    resumed_means: str | None
    what_to_do: str | None
    runbook: str


@dataclass(frozen=True, kw_only=True)
class IncidentsShown:
    """What the page says: ``running``, the newest first, and of those ``over`` the ones that ended last."""

    running: Sequence[StandingIncident]
    over: Sequence[KeptIncident]

    def sentence_of(self, incident_id: int) -> str | None:
        """What became of the source of an incident that was resumed; None: it was not, or is not shown."""
        resumed = next((one for one in self.over if one.incident_id == incident_id and one.by), None)
        if resumed is None:
            return None
        others = [str(one.incident.incident_id) for one in self.running if one.incident.subject == resumed.subject]
        still = f"{resumed.subject} still stands still for {', '.join(others)}"
        goes_on = f"{resumed.subject} goes on with its next load"
        return f"Incident {incident_id} was resumed by {resumed.by}: {still if others else goes_on}."


def read_incidents(engine: Engine) -> IncidentsShown:
    """The incidents as they stand now."""
    with snapshot(engine) as connection:
        running, over = running_incidents(connection), newest_ended_incidents(connection, at_most=OVER_SHOWN)
    return IncidentsShown(running=[_standing(explain_incident(one)) for one in running[::-1]], over=over)


def _standing(shown: ShownIncident) -> StandingIncident:
    if shown.meaning is not None and shown.runbook is not None:
        what_to_do, meaning, runbook = None, shown.meaning, shown.runbook
    else:
        rule = KINDS.get(shown.incident.subject, AlertRule.INCIDENT)
        what_to_do, meaning = remedy_of(rule, shown.incident.subject), rule.record.meaning
        runbook = place_in_the_runbook(rule)
    return StandingIncident(
        incident=shown.incident,
        meaning=meaning,
        resumed_means=shown.resumed_means,
        what_to_do=what_to_do,
        runbook=runbook,
    )
