"""Read what the rule about gaps of units looks at: the newest deliveries, and those that an alert names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from ketenbalans.alerts.facts import Gaps, UnitGap
from ketenbalans.alerts.life import Alert
from ketenbalans.alerts.windows import windows_of
from ketenbalans.incidents.checks import ChainKeyDiffers
from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.reconciliation.balance import balance
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.answer_parts import Bridge
from schemas.causes import Cause
from schemas.period import Period
from schemas.policy import Policy

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
    """Read them; None while nothing is linked: no day is covered, or an extract has another chain key."""
    if as_of is None:
        return None
    try:
        chain = chain_on(connection, as_of, policy=policy)
    except ChainKeyDiffers:
        return None

    def gaps_in(window: Period) -> Gaps:
        day_before = window.start - timedelta(days=1)
        before = Period(day_before - timedelta(days=alert_policy.history_days - 1), day_before)
        return _unit_gaps(balance(chain, window).by_unit), _unit_gaps(balance(chain, before).by_unit)

    newest = Period(as_of - timedelta(days=alert_policy.gap_window_days - 1), as_of)
    alerted = {window for alert in standing if alert.rule is AlertRule.GAP_OF_UNIT for window in windows_of(alert)}
    now, before = gaps_in(newest)
    return UnitGaps(now=now, before=before, earlier={window: gaps_in(window) for window in sorted(alerted - {newest})})


def _unit_gaps(bridges: Iterable[Bridge]) -> dict[str, UnitGap]:
    found: dict[str, UnitGap] = {}
    for bridge in bridges:
        may_come = sum(bridge.causes[cause.value] for cause in MAY_STILL_COME)
        found[str(bridge.unit)] = UnitGap(delivered=bridge.delivered, unrecognised=bridge.gap - may_come)
    return found
