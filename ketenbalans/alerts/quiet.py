"""When a step is sent: at once, or in the digest of the morning. A function of the step and the policy alone."""

from datetime import UTC, date, datetime, timedelta

from schemas.alert_policy import QuietHours
from schemas.alerts import AlertEvent, Severity
from schemas.period import AMSTERDAM

SATURDAY = 5


def is_quiet(moment: datetime, quiet: QuietHours) -> bool:
    """Whether a moment lies in the quiet hours, which may run over midnight."""
    local = moment.astimezone(AMSTERDAM)
    clock = local.timetz().replace(tzinfo=None)
    at_night = quiet.begin <= clock < quiet.end if quiet.begin <= quiet.end else not quiet.end <= clock < quiet.begin
    return at_night or _is_quiet_all_day(local.date(), quiet)


def end_of_quiet(moment: datetime, quiet: QuietHours) -> datetime:
    """The first end of quiet hours after a moment: the next digest."""
    local = moment.astimezone(AMSTERDAM)
    day = local.date()
    # in UTC, for a clock that is put back shows an hour twice
    while _is_quiet_all_day(day, quiet) or _moment(day, quiet) <= moment.astimezone(UTC):
        day += timedelta(days=1)
    return datetime.combine(day, quiet.end, AMSTERDAM)


def send_at(event: AlertEvent, quiet: QuietHours) -> datetime:
    """When a step is to be sent: what is critical at once, a warning outside the quiet hours, else in the digest."""
    waits = event.severity is Severity.NOTICE or (event.severity is Severity.WARNING and is_quiet(event.at, quiet))
    return end_of_quiet(event.at, quiet) if waits else event.at


def _moment(day: date, quiet: QuietHours) -> datetime:
    return datetime.combine(day, quiet.end, AMSTERDAM).astimezone(UTC)


def _is_quiet_all_day(day: date, quiet: QuietHours) -> bool:
    return quiet.weekend and day.weekday() >= SATURDAY
