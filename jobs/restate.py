"""Say why a figure moved between two days, and how the figures of several periods moved month by month."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine

from jobs.chains import chains_on
from jobs.published import published_beside
from reconciliation.balance import Balance, balance
from reconciliation.restatement import Restatement, moved, restatement
from reconciliation.triangle import Revision, triangle
from schemas.catalogue import POLICE
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import years_with_records
from warehouse.database import snapshot
from warehouse.evidence import read_evidence
from warehouse.extracts import default_as_of, is_synthetic


def restate(
    warehouse: Engine | Connection, *, period: Period, days: tuple[date, date], policy: Policy
) -> dict[str, Any]:
    """Give the restatement of a period between two days as ``restate --json`` prints it.

    Raises:
        RestatementDoesNotClose: a defect of ours.
    """
    with snapshot(warehouse) as connection:
        before, after = (balance(chain, period) for chain in chains_on(connection, days, policy=policy))
        found = _explained(connection, before, after)
        return {
            **found.to_dict(),
            "published": {day.isoformat(): published_beside(period, day) for day in days},
            "synthetic": is_synthetic(connection),
            "policy": policy.to_dict(),
        }


def revisions(
    warehouse: Engine | Connection,
    *,
    periods: Sequence[Period],
    days: Sequence[date],
    policy: Policy,
    on_progress: Callable[[str], None],
) -> list[Revision]:
    """Give the figures of some periods as known on each of some days, with why each differs from the one before.

    Args:
        warehouse: which, or the connection of a snapshot.
        periods: which; none: every calendar year with records.
        days: ascending; those after the last day that both registers cover are left out.
        policy: the numbers that a person chose.
        on_progress: told which day is being worked out.
    """
    with snapshot(warehouse) as connection:
        covered = default_as_of(connection)
        asked = [day for day in days if covered is not None and day <= covered]
        years = (
            periods or [Period.of_year(year) for year in years_with_records(connection, as_of=max(asked))]
            if asked
            else []
        )
        balances: list[list[Balance]] = []
        for chain in chains_on(connection, asked, policy=policy):
            on_progress(f"as of {chain.as_of}")
            balances.append([balance(chain, period) for period in years])
        steps = [
            [_explained(connection, one, other) for one, other in zip(earlier, later, strict=True)]
            for earlier, later in pairwise(balances)
        ]
    return triangle(balances, steps)


def _explained(connection: Connection, before: Balance, after: Balance) -> Restatement:
    moves = moved(before, after)
    dossiers = moves["dossier_number"].unique()
    neighbours = pl.concat(
        [found.suspects.select("dossier_number", "suspect_number") for found in (before, after)]
    ).filter(pl.col("dossier_number").is_in(dossiers.implode()))
    suspects = pl.concat([neighbours, moves.select("dossier_number", "suspect_number")]).unique()
    cases = pl.concat([moves["case_number_before"], moves["case_number_after"]]).drop_nulls().unique()
    asked = list(suspects.iter_rows())
    evidence = read_evidence(connection, suspects=asked, cases=cases.to_list(), as_of=after.as_of, party=POLICE)
    return restatement(before, after, evidence)
