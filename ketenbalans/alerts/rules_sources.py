"""Rules about what sources hand over, and how: silence, repeated extracts, dead letters, incidents, quality."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from ketenbalans.alerts.facts import Facts, RunningIncident
from ketenbalans.alerts.finding import Finding
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AUDIT, NO_BALANCE, PUBLISHED, AlertRule, Severity
from schemas.incidents import IncidentKind
from schemas.period import AMSTERDAM, Period
from warehouse.extracts import LoadedExtract

KINDS = {
    NO_BALANCE: AlertRule.BALANCE,
    PUBLISHED: AlertRule.PUBLISHED_DIFFERS,
    AUDIT: AlertRule.AUDIT_BROKEN,
}
"""The rule of an incident that is about no source."""


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
                says=f"{source} has handed over no extract for {silent_days} days; its last one came on {day} and "
                f"covers until {newest.covers_until}",
                evidence={
                    "silent_days": silent_days,
                    "may_be_silent_days": longest,
                    "last_received_on": day.isoformat(),
                    "covers_until": newest.covers_until.isoformat(),
                },
                mark=newest.extract_id,
                amount=silent_days,
            )


def repeated_extracts(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """An extract of a source holds the same bytes as an earlier one.

    Harmless as such, since nothing doubles: a notice until the next extract. When it claims to cover days that none
    before it covered, the news of those days has not come: a warning until rows of them have.
    """
    for source, received in facts.received.items():
        repeated = _repetitions(received)
        missing = [
            one for one in repeated if one.missing and (one.is_newest or not _has_come(one.missing, source, facts))
        ]
        shown = missing or [one for one in repeated if one.is_newest]
        if not shown:
            continue
        one = shown[-1]
        consequence = (
            f"it now claims to cover until {one.missing.end}, so what happened after {one.covered} is not there"
            if one.missing
            else "nothing doubled and no figure changed"
        )
        also = ", ".join(f"{other.missing.start}/{other.missing.end}" for other in missing[:-1] if other.missing)
        yield Finding(
            rule=AlertRule.EXTRACT_REPEATED,
            subject=source,
            other_severity=None if one.missing else Severity.NOTICE,
            says=f"{source} handed over the extract until {one.first_covered} again; {consequence}"
            + (f"; nor is what happened in {also}" if also else ""),
            evidence={
                "times_received": one.times,
                "covered_until_first": one.first_covered.isoformat(),
                "covers_until_now": one.extract.covers_until.isoformat(),
                "extract": one.extract.extract_id[:12],
                **({"also_in": also} if also else {}),
            },
            mark=f"{one.extract.extract_id} {one.extract.recorded_at.isoformat()}",
            period=one.missing,
            amount=len(missing),
        )


@dataclass(frozen=True, kw_only=True)
class _Repetition:
    """An extract that came again: how often by then, what it covered first, and the days that no extract covered."""

    extract: LoadedExtract
    times: int
    first_covered: date
    covered: date
    is_newest: bool

    @property
    def missing(self) -> Period | None:
        """The days that it claims to cover and that no extract before it covered; None: there are none."""
        claimed = self.extract.covers_until
        return Period(self.covered + timedelta(days=1), claimed) if claimed > self.covered else None


def _repetitions(received: Sequence[LoadedExtract]) -> list[_Repetition]:
    """Every extract of a source that holds the bytes of an earlier one, in the order in which they came."""
    covers: dict[str, list[date]] = {}
    covered, found = date.min, []
    for place, extract in enumerate(received, start=1):
        earlier = covers.setdefault(extract.extract_id, [])
        if earlier:
            is_newest = place == len(received)
            found.append(
                _Repetition(
                    extract=extract,
                    times=len(earlier) + 1,
                    first_covered=min(earlier),
                    covered=covered,
                    is_newest=is_newest,
                )
            )
        earlier.append(extract.covers_until)
        covered = max(covered, extract.covers_until)
    return found


def lies_out_of_reach(days: Period, source: str, facts: Facts) -> bool:
    """Whether the rows that are looked at begin after these days."""
    recent = facts.recent.get(source)
    first = None if recent is None or recent.is_empty() else recent["recorded_on"].min()
    return isinstance(first, date) and first > days.end


def _has_come(days: Period, source: str, facts: Facts) -> bool:
    """Whether rows that were recorded in these days are there; where no rows are looked at: yes."""
    recent = facts.recent.get(source)
    if recent is None or recent.is_empty() or lies_out_of_reach(days, source, facts):
        return True
    return not recent.filter(pl.col("recorded_on").is_between(days.start, days.end)).is_empty()


def waiting_dead_letters(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """Messages on a topic that are no event of its source."""
    for source, waiting in facts.dead_letters.items():
        are = "message waits" if waiting.messages == 1 else "messages wait"
        yield Finding(
            rule=AlertRule.DEAD_LETTERS,
            subject=source,
            says=f"{waiting.messages} {are} in the dead letters of {source}; the good events were loaded",
            evidence={"messages": waiting.messages},
            mark=str(waiting.newest),
            amount=waiting.messages,
        )


def running_incidents(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """What stops a source until a person has looked, what stopped a balance, figures that differ, a broken chain.

    An extract under another chain key stops every balance too, so it has a rule of its own.
    """
    by_alert: dict[tuple[AlertRule, str], list[RunningIncident]] = {}
    for incident in facts.incidents:
        of_source = AlertRule.CHAIN_KEY if incident.kind == IncidentKind.CHAIN_KEY_DIFFERS else AlertRule.INCIDENT
        rule = KINDS.get(incident.subject, of_source)
        by_alert.setdefault((rule, incident.subject), []).append(incident)
    for (rule, subject), incidents in by_alert.items():
        yield Finding(
            rule=rule,
            subject=subject,
            says="; and: ".join(incident.message.removesuffix(".") for incident in incidents),
            evidence={
                "kind": ", ".join(incident.kind for incident in incidents),
                "since": min(incident.since for incident in incidents).isoformat(timespec="seconds"),
            },
            mark=",".join(str(incident.incident_id) for incident in incidents),
            amount=len(incidents),
        )


def failed_suites(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """A table whose newest Great Expectations suite failed."""
    for source, suite in facts.failed_suites.items():
        yield Finding(
            rule=AlertRule.QUALITY,
            subject=source,
            says=f"{source} does not meet its declaration: {'; '.join(suite.findings)}",
            evidence={"expectations_not_met": len(suite.findings)},
            mark=str(suite.result_id),
            amount=len(suite.findings),
        )
