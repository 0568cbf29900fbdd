"""Balance what was delivered against what the OM recognises, and what the police delivered on to the OM's own count.

The registers are linked once per day of knowledge, over everything known (``reconciliation.chain``); any period can
then be asked of it. Pure: no I/O, no clock, no logging.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import narwhals as nw
import polars as pl
from narwhals.typing import IntoDataFrame, IntoFrame

from ketenbalans.reconciliation.asked import rows_asked
from ketenbalans.reconciliation.bridge import Balance, BalanceDoesNotClose, DeliveredByParty
from ketenbalans.reconciliation.chain import Chain, chain_of, parties_in
from ketenbalans.reconciliation.explain import explain_deliveries, explain_registrations, is_of
from ketenbalans.reconciliation.state import EngineFrame, in_memory
from schemas.answer_parts import Bridge
from schemas.catalogue import POLICE
from schemas.causes import Cause, OmOnlyCause
from schemas.coded_state import RECOGNISABLE, unit_codes
from schemas.period import Period
from schemas.policy import Policy
from schemas.vocabulary import Vocabulary

LINK_RULES = range(1, 7)
"""The rules of docs/counting-rules.md, Linking: five that link, and 6, which suggests."""

__all__ = ["Balance", "BalanceDoesNotClose", "Chain", "balance", "balance_of", "balances", "chain_of"]


def balance_of(  # noqa: PLR0913 (the question and all that it is asked of)
    deliveries: IntoFrame,
    registrations: IntoFrame,
    *,
    period: Period,
    as_of: date,
    policy: Policy,
    decisions: IntoDataFrame | None = None,
) -> Balance:
    """Give the balance of one period as known on one day: ``chain_of`` and ``balance`` in one.

    Raises:
        BalanceDoesNotClose: the bridge does not add up.
    """
    return balance(chain_of(deliveries, registrations, as_of=as_of, policy=policy, decisions=decisions), period)


def balance(chain: Chain, period: Period) -> Balance:
    """Give the balance of one period of a linked chain.

    Raises:
        BalanceDoesNotClose: the bridge does not add up.
    """
    (found,) = balances(chain, [period])
    return found


def balances(chain: Chain, periods: Sequence[Period]) -> list[Balance]:
    """Give the balance of each of some periods of a linked chain, in their order, from one pass over it.

    Args:
        chain: the linked registers.
        periods: which; they may overlap, and need not be calendar years.

    Raises:
        BalanceDoesNotClose: a bridge does not add up.
    """
    if not periods:
        return []
    settled = rows_asked(chain.settled, "delivered_on", periods)
    explained = explain_deliveries(chain, settled, periods)
    om_only = explain_registrations(chain, periods).filter(pl.col("cause").is_not_null())
    counts = counts_of(chain, settled, explained, periods)
    of_the_om = counted_by_the_om(chain, periods)
    explained_by, om_only_by = divided(explained, "period", "party"), divided(om_only, "period")
    nothing, nothing_there = (frame.clear().drop("period") for frame in (explained, om_only))
    parties = parties_in(chain)
    found = []
    for number, period in enumerate(periods):
        delivered = []
        for party in parties:
            rows = explained_by.get((number, party), nothing)
            total, by_unit = delivered_by(party, number, counts, rows)
            delivered.append(DeliveredByParty(party, period, total, by_unit, chain=chain, explained=rows))
        om_only_then = om_only_by.get((number,), nothing_there)
        recognised = counts.recognised.get((number, POLICE), {})
        of_police = delivered[0].explained
        found.append(
            Balance(
                period=period,
                as_of=chain.as_of,
                delivered=tuple(delivered),
                links=count_by_link_rule(of_police, settled=sum(suspects for suspects, _ in recognised.values())),
                registered_earlier=registered_before(period, of_police)
                + sum(earlier for _, earlier in recognised.values()),
                om_count=of_the_om.get(number, 0),
                om_only_causes=count_by_cause(om_only_then, OmOnlyCause),
                chain=chain,
                om_only_explained=om_only_then,
            )
        )
        if not found[-1].closes:
            message = f"the balance of {period} as of {chain.as_of} does not close: {found[-1].answer().to_json()}"
            raise BalanceDoesNotClose(message)
    return found


OfParty: TypeAlias = tuple[int, str]
"""The place of a period among those that are asked, and a party."""


@dataclass(frozen=True)
class Counts:
    """What was counted of every period and party in one pass.

    Attributes:
        delivered: per unit suspects delivered and distinct dossiers.
        cases: distinct dossiers over all units: one in two units is in both, and once here.
        recognised: per unit the settled suspects that are recognised, and of those the ones registered earlier.
        causes: per unit and cause the suspects that are not plainly recognised; cause None: recognised after all.
    """

    delivered: dict[OfParty, dict[int, tuple[int, int]]]
    cases: dict[OfParty, int]
    recognised: dict[OfParty, dict[int, tuple[int, int]]]
    causes: dict[OfParty, dict[int, dict[str | None, int]]]


def counts_of(chain: Chain, settled: EngineFrame, explained: pl.DataFrame, periods: Sequence[Period]) -> Counts:
    """Count what every party delivered in every period, and what became of it."""
    deliveries = chain.deliveries.select("party", "unit", "dossier", "delivered_on", "is_withdrawn")
    delivered = rows_asked(deliveries, "delivered_on", periods, where=~nw.col("is_withdrawn"))
    plainly = settled.filter(nw.col("registered_on") <= nw.col("period_end"))
    too_early = nw.when(nw.col("registered_on") < nw.col("period_start")).then(1).otherwise(0)
    suspects, cases = nw.len().alias("suspects"), nw.col("dossier").n_unique().alias("cases")
    counts = Counts({}, {}, {}, by_cause(explained))
    parties = parties_in(chain)
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


UNITS = 10**6
"""More than there are numbers of units."""


def cell() -> nw.Expr:
    """A period and a unit as one number, by which an engine groups faster than by two."""
    return nw.col("period").cast(nw.Int64) * UNITS + nw.col("unit")


def per_unit(party: str, counted: EngineFrame) -> dict[OfParty, dict[int, tuple[int, int]]]:
    """Two counts per unit of a party, by period."""
    found: dict[OfParty, dict[int, tuple[int, int]]] = {}
    for in_cell, *counts in in_memory(counted).iter_rows():
        number, unit = divmod(in_cell, UNITS)
        found.setdefault((number, party), {})[unit] = (counts[0], counts[1])
    return found


def by_cause(explained: pl.DataFrame) -> dict[OfParty, dict[int, dict[str | None, int]]]:
    """The explained suspects per unit and cause."""
    found: dict[OfParty, dict[int, dict[str | None, int]]] = {}
    counted = explained.group_by("period", pl.col("party").cast(pl.String), "unit", "cause").len()
    for number, party, unit, cause, suspects in counted.iter_rows():
        found.setdefault((number, party), {}).setdefault(unit, {})[cause] = suspects
    return found


def counted_by_the_om(chain: Chain, periods: Sequence[Period]) -> dict[int, int]:
    """The OM's own figure of each period, by its place: standing registrations of it classified KP or KST."""
    counted = chain.registrations.select("registered_on", "round").filter(nw.col("round") == RECOGNISABLE)
    by_day = in_memory(counted.group_by("registered_on").agg(nw.len().alias("rows")))
    rows = rows_asked(by_day, "registered_on", periods)
    return dict(rows.group_by("period").agg(nw.col("rows").sum()).iter_rows())


def divided(frame: pl.DataFrame, *keys: str) -> dict[tuple[object, ...], pl.DataFrame]:
    """The rows of a frame by the values of some columns, a party as text."""
    return {
        tuple(str(value) if name == "party" else value for name, value in zip(keys, values, strict=True)): rows.drop(
            "period"
        )
        for values, rows in frame.partition_by(keys, as_dict=True, maintain_order=True).items()
    }


def delivered_by(party: str, number: int, counts: Counts, explained: pl.DataFrame) -> tuple[Bridge, tuple[Bridge, ...]]:
    """What a party delivered in the period of that place: a bridge in total and one per unit, sorted."""
    asked = (number, party)
    delivered, recognised = counts.delivered.get(asked, {}), counts.recognised.get(asked, {})
    causes = counts.causes.get(asked, {})
    units = sorted(delivered)
    by_unit = tuple(
        Bridge(
            unit=code,
            delivered=delivered[unit][0],
            recognised=recognised.get(unit, (0, 0))[0] + causes.get(unit, {}).get(None, 0),
            cases_delivered=delivered[unit][1],
            causes={cause.value: causes.get(unit, {}).get(cause.value, 0) for cause in Cause},
        )
        for unit, code in zip(units, unit_codes(units), strict=True)
    )
    total = Bridge(
        unit=None,
        delivered=sum(bridge.delivered for bridge in by_unit),
        recognised=sum(bridge.recognised for bridge in by_unit),
        cases_delivered=counts.cases.get(asked, 0),
        causes=count_by_cause(explained, Cause),
    )
    return total, by_unit


def count_by_cause(explained: pl.DataFrame, causes: type[Vocabulary]) -> dict[str, int]:
    """How many rows have each cause; every cause is present, also at 0, in the order of the rules."""
    counted = dict(explained.group_by("cause").len().iter_rows())
    return {cause.value: counted.get(cause.value, 0) for cause in causes}


def count_by_link_rule(explained: pl.DataFrame, *, settled: int) -> dict[str, int]:
    """How many delivered suspects each rule linked, recognised or not; under 6 those with no link and a suggestion."""
    late = dict(explained.group_by("link_rule").len().iter_rows())
    suggested = explained.filter(pl.col("suggested_case").is_not_null(), pl.col("link_rule").is_null()).height
    linked = {rule: late.get(rule, 0) for rule in LINK_RULES}
    return {str(rule): count for rule, count in {**linked, 1: linked[1] + settled, 6: suggested}.items()}


def registered_before(period: Period, explained: pl.DataFrame) -> int:
    """Recognised suspects, of those not plainly so, whose registration the OM counts in an earlier period."""
    return explained.filter(pl.col("cause").is_null(), pl.col("registered_on") < period.start).height
