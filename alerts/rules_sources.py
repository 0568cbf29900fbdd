"""Rules about what sources hand over, and how: silence, repeated extracts, dead letters, incidents, quality."""

from collections.abc import Iterator

from alerts.facts import Facts
from alerts.finding import Finding
from schemas.alert_policy import AlertPolicy
from schemas.alerts import NO_BALANCE, PUBLISHED, AlertRule, Severity
from schemas.incidents import IncidentKind
from schemas.period import AMSTERDAM

KINDS = {
    NO_BALANCE: (AlertRule.BALANCE, Severity.CRITICAL),
    PUBLISHED: (AlertRule.PUBLISHED_DIFFERS, Severity.WARNING),
}
"""The rule and the severity of an incident that is about no source."""


def silent_sources(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A source that handed over extracts before, and has handed over none for longer than it may."""
    for source in facts.sources:
        received, longest = facts.received.get(source), policy.may_be_silent_days(source)
        if not received:
            continue
        newest = received[-1]
        day = newest.recorded_at.astimezone(AMSTERDAM).date()
        silent_days = (facts.today - day).days
        if silent_days > longest:
            yield Finding(
                rule=AlertRule.SOURCE_SILENT,
                subject=source,
                severity=Severity.WARNING,
                says=f"{source} has handed over no extract for {silent_days} days; its last one came on {day} and "
                f"covers until {newest.covers_until}",
                evidence={
                    "silent_days": silent_days,
                    "may_be_silent_days": longest,
                    "last_received_on": day.isoformat(),
                    "covers_until": newest.covers_until.isoformat(),
                },
                mark=newest.extract_id,
            )


def repeated_extracts(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """The newest extract of a source holds the same bytes as an earlier one.

    Harmless as such, since nothing doubles. When it claims to cover a later day than the first time, the news of that
    time has not come.
    """
    for source, received in facts.received.items():
        newest = received[-1]
        earlier = [extract for extract in received[:-1] if extract.extract_id == newest.extract_id]
        if not earlier:
            continue
        first_covered = min(extract.covers_until for extract in earlier)
        is_late = newest.covers_until > first_covered
        consequence = (
            f"it now claims to cover until {newest.covers_until}, so what happened after {first_covered} is not there"
            if is_late
            else "nothing doubled and no figure changed"
        )
        yield Finding(
            rule=AlertRule.EXTRACT_REPEATED,
            subject=source,
            severity=Severity.WARNING if is_late else Severity.NOTICE,
            says=f"{source} handed over the extract until {first_covered} again; {consequence}",
            evidence={
                "times_received": len(earlier) + 1,
                "covered_until_first": first_covered.isoformat(),
                "covers_until_now": newest.covers_until.isoformat(),
                "extract": newest.extract_id[:12],
            },
            mark=f"{newest.extract_id} {newest.recorded_at.isoformat()}",
        )


def waiting_dead_letters(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """Messages on a topic that are no event of its source."""
    for source, waiting in facts.dead_letters.items():
        are = "message waits" if waiting.messages == 1 else "messages wait"
        yield Finding(
            rule=AlertRule.DEAD_LETTERS,
            subject=source,
            severity=Severity.WARNING,
            says=f"{waiting.messages} {are} in the dead letters of {source}; the good events were loaded",
            evidence={"messages": waiting.messages},
            mark=str(waiting.newest),
        )


def running_incidents(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """What stops a source until a person has looked, what stopped a balance, published figures that differ.

    An extract under another chain key stops every balance too, so it has a rule of its own.
    """
    for incident in facts.incidents:
        of_source = AlertRule.CHAIN_KEY if incident.kind == IncidentKind.CHAIN_KEY_DIFFERS else AlertRule.INCIDENT
        rule, severity = KINDS.get(incident.subject, (of_source, Severity.CRITICAL))
        yield Finding(
            rule=rule,
            subject=incident.subject,
            severity=severity,
            says=incident.message,
            evidence={"kind": incident.kind, "since": incident.since.isoformat(timespec="seconds")},
            mark=str(incident.incident_id),
        )


def failed_suites(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """A table whose newest Great Expectations suite failed."""
    for source, suite in facts.failed_suites.items():
        yield Finding(
            rule=AlertRule.QUALITY,
            subject=source,
            severity=Severity.WARNING,
            says=f"{source} does not meet its declaration: {'; '.join(suite.findings)}",
            evidence={"expectations_not_met": len(suite.findings)},
            mark=str(suite.result_id),
        )
