"""What a report and the page of a year say of what may still come of a balance."""

from datetime import date
from decimal import Decimal

import polars as pl
from sqlalchemy import Connection

from ketenbalans.code_version import digest_of_all_texts
from ketenbalans.columns.kept_frame import kept_frame
from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.jobs.figures.targets import suspects_aimed_at
from ketenbalans.jobs.nowcast.asking import nowcast_on
from ketenbalans.jobs.nowcast.suspects import known_suspects
from ketenbalans.nowcast.forecast import Forecast
from ketenbalans.nowcast.past import PastForecast, past_forecasts
from ketenbalans.nowcast.question import Question
from ketenbalans.reports.report_parts import MayCome, YearTarget
from schemas.answer import BalanceAnswer
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import input_fingerprint

PAST_MONTHS = 12
"""So many forecasts are shown beside what came of them."""
PAST_COLUMNS = {
    "month_end": pl.Date,
    **dict.fromkeys(("known", "expected", "low", "high", "came"), pl.Int64),
}


def may_come(connection: Connection, balance: BalanceAnswer, *, policy: Policy, horizon_days: int) -> MayCome | None:
    """What is expected of the period of a balance when all has come.

    Args:
        connection: of a snapshot.
        balance: made under the policy.
        policy: the numbers that the registers are linked with.
        horizon_days: how long after the period what comes is waited for.

    Returns:
        None where all has come, where the nowcast refuses, or where what was recorded by the day of the balance is
        no longer what the balance counts: beside its figures a forecast from others would be compared with them.

    Raises:
        ChainKeyDiffers: an extract was made with another chain key, and nobody resumed that; nothing was linked.
    """
    question = Question.of(balance.period, as_of=balance.as_of, horizon_days=horizon_days)
    if question.is_over:
        return None
    counts = nowcast_on(connection, question, policy=policy).targets
    if counts is None:
        return None
    if any(counts[name].known != getattr(balance, name) for name in ("delivered", "recognised")):
        return None
    return MayCome(
        known_on=question.known_on,
        delivered_until=question.delivered_until,
        counts=counts,
        past=_past(connection, balance.as_of, policy=policy, horizon_days=horizon_days),
        target=_target(balance.period, counts["delivered"]) if balance.as_of >= balance.period.end else None,
    )


def _past(connection: Connection, as_of: date, *, policy: Policy, horizon_days: int) -> list[PastForecast]:
    """How the forecasts of the year before turned out: worked out once for what is known on a day."""
    key = {
        "code": digest_of_all_texts(),
        "as_of": as_of.isoformat(),
        "input": input_fingerprint(connection, as_of=as_of),
        "policy": policy.to_dict(),
        "horizon_days": horizon_days,
    }

    def work_out() -> pl.DataFrame:
        known = known_suspects(connection, chain_on(connection, as_of, policy=policy))
        found = past_forecasts(known, months=PAST_MONTHS, horizon_days=horizon_days, policy=policy.to_dict())
        rows = [(one.month_end, one.known, one.expected, *one.ends, one.came) for one in found]
        return pl.DataFrame(rows, schema=PAST_COLUMNS, orient="row")

    return [
        PastForecast(month_end=end, known=known, expected=expected, ends=(low, high), came=came)
        for end, known, expected, low, high, came in kept_frame(
            connection, f"forecasts-{as_of}", key, work_out
        ).iter_rows()
    ]


def _target(period: Period, delivered: Forecast) -> YearTarget | None:
    """The target of a period that is over: while it runs, most of it has yet to be delivered."""
    aimed: Decimal | None = suspects_aimed_at(period)
    return None if aimed is None else YearTarget(suspects=int(aimed), chance=delivered.chance_of(aimed))
