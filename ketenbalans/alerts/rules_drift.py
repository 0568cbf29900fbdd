"""The rule about shares: a value of a column that became much more common or much rarer than in the year before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from ketenbalans.alerts import bands
from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.history import SourceHistory, of_every_window
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.period import Period

NOT_COMPARED = ("recorded_on", "is_first", "unit")
"""Columns of ``Facts.seen`` that are no share to watch."""


def drifts(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A column in which a value became much more common or much rarer: of each column the value that moved most."""
    for source in facts.sources:
        yield from of_every_window(facts, source, AlertRule.DRIFT, policy, partial(_drifts, facts, source, policy))


def _drifts(facts: Facts, source: str, policy: AlertPolicy, history: SourceHistory) -> Iterator[Finding]:
    """The columns that drifted in a window; in one of days gone by the records count as they were mended since."""
    mended = facts.mended.get((source, history.window))
    if mended is not None and history.window != facts.window(source, days=policy.window_days):
        history = replace(history, new=mended)
    for column, new, before in compared_columns(history, policy):
        found = _drift(f"{source}.{column}", new, before, history.window, policy)
        if found is not None:
            yield found


def compared_columns(history: SourceHistory, policy: AlertPolicy) -> Iterator[tuple[str, pl.Series, pl.Series]]:
    """Each column whose shares are compared, in the new records and in those before; none when they are too few."""
    new, before = history.new.filter("is_first"), history.before.filter("is_first")
    if min(new.height, before.height) >= policy.drift_records:
        for column in (name for name in new.columns if name not in NOT_COMPARED):
            yield column, new[column], before[column]


@dataclass(frozen=True)
class Share:
    """How often one value of a column came in new records, and before.

    Attributes:
        value: the value, a word of administration.
        now: how many of the new records have it.
        of: how many new records there are.
        share_before: its share in the records before.
        records_before: how many those are.
    """

    value: str
    now: int
    of: int
    share_before: float
    records_before: int

    def chance(self, now: int, *, rose: bool) -> float:
        """The chance of so many with the value, or more, or less, where the share is what it was."""
        usual = (self.share_before * self.records_before + 0.5) / (self.records_before + 1)  # never 0 or 1
        chance_of = bands.chance_of_so_large_a_part if rose else bands.chance_of_so_small_a_part
        return chance_of(now, of=self.of, share=usual)

    def has_drifted(self, now: int, policy: AlertPolicy, *, rose: bool) -> bool:
        """Whether so many with the value would be out of band on one side."""
        shift = now / self.of - self.share_before
        is_large = round(shift if rose else -shift, 9) >= policy.drift_shift
        return is_large and self.chance(now, rose=rose) < policy.false_alarm_chance


def share_that_moved_most(new: pl.Series, before: pl.Series) -> Share:
    """Of a column the value whose share moved most."""
    now, then = (dict(column.value_counts().iter_rows()) for column in (new, before))
    shifts = {value: now.get(value, 0) / len(new) - then.get(value, 0) / len(before) for value in sorted({*now, *then})}
    value = max(shifts, key=lambda one: abs(shifts[one]))
    return Share(value, now.get(value, 0), len(new), then.get(value, 0) / len(before), len(before))


def _drift(subject: str, new: pl.Series, before: pl.Series, window: Period, policy: AlertPolicy) -> Finding | None:
    share = share_that_moved_most(new, before)
    rose = share.now / share.of > share.share_before
    if not share.has_drifted(share.now, policy, rose=rose):
        return None
    return Finding(
        rule=AlertRule.DRIFT,
        subject=subject,
        says=f"{subject} is {share.value!r} in {share.now} of the {share.of} new records between {window.start} and "
        f"{window.end}, where {share.share_before:.0%} would be usual",
        evidence={
            "value": share.value,
            "records_with_it": share.now,
            "records": share.of,
            "usual_share": round(share.share_before, 3),
            "from": window.start.isoformat(),
            "until": window.end.isoformat(),
            "chance": float(f"{share.chance(share.now, rose=rose):.1g}"),
        },
        mark=window.end.isoformat(),
        period=window,
        amount=round(abs(share.now - share.share_before * share.of), 1),
    )
