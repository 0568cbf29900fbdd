"""The numbers behind the rules about volume and drift, also when nothing is unusual: what was counted and its band.

The band is the rules' own (``alerts.rules_volumes``, ``alerts.rules_drift``): a number outside it is one that they call
unusual. They are about fewer, since what is true of a whole source is no news of its units.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from ketenbalans.alerts import bands
from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.history import SourceHistory, history_of
from ketenbalans.alerts.rules_drift import Share, compared_columns, share_that_moved_most
from ketenbalans.alerts.rules_volumes import first_rows, first_rows_by_unit, is_out_of_band, usual_volume
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.period import Period

MOST = 2**31
"""More than any window brings."""


@dataclass(frozen=True, kw_only=True)
class WindowMeasure:
    """One number of the newest window of a source beside what is ordinary.

    Attributes:
        rule: the alert that says when it is out of its band.
        subject: what it is about, for example ``police_deliveries/PL0900``.
        what: what is counted.
        period: the window.
        counted: the number.
        lowest: below it there are too few; None: as few as there are may be.
        highest: above it there are too many; None: as many as there are may be.
        usual: what the year before would bring.
    """

    rule: AlertRule
    subject: str
    what: str
    period: Period
    counted: int
    lowest: int | None
    highest: int | None
    usual: float


def measures(facts: Facts, policy: AlertPolicy) -> Iterator[WindowMeasure]:
    """Every number that the rules look at; none of a source with too little history."""
    for source in facts.sources:
        history = history_of(facts, source, policy)
        if history is not None and history.working_days_before and history.working_days_new:
            yield from _volumes(source, history, policy)
            for column, new, before in compared_columns(history, policy):
                yield _drift(f"{source}.{column}", share_that_moved_most(new, before), history, policy)


def _volumes(source: str, history: SourceHistory, policy: AlertPolicy) -> Iterator[WindowMeasure]:
    """Of a source too little in all rows and too much in new records; of a unit both in new records."""
    begun, begun_before = first_rows(history.new, history.before)
    of_the_source = [
        (source, "rows", history.new.height, history.before.height, {"too_many": False}),
        (source, "new records", begun, begun_before, {"too_few": False}),
    ]
    before, new = (first_rows_by_unit(rows) for rows in (history.before, history.new))
    of_units: list[tuple[str, str, int, int, dict[str, bool]]] = [
        (f"{source}/{unit}", "new records", new.get(unit, 0), before[unit], {}) for unit in sorted(before)
    ]
    for subject, what, counted, so_many_before, sides in (*of_the_source, *of_units):
        if so_many_before:
            usual = usual_volume(history, so_many_before)
            lowest, highest = _band(usual, policy, **sides)
            yield WindowMeasure(
                rule=AlertRule.VOLUME,
                subject=subject,
                what=what,
                period=history.window,
                counted=counted,
                lowest=lowest,
                highest=highest,
                usual=usual,
            )


def _band(
    usual: float, policy: AlertPolicy, *, too_few: bool = True, too_many: bool = True
) -> tuple[int | None, int | None]:
    is_out = partial(is_out_of_band, usual=usual, policy=policy)
    lowest = bands.lowest_ordinary(partial(is_out, too_many=False), usual=round(usual)) if too_few else None
    if not too_many:
        return lowest, None
    return lowest, bands.highest_ordinary(partial(is_out, too_many=True), usual=int(usual), at_most=MOST)


def _drift(subject: str, share: Share, history: SourceHistory, policy: AlertPolicy) -> WindowMeasure:
    drifted = partial(share.has_drifted, policy=policy)
    usual = share.share_before * share.of
    return WindowMeasure(
        rule=AlertRule.DRIFT,
        subject=subject,
        what=f"{share.value} among {share.of} new records",
        period=history.window,
        counted=share.now,
        lowest=bands.lowest_ordinary(partial(drifted, rose=False), usual=round(usual)),
        highest=bands.highest_ordinary(partial(drifted, rose=True), usual=int(usual), at_most=share.of),
        usual=usual,
    )
