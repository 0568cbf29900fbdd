"""What a report and the page of a year say of what may still come of a balance."""

from decimal import Decimal

from sqlalchemy import Connection

from ketenbalans.jobs.figures.targets import suspects_aimed_at
from ketenbalans.jobs.nowcast.asking import nowcast_on
from ketenbalans.nowcast.forecast import Forecast
from ketenbalans.nowcast.question import Question
from ketenbalans.reports.report_parts import MayCome, YearTarget
from schemas.answer import BalanceAnswer
from schemas.period import Period
from schemas.policy import Policy


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
        target=_target(balance.period, counts["delivered"]) if balance.as_of >= balance.period.end else None,
    )


def _target(period: Period, delivered: Forecast) -> YearTarget | None:
    """The target of a period that is over: while it runs, most of it has yet to be delivered."""
    aimed: Decimal | None = suspects_aimed_at(period)
    return None if aimed is None else YearTarget(suspects=int(aimed), chance=delivered.chance_of(aimed))
