"""How many were registered in the months that are over, beside what was usual: read once per month and input."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection

from ketenbalans.alerts.life import Alert
from ketenbalans.code_version import digest_of_all_texts
from ketenbalans.columns.kept_frame import kept_frame
from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.jobs.nowcast.asking import what_is_silent
from ketenbalans.jobs.nowcast.suspects import known_suspects
from ketenbalans.nowcast.known import KnownSuspects
from ketenbalans.nowcast.pace import Pace, as_it_happened, paces
from schemas.alerts import AlertRule
from schemas.period import Period, first_day_of_month, last_day_of_month
from schemas.policy import Policy
from warehouse.balances import input_fingerprint

COLUMNS = {
    "group": pl.String,
    "registered": pl.Int64,
    "usual": pl.Float64,
    "months_before": pl.Int64,
    "deviations": pl.Float64,
}


def month_paces(
    connection: Connection, as_of: date, standing: Iterable[Alert], *, policy: Policy
) -> dict[Period, list[Pace]]:
    """The pace of the newest month that is over, and of those that an alert names, each as known on its last day.

    One that an alert names is ordinary once what was recorded since says that it was: it was known too late, or was
    mended.

    A month whose last day neither register covers yet, or after which a source stands still, is left out: silence would
    count as not registered. What was worked out is kept: the registers are linked as of the end of a month only when
    something was recorded by then that was not there before.

    Args:
        connection: of a snapshot.
        as_of: the last day that both registers cover.
        standing: the alerts that stand.
        policy: the numbers that the registers are linked with.
    """
    newest = as_of if as_of == last_day_of_month(as_of) else first_day_of_month(as_of) - timedelta(days=1)
    alerted = {one.period for one in standing if one.rule is AlertRule.NOWCAST_MISSED and one.period is not None}
    months = {Period(first_day_of_month(newest), newest), *alerted}
    return {
        month: _paces_of(connection, month, as_of, policy=policy)
        for month in sorted(months)
        if what_is_silent(connection, month.end) is None
    }


def _paces_of(connection: Connection, month: Period, as_of: date, *, policy: Policy) -> list[Pace]:
    """Worked out once for what was recorded by the month's end; of a month with an alert, once for each day since."""
    key = {
        "code": digest_of_all_texts(),
        "month": str(month),
        "input": input_fingerprint(connection, as_of=month.end),
        "policy": policy.to_dict(),
    }

    def known_on(day: date) -> KnownSuspects:
        return known_suspects(connection, chain_on(connection, day, policy=policy))

    def kept(name: str, rests_on: Mapping[str, Any], work_out: Callable[[], list[Pace]]) -> list[Pace]:
        frame = kept_frame(
            connection,
            f"{name}-{month.start:%Y-%m}",
            rests_on,
            lambda: pl.DataFrame([asdict(one) for one in work_out()], schema=COLUMNS),
        )
        return [Pace(**row) for row in frame.to_dicts()]

    found = kept("pace", key, lambda: paces(known_on(month.end)))
    is_outside = any(one.is_outside for one in found)
    if not is_outside or last_day_of_month(as_of) <= month.end:
        return found
    since = kept(
        "pace-since",
        {**key, "as_of": as_of.isoformat()},
        lambda: paces(as_it_happened(known_on(as_of), until=month.end)),
    )
    return found if any(one.is_outside for one in since) else since
