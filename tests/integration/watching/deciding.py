"""What a person says of one alert, as the command line says it of several."""

from datetime import datetime

from sqlalchemy import Engine

from ketenbalans.alerts.life import Alert
from ketenbalans.jobs.watching.alerts import record_of_all
from schemas.alerts import AlertStep


def acknowledge_alert(engine: Engine, alert_id: str, *, by: str, note: str, at: datetime) -> Alert:
    """Take an alert that stands."""
    return record_of_all(engine, [alert_id], AlertStep.ACKNOWLEDGED, by=by, note=note, at=at)[0]


def resolve_alert(engine: Engine, alert_id: str, *, by: str, note: str, at: datetime) -> Alert:
    """Say that an alert is dealt with."""
    return record_of_all(engine, [alert_id], AlertStep.RESOLVED, by=by, note=note, at=at)[0]
