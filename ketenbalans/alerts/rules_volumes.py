"""Rules about how much a source says, held against its own year before.

Something is unusual when chance would bring it about less often than the policy allows and when it is large enough to
matter.
"""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import partial

import polars as pl

from ketenbalans.alerts import bands
from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.history import SourceHistory, history_of, of_every_window, standing_alerts
from ketenbalans.alerts.life import Alert
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.period import Period


def volumes(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A source that reported much less or brought much more than it used to; else units of it that did.

    Too little is seen in all that a source says, for half an extract lacks corrections as well as records. Too much is
    seen in its new records alone: a source that mends many of them says more, and is thanked for it.
    """
    for source in facts.sources:
        alerted = {alert.subject for alert in standing_alerts(facts, AlertRule.VOLUME, source)}
        yield from of_every_window(
            facts, source, AlertRule.VOLUME, policy, partial(_volumes, source, policy=policy, alerted=alerted)
        )


def _volumes(
    source: str, history: SourceHistory, *, policy: AlertPolicy, alerted: Collection[str]
) -> Iterator[Finding]:
    """What is out of band in a window: the whole source, and its units when it is not or when they were ``alerted``."""
    rows, records = (history.new.height, history.before.height), first_rows(history.new, history.before)
    whole = _volume(source, history, rows, policy, "rows", too_many=False)
    whole = whole or _volume(source, history, records, policy, "new records", too_many=True)
    if whole is not None:
        yield whole
    before, new = (first_rows_by_unit(rows) for rows in (history.before, history.new))
    for unit in sorted(before):
        subject = f"{source}/{unit}"
        if unit in new and (whole is None or subject in alerted):  # a unit without any is for unit_silent
            for too_many in (False, True):
                found = _volume(subject, history, (new[unit], before[unit]), policy, "new records", too_many=too_many)
                if found is not None:
                    yield found


def silent_units(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A unit that has delivered nothing for so long that chance does not explain it."""
    for source in facts.sources:
        history = history_of(facts, source, policy)
        if history is None:
            continue
        recent = pl.concat([history.before, history.new]).filter("is_first", pl.col("unit").is_not_null())
        last = dict(recent.group_by("unit").agg(pl.col("recorded_on").max()).iter_rows())
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
                    says=f"{unit} has reported nothing new in {source} since {day}: {silent_days} working days, in "
                    f"which {usual:.0f} records would be usual",
                    evidence={
                        "source": source,
                        "last_recorded_on": day.isoformat(),
                        "working_days_silent": silent_days,
                        "usual_records": round(usual, 1),
                    },
                    mark=day.isoformat(),
                    period=Period(day + timedelta(days=1), history.window.end),
                    amount=silent_days,
                )


def is_still_silent(alert: Alert, facts: Facts) -> bool:
    """Whether a unit has reported nothing since the day that its alert names.

    The longer it is silent, the less its year before says of how much would be usual: that does not end its silence.
    """
    recent = facts.recent.get(str(alert.evidence["source"]))
    since = date.fromisoformat(str(alert.evidence["last_recorded_on"]))
    if recent is None or recent.is_empty():
        return True
    of_the_unit = recent.filter("is_first", pl.col("unit") == alert.subject)
    return of_the_unit.filter(pl.col("recorded_on") > since).is_empty()


def first_rows_by_unit(rows: pl.DataFrame) -> dict[str, int]:
    """How many records begin, per unit."""
    of_a_unit = rows.filter("is_first", pl.col("unit").is_not_null())
    return dict(of_a_unit.group_by("unit").len().iter_rows())


def first_rows(new: pl.DataFrame, before: pl.DataFrame) -> tuple[int, int]:
    """How many records begin in the window, and before it."""
    return new.filter("is_first").height, before.filter("is_first").height


def _volume(  # noqa: PLR0913 (what is counted, against what, and in which direction)
    subject: str, history: SourceHistory, counts: tuple[int, int], policy: AlertPolicy, what: str, *, too_many: bool
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
        period=history.window,
        amount=round(abs(new - usual), 1),
    )


def usual_volume(history: SourceHistory, before: int) -> float:
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
