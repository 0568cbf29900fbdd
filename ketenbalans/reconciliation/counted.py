"""What the balances of some periods are made of, from one pass over linked registers.

Pure: no I/O, no clock, no logging.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import narwhals as nw
import polars as pl

from ketenbalans.reconciliation.asked import rows_asked
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.explain import is_of
from ketenbalans.reconciliation.state import EngineFrame, in_memory
from schemas.catalogue import POLICE
from schemas.coded_state import RECOGNISABLE
from schemas.period import Period

OfParty: TypeAlias = tuple[int, str]
"""The place of a period among those that are asked, and a party."""

PerUnit: TypeAlias = dict[OfParty, dict[int, tuple[int, int]]]
"""Two counts per unit."""


@dataclass(frozen=True)
class Counts:
    """What was counted of every period and party in one pass.

    Attributes:
        delivered: per unit suspects delivered and distinct dossiers; a unit without a suspect is not there.
        cases: distinct dossiers over all units: one in two units is in both, and once here.
        recognised: per unit the settled suspects that are recognised, and of those the ones registered earlier.
        by_the_om: per place of a period the OM's own figure: standing registrations of it classified KP or KST.
        recognised_by_month: the police's settled suspects that are recognised, by place of a period and month of
            delivery (``month_of``).
    """

    delivered: PerUnit
    cases: dict[OfParty, int]
    recognised: PerUnit
    by_the_om: dict[int, int]
    recognised_by_month: dict[tuple[int, int], int]


@dataclass(frozen=True)
class Counted:
    """What the balances of some periods as known on one day are made of.

    Attributes:
        chain: the linked registers.
        periods: which, in the order that was asked.
        parties: everybody who delivered anything that is known, the police first.
        counts: what is counted without a look at causes.
        explained: the delivered suspects that are not plainly recognised (``explain.explain_deliveries``).
        om_only: the registrations that only the OM counts (``explain.explain_registrations``), each with a cause.
    """

    chain: Chain
    periods: tuple[Period, ...]
    parties: tuple[str, ...]
    counts: Counts
    explained: pl.DataFrame
    om_only: pl.DataFrame


def counts_of(chain: Chain, settled: EngineFrame, periods: Sequence[Period], parties: Sequence[str]) -> Counts:
    """Count what every party delivered in every period, and what the OM counts."""
    deliveries = chain.deliveries.select("party", "unit", "dossier", "delivered_on", "is_withdrawn")
    delivered = rows_asked(deliveries, "delivered_on", periods, where=~nw.col("is_withdrawn"))
    plainly = settled.filter(nw.col("registered_on") <= nw.col("period_end"))
    too_early = nw.when(nw.col("registered_on") < nw.col("period_start")).then(1).otherwise(0)
    suspects, cases = nw.len().alias("suspects"), nw.col("dossier").n_unique().alias("cases")
    ours = plainly.filter(is_of(POLICE)) if len(parties) > 1 else plainly
    by_month = in_memory(
        ours.select("period", month=month_of("delivered_on")).group_by("period", "month").agg(suspects)
    )
    recognised_by_month = {(number, month): recognised for number, month, recognised in by_month.iter_rows()}
    counts = Counts({}, {}, {}, counted_by_the_om(chain, periods), recognised_by_month)
    for party in parties:
        of_party, recognised = delivered, plainly
        if len(parties) > 1:
            of_party, recognised = (rows.filter(is_of(party)) for rows in (delivered, plainly))
        numbered = of_party.select("period", "dossier", cell=cell())
        counts.delivered.update(per_unit(party, numbered.group_by("cell").agg(suspects, cases)))
        in_all = in_memory(numbered.group_by("period").agg(cases))
        counts.cases.update({(number, party): distinct for number, distinct in in_all.iter_rows()})
        early = recognised.select(cell=cell(), too_early=too_early).group_by("cell")
        counts.recognised.update(per_unit(party, early.agg(suspects, nw.col("too_early").sum())))
    return counts


def month_of(day: str) -> nw.Expr:
    """The calendar month of a day as one number: the year times twelve, and the months before it in that year."""
    return nw.col(day).dt.year().cast(nw.Int64) * 12 + nw.col(day).dt.month().cast(nw.Int64) - 1


UNITS = 10**6
"""More than there are numbers of units."""


def cell() -> nw.Expr:
    """A period and a unit as one number, by which an engine groups faster than by two."""
    return nw.col("period").cast(nw.Int64) * UNITS + nw.col("unit")


def per_unit(party: str, counted: EngineFrame) -> PerUnit:
    """Two counts per unit of a party, by period."""
    found: PerUnit = {}
    for in_cell, *counts in in_memory(counted).iter_rows():
        number, unit = divmod(in_cell, UNITS)
        found.setdefault((number, party), {})[unit] = (counts[0], counts[1])
    return found


def counted_by_the_om(chain: Chain, periods: Sequence[Period]) -> dict[int, int]:
    """The OM's own figure of each period, by its place: standing registrations of it classified KP or KST."""
    counted = chain.registrations.select("registered_on", "round").filter(nw.col("round") == RECOGNISABLE)
    by_day = in_memory(counted.group_by("registered_on").agg(nw.len().alias("rows")))
    rows = rows_asked(by_day, "registered_on", periods)
    return dict(rows.group_by("period").agg(nw.col("rows").sum()).iter_rows())
