"""Say why a figure moved between two days, and how the figures of several periods moved month by month."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.columns.registers import registers_of
from ketenbalans.jobs.balancing.chains import chain_on, steps_on
from ketenbalans.jobs.balancing.verdicts import Judge
from ketenbalans.jobs.breaks.of_balance import breaks_of
from ketenbalans.jobs.figures.published import published_beside
from ketenbalans.reconciliation.balance import Balance, balance, balances_of, counted
from ketenbalans.reconciliation.breaks import found_breaks
from ketenbalans.reconciliation.moves import moved, moved_between
from ketenbalans.reconciliation.reasons import (
    News,
    cases_in_question,
    news_between,
    news_of,
    with_news,
    with_reasons,
)
from ketenbalans.reconciliation.recounted import recounted
from ketenbalans.reconciliation.relink import Relinking
from ketenbalans.reconciliation.restatement import (
    Restatement,
    about_the_moves,
    named_moves,
    reclassified_cases,
    restatements,
)
from ketenbalans.reconciliation.triangle import Revision, revisions_on, triangle
from schemas.alert_policy import AlertPolicy
from schemas.answer_restated import ShownRestatement
from schemas.catalogue import POLICE
from schemas.period import Period
from schemas.policy import Policy
from schemas.verdicts import Judgement
from warehouse.database import snapshot
from warehouse.evidence import read_evidence
from warehouse.extracts import is_synthetic


def restate(
    warehouse: Engine | Connection,
    *,
    period: Period,
    days: tuple[date, date],
    policy: Policy,
    alert_policy: AlertPolicy | None = None,
) -> ShownRestatement:
    """Give the restatement of a period between two days.

    Args:
        warehouse: which, or the connection of a snapshot.
        period: the period.
        days: the earlier and the later day of knowledge.
        policy: the numbers that a person chose.
        alert_policy: how many may be missing, by which each day has its verdict, which also rests on what stops a
            source now; None: it has none.

    Raises:
        RestatementDoesNotClose: a defect of ours.
    """
    with snapshot(warehouse) as connection:
        before, after = (balance(chain_on(connection, day, policy=policy), period) for day in days)
        recorded = registers_of(connection).state(as_of=days[1], changed_since=days[0])
        news = news_between(before.counted.chain, after.counted.chain, *recorded)
        moves = _explained(connection, moved_between(before, after), news, [period])
        (found,) = restatements([before], [after], moves)
        moves = named_moves(moves, _evidence(connection, *about_the_moves(moves), as_of=days[1]), days)
        judge = None if alert_policy is None else _judge_of(connection, policy, alert_policy)
        return ShownRestatement(
            **vars(found.answer(moves)),
            verdicts={} if judge is None else {one.as_of: judge(one) for one in (before, after)},
            published={day: published_beside(period, day) for day in days},
            synthetic=is_synthetic(connection),
            policy=policy.to_dict(),
        )


def revisions(  # noqa: PLR0913 (the question and what is reported of it)
    warehouse: Engine | Connection,
    *,
    periods: Sequence[Period],
    days: Sequence[date],
    policy: Policy,
    on_progress: Callable[[str], None],
    alert_policy: AlertPolicy | None = None,
) -> list[Revision]:
    """Give the figures of some periods as known on each of some days, with why each differs from the one before.

    Args:
        warehouse: which, or the connection of a snapshot.
        periods: which; none: every calendar year with records.
        days: ascending, at least one; also those after the last day that both registers cover, which is not to be
            seen in a figure but in its verdict.
        policy: the numbers that a person chose.
        on_progress: called with the day that is being worked out.
        alert_policy: how many may be missing, by which each figure has the verdict of its balance; None: it has none.
    """
    with snapshot(warehouse) as connection:
        years = periods or [Period.of_year(year) for year in registers_of(connection).years(as_of=days[-1])]
        judge = None if alert_policy is None else _judge_of(connection, policy, alert_policy)
        found: list[list[Revision]] = []
        for later, steps, _ in _balanced_on(
            connection, years, days if years else (), policy=policy, on_day=on_progress
        ):
            judgements = {} if judge is None else {one.period: judge(one) for one in later}
            found.append(revisions_on(later, steps, judgements))
    return triangle(found)


def _judge_of(connection: Connection, policy: Policy, alert_policy: AlertPolicy) -> Callable[[Balance], Judgement]:
    """What judges balances that were made in a snapshot; no more may be missing than the policy says."""
    judge = Judge(connection, alert_policy=alert_policy)

    def judgement(made: Balance) -> Judgement:
        def breaks() -> pl.DataFrame:
            found = found_breaks(made, policy=policy)
            return breaks_of(connection, found, period=made.period, as_of=made.as_of).rows

        return judge.judgement(made.answer(), breaks)

    return judgement


class _Balanced(NamedTuple):
    """The balances of a day, how each moved since the day before it, and the moves with their reasons.

    On the first day nothing moved yet: each step is None.
    """

    balances: Sequence[Balance]
    steps: Sequence[Restatement | None]
    moves: pl.DataFrame


def _balanced_on(
    connection: Connection,
    periods: Sequence[Period],
    days: Sequence[date],
    *,
    policy: Policy,
    on_day: Callable[[str], None] = lambda _: None,
) -> Iterator[_Balanced]:
    """The balances of some periods as known on each of some days, ascending; what moved is explained step by step."""
    earlier: Sequence[Balance] = ()
    for step in steps_on(connection, days, policy=policy):
        if not isinstance(step, Relinking):
            on_day(f"as of {step.as_of}")
            found = counted(step, periods)
            earlier = balances_of(found)
            yield _Balanced(earlier, [None] * len(periods), pl.DataFrame())
            continue
        on_day(f"as of {step.after.as_of}")
        again = recounted(found, step)
        found, later = again.after, balances_of(again.after)
        moves = moved(again.suspects_before, again.suspects_after)
        moves = _explained(connection, moves, news_of(step), periods)
        yield _Balanced(later, restatements(earlier, later, moves), moves)
        earlier = later


def _explained(connection: Connection, moves: pl.DataFrame, news: News, periods: Sequence[Period]) -> pl.DataFrame:
    """Moves between two days, each with its reason."""
    moves, days = with_news(moves, news, periods), (news.before.as_of, news.after.as_of)
    in_question = _evidence(connection, [], cases_in_question(moves), as_of=days[1])
    return with_reasons(moves, reclassified_cases(in_question, days))


def _evidence(
    connection: Connection, suspects: Sequence[tuple[str, int]], cases: Sequence[str], *, as_of: date
) -> pl.DataFrame:
    """The events of suspects whom the police delivered, and of cases."""
    return read_evidence(connection, suspects=sorted(suspects), cases=sorted(cases), as_of=as_of, party=POLICE)
