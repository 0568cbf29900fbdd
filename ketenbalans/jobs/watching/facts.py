"""Read what the alert rules look at, from one moment of the warehouse."""

from collections.abc import Iterable
from datetime import date

import polars as pl
from sqlalchemy import Connection

from ketenbalans.alerts.facts import Facts, FailedSuite, ReportedFigures, RunningIncident, Waiting
from ketenbalans.alerts.history import source_of
from ketenbalans.alerts.life import Alert, alerts_of
from ketenbalans.alerts.windows import windows_of
from ketenbalans.jobs.balancing.verdicts import knowledge_of
from ketenbalans.jobs.balancing.years import years_known
from ketenbalans.jobs.nowcast.month_paces import month_paces
from ketenbalans.jobs.signoff.reading import signatures_in_force
from ketenbalans.jobs.watching.break_facts import read_open_breaks
from ketenbalans.jobs.watching.gap_facts import read_gaps
from ketenbalans.jobs.watching.recent_facts import received_extracts, recent_rows
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.catalogue import linked_sources, sources
from schemas.period import Period
from schemas.policy import Policy
from warehouse.alerts import read_alert_events
from warehouse.balances import StoredBalance, input_fingerprint, stored_balances
from warehouse.dead_letters import waiting_dead_letters
from warehouse.extracts import default_as_of
from warehouse.incidents import running_incidents
from warehouse.offsets import Positions, positions
from warehouse.quality_results import stored_quality_results
from warehouse.recent_rows import read_mended
from warehouse.reports import last_report, reported_periods


def read_facts(connection: Connection, *, today: date, policy: Policy, alert_policy: AlertPolicy) -> Facts:
    """Read all that the rules look at.

    Args:
        connection: a snapshot: what is read belongs together.
        today: the day by the clock.
        policy: for the gaps of the newest deliveries, which are worked out.
        alert_policy: for the lengths of the windows.
    """
    as_of = default_as_of(connection)
    received = received_extracts(connection)
    handed_over = tuple(name for name, source in sources().items() if source.command is not None)
    years = set() if as_of is None else set(years_known(connection, as_of=as_of))
    newest = _newest_balances(connection, years, as_of=as_of, policy=policy)
    standing = {one.alert_id: one for one in alerts_of(read_alert_events(connection)).values() if one.stands}
    gaps = read_gaps(connection, as_of, standing.values(), policy=policy, alert_policy=alert_policy)
    breaks = read_open_breaks(connection, as_of=as_of, policy=policy, alert_policy=alert_policy)
    return Facts(
        today=today,
        as_of=as_of,
        sources=handed_over,
        received=received,
        recent={
            name: recent_rows(connection, received[name], standing.values(), alert_policy=alert_policy)
            for name in handed_over
            if name in received
        },
        dead_letters={
            name: Waiting(messages=messages, newest=newest_letter)
            for name, messages, newest_letter in waiting_dead_letters(connection)
        },
        incidents=[
            RunningIncident(
                incident_id=one.incident_id, subject=one.subject, kind=one.kind, message=one.message, since=one.since
            )
            for one in running_incidents(connection)
        ],
        failed_suites=_failed_suites(connection),
        balances=[stored.answer for stored in newest],
        reported=_reported(connection, newest, alert_policy=alert_policy),
        past_due=breaks.past_due,
        open_since=breaks.open_since,
        new_breaks=breaks.new,
        standing=standing,
        mended=_mended(connection, standing.values(), alert_policy=alert_policy),
        not_balanced=years - {stored.period for stored in newest},
        behind=_behind(connection, newest, as_of=as_of),
        incomplete=_incomplete(connection, newest),
        is_linked=gaps is not None,
        gaps_now={} if gaps is None else gaps.now,
        gaps_before={} if gaps is None else gaps.before,
        gaps_earlier={} if gaps is None else gaps.earlier,
        paces=(
            {} if gaps is None or as_of is None else month_paces(connection, as_of, standing.values(), policy=policy)
        ),
        signoffs=signatures_in_force(connection),
    )


def _newest_balances(
    connection: Connection, years: Iterable[Period], *, as_of: date | None, policy: Policy
) -> list[StoredBalance]:
    found = []
    for year in sorted(years):
        stored = stored_balances(connection, period=year, policy=policy.to_dict())
        found.extend([one for one in stored if as_of is not None and one.as_of <= as_of][-1:])
    return found


def _behind(connection: Connection, newest: Iterable[StoredBalance], *, as_of: date | None) -> dict[Period, date]:
    """The balances that rest on less than what is loaded, each with the day of the one that is still to be made.

    Where the topics were loaded as far as when a balance was made, it rests on all; else its input says so.
    """
    if as_of is None:
        return {}
    reached = _positions_of_the_registers(positions(connection))
    input_on: dict[date, str] = {}
    found = {}
    for stored in newest:
        if stored.as_of == as_of and _positions_of_the_registers(stored.positions) == reached:
            continue
        if stored.as_of == as_of and as_of not in input_on:
            input_on[as_of] = input_fingerprint(connection, as_of=as_of)
        if input_on.get(stored.as_of) != stored.input_fingerprint:
            found[stored.period] = as_of
    return found


def _incomplete(connection: Connection, newest: Iterable[StoredBalance]) -> dict[Period, str]:
    """The balances of which not all is known that belongs to them, each with why."""
    knowledge = knowledge_of(connection)
    why = {
        one.period: knowledge.why_incomplete(one.period, one.as_of, is_any_known=one.answer.counts_anything)
        for one in newest
    }
    return {period: lacks for period, lacks in why.items() if lacks}


def _positions_of_the_registers(reached: Positions) -> Positions:
    return {source.name: reached[source.name] for source in linked_sources() if source.name in reached}


def _mended(
    connection: Connection, standing: Iterable[Alert], *, alert_policy: AlertPolicy
) -> dict[tuple[str, Period], pl.DataFrame]:
    """The records that began in the windows that alerts about shares name, as they are known now."""
    windows = {
        (source_of(alert.subject), window)
        for alert in standing
        if alert.rule is AlertRule.DRIFT
        for window in windows_of(alert)
    }
    return {
        (name, window): read_mended(
            connection, sources()[name], window=window, long_after_days=alert_policy.long_after_days
        )
        for name, window in windows
    }


def _failed_suites(connection: Connection) -> dict[str, FailedSuite]:
    failed = {}
    for name, source in sources().items():
        newest = next(iter(stored_quality_results(connection, source, newest=1)), None)
        if newest is not None and not newest.success:
            findings = tuple(finding.describe() for finding in newest.findings)
            failed[name] = FailedSuite(result_id=newest.quality_result_id, findings=findings)
    return failed


def _reported(
    connection: Connection, newest: Iterable[StoredBalance], *, alert_policy: AlertPolicy
) -> list[ReportedFigures]:
    """Each period with a final report, beside its newest balance."""
    by_period = {stored.period: stored for stored in newest}
    found = []
    for period in reported_periods(connection):
        report, stored = last_report(connection, period=period), by_period.get(period)
        if report is None or stored is None or stored.as_of < report.as_of:
            continue
        if (report.as_of - period.end).days >= alert_policy.final_after_days:
            now = {name: stored.answer.figure(name) for name in report.figures}
            found.append(
                ReportedFigures(
                    period=period, reported_as_of=report.as_of, reported=report.figures, as_of=stored.as_of, now=now
                )
            )
    return found
