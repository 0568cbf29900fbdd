"""Say why a figure moved between two days, and how the figures of several periods moved month by month."""

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.columns.registers import registers_of
from ketenbalans.jobs.balancing.chains import chains_on
from ketenbalans.jobs.balancing.verdicts import Judge
from ketenbalans.jobs.breaks.of_balance import breaks_of
from ketenbalans.jobs.figures.published import published_beside
from ketenbalans.reconciliation.balance import Balance, balance, balances
from ketenbalans.reconciliation.breaks import found_breaks
from ketenbalans.reconciliation.restatement import Restatement, about_the_moves, evidence_about, moved, restatement
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
        before, after = (balance(chain, period) for chain in chains_on(connection, days, policy=policy))
        (found,) = _explained(connection, [before], [after])
        judge = None if alert_policy is None else _judge_of(connection, policy, alert_policy)
        return ShownRestatement(
            **vars(found.answer()),
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
        earlier: list[Balance] = []
        for chain in chains_on(connection, days if years else (), policy=policy):
            on_progress(f"as of {chain.as_of}")
            later = balances(chain, years)
            steps = _explained(connection, earlier, later) if earlier else [None] * len(later)
            judgements = {} if judge is None else {one.period: judge(one) for one in later}
            found.append(revisions_on(later, steps, judgements))
            earlier = later  # and the one before is let go: a chain is as large as the registers
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


def _explained(connection: Connection, earlier: Sequence[Balance], later: Sequence[Balance]) -> list[Restatement]:
    """How each period moved from one day to a later one; the events of all of them are read at once."""
    steps = [(before, after, moved(before, after)) for before, after in zip(earlier, later, strict=True)]
    about = [about_the_moves(moves, (before, after)) for before, after, moves in steps]
    suspects = {suspect for of_suspects, _ in about for suspect in of_suspects}
    cases = {case for _, of_cases in about for case in of_cases}
    as_of = later[0].as_of
    evidence = read_evidence(connection, suspects=sorted(suspects), cases=sorted(cases), as_of=as_of, party=POLICE)
    return [
        restatement(before, after, moves, evidence_about(evidence, *records))
        for (before, after, moves), records in zip(steps, about, strict=True)
    ]
