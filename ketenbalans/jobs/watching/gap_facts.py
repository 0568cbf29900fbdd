"""Read what the rule about gaps of units looks at: the newest deliveries, and those that an alert names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from ketenbalans.alerts.facts import Gaps, UnitGap
from ketenbalans.alerts.life import Alert, alerts_of
from ketenbalans.alerts.windows import windows_of
from ketenbalans.incidents.checks import ChainKeyDiffers
from ketenbalans.incidents.extract_checks import no_chain_key_differs
from ketenbalans.jobs.balancing.basis import basis_of
from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.reconciliation.balance import balance
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.answer_parts import Bridge
from schemas.causes import Cause
from schemas.period import Period
from schemas.policy import Policy
from warehouse.alerts import read_alert_events
from warehouse.balances import balance_on

MAY_STILL_COME = tuple(cause for cause in Cause if cause.record.may_still_come)
"""Causes that say nothing about a unit yet: the registration may still come, or came after the window."""


@dataclass(frozen=True, kw_only=True)
class UnitGaps:
    """The gaps of units, all as known now.

    Attributes:
        now: per unit, over the newest window of deliveries.
        before: per unit, over the year before that window.
        earlier: per window that an alert names, the same two.
    """

    now: Mapping[str, UnitGap]
    before: Mapping[str, UnitGap]
    earlier: Mapping[Period, Gaps]


def read_gaps(
    connection: Connection,
    as_of: date | None,
    standing: Iterable[Alert],
    *,
    policy: Policy,
    alert_policy: AlertPolicy,
) -> UnitGaps | None:
    """Read them; None while nothing is linked: no day is covered, or an extract has another chain key.

    From the balances of their windows, which are stored with those of the years (``windows_of_gaps``); what is not
    there yet is worked out.
    """
    if as_of is None:
        return None
    try:
        no_chain_key_differs(connection)
    except ChainKeyDiffers:
        return None
    basis = basis_of(connection, as_of=as_of, policy=policy)

    def gaps_of(window: Period) -> dict[str, UnitGap]:
        stored = balance_on(connection, window, basis)
        if stored is not None:
            return _unit_gaps(stored.answer.by_unit)
        return _unit_gaps(balance(chain_on(connection, as_of, policy=policy), window).by_unit)

    windows = _windows(as_of, standing, alert_policy)
    gaps = {window: (gaps_of(window), gaps_of(_before(window, alert_policy))) for window in windows}
    now, before = gaps.pop(windows[0])
    return UnitGaps(now=now, before=before, earlier=gaps)


def windows_of_gaps(connection: Connection, as_of: date, alert_policy: AlertPolicy) -> list[Period]:
    """Every period whose balance on a day the rule about gaps of units looks at."""
    standing = (alert for alert in alerts_of(read_alert_events(connection)).values() if alert.stands)
    windows = _windows(as_of, standing, alert_policy)
    return [asked for window in windows for asked in (window, _before(window, alert_policy))]


def _windows(as_of: date, standing: Iterable[Alert], alert_policy: AlertPolicy) -> list[Period]:
    """The newest window of deliveries, then those that alerts name, by day."""
    newest = Period(as_of - timedelta(days=alert_policy.gap_window_days - 1), as_of)
    alerted = {window for alert in standing if alert.rule is AlertRule.GAP_OF_UNIT for window in windows_of(alert)}
    return [newest, *sorted(alerted - {newest})]


def _before(window: Period, alert_policy: AlertPolicy) -> Period:
    """The year before a window, by which it is judged."""
    day_before = window.start - timedelta(days=1)
    return Period(day_before - timedelta(days=alert_policy.history_days - 1), day_before)


def _unit_gaps(bridges: Iterable[Bridge]) -> dict[str, UnitGap]:
    found: dict[str, UnitGap] = {}
    for bridge in bridges:
        may_come = sum(bridge.causes[cause.value] for cause in MAY_STILL_COME)
        found[str(bridge.unit)] = UnitGap(delivered=bridge.delivered, unrecognised=bridge.gap - may_come)
    return found
