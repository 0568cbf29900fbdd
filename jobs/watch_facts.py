"""Read what the alert rules look at, from one moment of the warehouse."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection

from alerts.facts import (
    Facts,
    FailedSuite,
    PastDue,
    Reported,
    RunningIncident,
    UnitGap,
    Waiting,
)
from jobs.chains import chain_on
from jobs.incidents import ChainKeyDiffers
from reconciliation.balance import balance
from reconciliation.break_life import break_history
from reconciliation.bridge import Bridge
from schemas.alert_policy import AlertPolicy
from schemas.breaks import BreakState
from schemas.catalogue import sources
from schemas.period import Period
from schemas.policy import Policy
from schemas.vocabulary import Cause
from warehouse.balances import StoredBalance, stored_balances, years_with_records
from warehouse.breaks import last_look, read_observations, years_kept
from warehouse.dead_letters import waiting_dead_letters
from warehouse.decisions import read_break_decisions
from warehouse.extracts import LoadedExtract, default_as_of, loaded_extracts
from warehouse.incidents import running_incidents
from warehouse.quality_results import stored_quality_results
from warehouse.reports import last_report, reported_periods
from warehouse.seen import read_seen

MAY_STILL_COME = (Cause.IN_TRANSIT, Cause.PERIOD_BOUNDARY, Cause.REGISTERED_LATE)
"""Causes that say nothing about a unit yet: the registration may still come, or came after the window."""


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
    reach = timedelta(days=2 * alert_policy.history_days)
    newest = _newest_balances(connection, as_of=as_of, policy=policy)
    now, before = _gaps(connection, as_of, policy=policy, alert_policy=alert_policy)
    past_due, open_since = _open_breaks(connection, as_of=as_of, alert_policy=alert_policy)
    return Facts(
        today=today,
        as_of=as_of,
        sources=handed_over,
        received=received,
        seen={
            name: read_seen(
                connection,
                sources()[name],
                since=received[name][-1].covers_until - reach,
                long_after_days=alert_policy.long_after_days,
            )
            for name in handed_over
            if name in received
        },
        dead_letters={
            name: Waiting(messages=messages, newest=newest_letter)
            for name, messages, newest_letter in waiting_dead_letters(connection)
        },
        incidents=[
            RunningIncident(**{name: row[name] for name in RunningIncident.__dataclass_fields__})
            for row in running_incidents(connection)
        ],
        failed_suites=_failed_suites(connection),
        balances=[stored.answer for stored in newest],
        reported=_reported(connection, newest, alert_policy=alert_policy),
        past_due=past_due,
        open_since=open_since,
        gaps_now=now,
        gaps_before=before,
    )


def received_extracts(connection: Connection) -> dict[str, list[LoadedExtract]]:
    """The loaded extracts, per source in the order in which they were published."""
    received: dict[str, list[LoadedExtract]] = {}
    for extract in loaded_extracts(connection):
        received.setdefault(extract.source, []).append(extract)
    return received


def _newest_balances(connection: Connection, *, as_of: date | None, policy: Policy) -> list[StoredBalance]:
    if as_of is None:
        return []
    found = []
    for year in years_with_records(connection, as_of=as_of):
        stored = stored_balances(connection, period=Period.of_year(year), policy=policy.to_dict())
        found.extend([one for one in stored if one.as_of <= as_of][-1:])
    return found


def _failed_suites(connection: Connection) -> dict[str, FailedSuite]:
    failed = {}
    for name, source in sources().items():
        newest = next(iter(stored_quality_results(connection, source, newest=1)), None)
        if newest is not None and not newest.success:
            told = tuple(finding.told() for finding in newest.findings)
            failed[name] = FailedSuite(result_id=newest.quality_result_id, findings=told)
    return failed


def _reported(connection: Connection, newest: Iterable[StoredBalance], *, alert_policy: AlertPolicy) -> list[Reported]:
    """Each period with a final report, beside its newest balance."""
    by_period = {stored.period: stored for stored in newest}
    found = []
    for period in reported_periods(connection):
        report, stored = last_report(connection, period=period), by_period.get(period)
        if report is None or stored is None or stored.as_of < report.as_of:
            continue
        if (report.as_of - period.end).days >= alert_policy.final_after_days:
            now = {name: int(stored.answer[name]) for name in report.figures}
            found.append(
                Reported(
                    period=period, reported_as_of=report.as_of, reported=report.figures, as_of=stored.as_of, now=now
                )
            )
    return found


def _open_breaks(
    connection: Connection, *, as_of: date | None, alert_policy: AlertPolicy
) -> tuple[list[PastDue], dict[int, date]]:
    """The years with breaks that nobody took in time, and per year since when the first one is open."""
    found: list[PastDue] = []
    first: dict[int, date] = {}
    for year in years_kept(connection):
        look = last_look(connection, year=year)
        assert look is not None, "a year that is kept was looked at"
        day = max(look.as_of, as_of or look.as_of)
        steps = break_history(read_observations(connection, year=year), read_break_decisions(connection, year=year))
        is_open = pl.col("state") == BreakState.OPEN.value
        became_open = is_open & ~is_open.shift(1, fill_value=False).over("break_id")
        open_since = pl.when(became_open).then("on").forward_fill().over("break_id")
        stands = steps.with_columns(open_since=open_since).unique("break_id", keep="last", maintain_order=True)
        open_now = stands.filter(is_open)
        if not open_now.is_empty():
            first[year] = open_now.select(pl.col("open_since").min()).item()
        late = open_now.filter(
            pl.col("owner").is_null(),
            pl.lit(day) - pl.col("open_since") > pl.duration(days=alert_policy.take_within_days),
        )
        if not late.is_empty():
            found.append(PastDue(year=year, breaks=late.height, since=late.select(pl.col("open_since").min()).item()))
    return found, first


def _gaps(
    connection: Connection, as_of: date | None, *, policy: Policy, alert_policy: AlertPolicy
) -> tuple[Mapping[str, UnitGap], Mapping[str, UnitGap]]:
    """Per unit the newest deliveries, and those of the year before them, all as known now.

    Both are empty while an extract has another chain key: nothing is linked then, and that has an alert of its own.
    """
    if as_of is None:
        return {}, {}
    try:
        chain = chain_on(connection, as_of, policy=policy)
    except ChainKeyDiffers:
        return {}, {}
    begin = as_of - timedelta(days=alert_policy.gap_window_days - 1)
    now = Period(begin, as_of)
    before = Period(begin - timedelta(days=alert_policy.history_days), begin - timedelta(days=1))
    return _unit_gaps(balance(chain, now).by_unit), _unit_gaps(balance(chain, before).by_unit)


def _unit_gaps(bridges: Iterable[Bridge]) -> dict[str, UnitGap]:
    found: dict[str, Any] = {}
    for bridge in bridges:
        may_come = sum(bridge.causes[cause.value] for cause in MAY_STILL_COME)
        found[str(bridge.unit)] = UnitGap(delivered=bridge.delivered, unrecognised=bridge.gap - may_come)
    return found
