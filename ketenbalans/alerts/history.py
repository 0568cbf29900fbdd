"""The newest window of a source beside its own year before, and the windows that an alert names.

The window is what the newest extracts covered. With too little history nothing is unusual.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from ketenbalans.alerts import bands
from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.life import Alert
from ketenbalans.alerts.windows import of_windows, windows_of
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.period import Period


@dataclass(frozen=True)
class SourceHistory:
    """The rows of a source in its newest window, and in the ordinary time before it."""

    window: Period
    began: date
    new: pl.DataFrame
    before: pl.DataFrame

    @property
    def working_days_before(self) -> int:
        """How long the ordinary time was."""
        return bands.working_days(self.began, self.window.start - timedelta(days=1))

    @property
    def working_days_new(self) -> int:
        """How long the window is."""
        return bands.working_days(self.window.start, self.window.end)


def history_of(facts: Facts, source: str, policy: AlertPolicy, *, window: Period | None = None) -> SourceHistory | None:
    """A window of a source, by default the newest, beside its ordinary time; None with too little of either."""
    window, recent = window or facts.window(source, days=policy.window_days), facts.recent.get(source)
    if window is None or recent is None or recent.is_empty():
        return None
    first = recent["recorded_on"].min()
    assert isinstance(first, date)
    began = max(first, window.start - timedelta(days=policy.history_days))
    if (window.start - began).days < policy.enough_history_days:
        return None
    recorded_on = pl.col("recorded_on")
    return SourceHistory(
        window=window,
        began=began,
        new=recent.filter(recorded_on.is_between(window.start, window.end)),
        before=recent.filter(recorded_on.is_between(began, window.start - timedelta(days=1))),
    )


def of_every_window(
    facts: Facts,
    source: str,
    rule: AlertRule,
    policy: AlertPolicy,
    find: Callable[[SourceHistory], Iterator[Finding]],
) -> Iterator[Finding]:
    """What is unusual in the newest window, and what still is in the windows that the alert names."""
    newest = history_of(facts, source, policy)
    if newest is None:
        return
    found = {finding.subject: [finding] for finding in find(newest)}
    for alert in standing_alerts(facts, rule, source):
        for window in windows_of(alert):
            history = None if window == newest.window else history_of(facts, source, policy, window=window)
            if history is not None:
                found.setdefault(alert.subject, []).extend(one for one in find(history) if one.subject == alert.subject)
    for of_subject in found.values():
        if of_subject:
            yield of_windows(of_subject)


def lies_out_of_reach(alert: Alert, facts: Facts, policy: AlertPolicy) -> bool:
    """Whether the days that an alert names lie so long ago that the rows that are looked at do not show them."""
    source = source_of(alert.subject)
    if alert.period is None or source not in facts.recent:
        return False
    return history_of(facts, source, policy, window=alert.period) is None


def source_of(subject: str) -> str:
    """The source of a subject: what stands before its column or its unit."""
    return re.split("[./]", subject)[0]


def standing_alerts(facts: Facts, rule: AlertRule, source: str) -> list[Alert]:
    """The alerts of a rule about a source, its columns or its units that stand."""
    return [alert for alert in facts.standing.values() if alert.rule is rule and source_of(alert.subject) == source]
