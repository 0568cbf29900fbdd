"""Rules about how much a source tells and of what kind, held against its own year before.

The window is what the newest extracts told of. Something is unusual when chance would bring it about less often than
the policy allows and when it is large enough to matter; with too little history nothing is unusual.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from alerts import bands
from alerts.facts import Facts
from alerts.finding import Finding
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule, Severity
from schemas.period import Period

NOT_COMPARED = ("recorded_on", "is_first", "unit")
"""Columns of ``Facts.seen`` that are no share to watch."""


@dataclass(frozen=True)
class History:
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


def history_of(facts: Facts, source: str, policy: AlertPolicy) -> History | None:
    """The window of a source beside its ordinary time; None when there is too little of either."""
    window, seen = facts.window(source, days=policy.window_days), facts.seen.get(source)
    if window is None or seen is None or seen.is_empty():
        return None
    first = seen["recorded_on"].min()
    assert isinstance(first, date)
    began = max(first, window.start - timedelta(days=policy.history_days))
    if (window.start - began).days < policy.enough_history_days:
        return None
    recorded_on = pl.col("recorded_on")
    return History(
        window=window,
        began=began,
        new=seen.filter(recorded_on.is_between(window.start, window.end)),
        before=seen.filter(recorded_on.is_between(began, window.start - timedelta(days=1))),
    )


def volumes(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A source that told much less or brought much more than it used to; else units of it that did.

    Too little is seen in all that a source tells, for half an extract lacks corrections as well as records. Too much is
    seen in its new records alone: a source that mends many of them tells more, and is thanked for it.
    """
    for source in facts.sources:
        history = history_of(facts, source, policy)
        if history is None:
            continue
        rows, records = (history.new.height, history.before.height), first_rows(history.new, history.before)
        whole = _volume(source, history, rows, policy, "rows", too_many=False)
        whole = whole or _volume(source, history, records, policy, "new records", too_many=True)
        if whole is not None:
            yield whole
            continue  # then its units are no news of their own
        before, new = (first_rows_by_unit(rows) for rows in (history.before, history.new))
        for unit in sorted(before):
            if unit in new:  # a unit without any is for unit_silent
                counts = (new[unit], before[unit])
                for too_many in (False, True):
                    found = _volume(f"{source}/{unit}", history, counts, policy, "new records", too_many=too_many)
                    if found is not None:
                        yield found


def silent_units(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A unit that has delivered nothing for so long that chance does not explain it."""
    for source in facts.sources:
        history = history_of(facts, source, policy)
        if history is None:
            continue
        seen = pl.concat([history.before, history.new]).filter("is_first", pl.col("unit").is_not_null())
        last = dict(seen.group_by("unit").agg(pl.col("recorded_on").max()).iter_rows())
        counted = first_rows_by_unit(pl.concat([history.before, history.new]))
        for unit, day in sorted(last.items()):
            days = bands.working_days(history.began, history.window.end)
            silent_days = bands.working_days(day + timedelta(days=1), history.window.end)
            chance = bands.chance_of_none_lately(counted[unit], silent_days=silent_days, days=days)
            if chance < policy.false_alarm_chance:
                usual = counted[unit] / max(1, days - silent_days) * silent_days
                yield Finding(
                    rule=AlertRule.UNIT_SILENT,
                    subject=unit,
                    severity=Severity.WARNING,
                    says=f"{unit} has told nothing new in {source} since {day}: {silent_days} working days, in which "
                    f"{usual:.0f} records would be usual",
                    evidence={
                        "source": source,
                        "last_recorded_on": day.isoformat(),
                        "working_days_silent": silent_days,
                        "usual_records": round(usual, 1),
                    },
                    mark=day.isoformat(),
                )


def drifts(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A column in which a value became much more common or much rarer: of each column the value that moved most."""
    for source in facts.sources:
        history = history_of(facts, source, policy)
        if history is None:
            continue
        for column, new, before in compared_columns(history, policy):
            found = _drift(f"{source}.{column}", new, before, history.window, policy)
            if found is not None:
                yield found


def compared_columns(history: History, policy: AlertPolicy) -> Iterator[tuple[str, pl.Series, pl.Series]]:
    """Each column whose shares are compared, in the new records and in those before; none when they are too few."""
    new, before = history.new.filter("is_first"), history.before.filter("is_first")
    if min(new.height, before.height) >= policy.drift_records:
        for column in (name for name in new.columns if name not in NOT_COMPARED):
            yield column, new[column], before[column]


def first_rows_by_unit(rows: pl.DataFrame) -> dict[str, int]:
    """How many records begin, per unit."""
    of_a_unit = rows.filter("is_first", pl.col("unit").is_not_null())
    return dict(of_a_unit.group_by("unit").len().iter_rows())


def first_rows(new: pl.DataFrame, before: pl.DataFrame) -> tuple[int, int]:
    """How many records begin in the window, and before it."""
    return new.filter("is_first").height, before.filter("is_first").height


def _volume(  # noqa: PLR0913 (what is counted, against what, and in which direction)
    subject: str, history: History, counts: tuple[int, int], policy: AlertPolicy, what: str, *, too_many: bool
) -> Finding | None:
    """Whether a count of the window lies outside its band on one side; ``counts`` are now and before."""
    new, before = counts
    if not before or not history.working_days_before:
        return None
    usual = usual_volume(history, before)
    if not is_out_of_band(new, usual, policy, too_many=too_many):
        return None
    chance = _chance_of_volume(new, usual, too_many=too_many)
    return Finding(
        rule=AlertRule.VOLUME,
        subject=subject,
        severity=Severity.WARNING,
        says=f"{subject} brought {new} {what} between {history.window.start} and {history.window.end}, where "
        f"{usual:.0f} would be usual",
        evidence={
            "counted": new,
            "usual": round(usual, 1),
            "from": history.window.start.isoformat(),
            "until": history.window.end.isoformat(),
            "chance": float(f"{chance:.1g}"),
        },
        mark=history.window.end.isoformat(),
    )


def usual_volume(history: History, before: int) -> float:
    """How many are usual in the window, where so many came before it."""
    return before / history.working_days_before * history.working_days_new


def is_out_of_band(new: int, usual: float, policy: AlertPolicy, *, too_many: bool) -> bool:
    """Whether a count is too low, or too high, for chance and by enough to matter."""
    times = new / usual if too_many else usual / max(new, 1)
    return (
        _chance_of_volume(new, usual, too_many=too_many) < policy.false_alarm_chance and times >= policy.volume_factor
    )


def _chance_of_volume(new: int, usual: float, *, too_many: bool) -> float:
    chance_of = bands.chance_of_so_many if too_many else bands.chance_of_so_few
    return chance_of(new, expected=usual)


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
        severity=Severity.WARNING,
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
    )
