"""Balance what was delivered against what the OM recognises, and what the police delivered on to the OM's own count.

The registers are linked once per day of knowledge, over everything known (``reconciliation.chain``); any period can
then be asked of it. Pure: no I/O, no clock, no logging.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from narwhals.typing import IntoDataFrame, IntoFrame

from ketenbalans.reconciliation.bridge import Balance, BalanceDoesNotClose, DeliveredByParty
from ketenbalans.reconciliation.chain import Chain, chain_of
from ketenbalans.reconciliation.counted import Counted, Counts, OfParty, counted
from schemas.answer_parts import Bridge
from schemas.catalogue import POLICE
from schemas.causes import Cause, OmOnlyCause
from schemas.coded_state import unit_codes
from schemas.period import Period
from schemas.policy import Policy
from schemas.vocabulary import Vocabulary

LINK_RULES = range(1, 7)
"""The rules of docs/counting-rules.md, Linking: five that link, and 6, which suggests."""

__all__ = ["Balance", "BalanceDoesNotClose", "Chain", "balance", "balance_of", "balances", "balances_of", "chain_of"]


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
    return balances_of(counted(chain, periods)) if periods else []


def balances_of(found: Counted) -> list[Balance]:
    """Give the balance of each period of what was counted, in their order.

    Raises:
        BalanceDoesNotClose: a bridge does not add up.
    """
    causes = by_cause(found.explained)
    explained_by, om_only_by = divided(found.explained, "period", "party"), divided(found.om_only, "period")
    nothing, nothing_there = (frame.clear().drop("period") for frame in (found.explained, found.om_only))
    made = []
    for number, period in enumerate(found.periods):
        delivered = []
        for party in found.parties:
            asked = (number, party)
            rows = explained_by.get(asked, nothing)
            total, by_unit = delivered_by(asked, found.counts, causes.get(asked, {}), rows)
            delivered.append(DeliveredByParty(party, period, total, by_unit, chain=found.chain, explained=rows))
        om_only_then = om_only_by.get((number,), nothing_there)
        recognised = found.counts.recognised.get((number, POLICE), {})
        of_police = delivered[0].explained
        made.append(
            Balance(
                period=period,
                as_of=found.chain.as_of,
                delivered=tuple(delivered),
                links=count_by_link_rule(of_police, settled=sum(suspects for suspects, _ in recognised.values())),
                registered_earlier=registered_before(period, of_police)
                + sum(earlier for _, earlier in recognised.values()),
                om_count=found.counts.by_the_om.get(number, 0),
                om_only_causes=count_by_cause(om_only_then, OmOnlyCause),
                chain=found.chain,
                om_only_explained=om_only_then,
            )
        )
        if not made[-1].closes:
            message = f"the balance of {period} as of {found.chain.as_of} does not close: {made[-1].answer().to_json()}"
            raise BalanceDoesNotClose(message)
    return made


def by_cause(explained: pl.DataFrame) -> dict[OfParty, dict[int, dict[str | None, int]]]:
    """The suspects that are not plainly recognised per unit and cause; cause None: recognised after all."""
    found: dict[OfParty, dict[int, dict[str | None, int]]] = {}
    counted = explained.group_by("period", pl.col("party").cast(pl.String), "unit", "cause").len()
    for number, party, unit, cause, suspects in counted.iter_rows():
        found.setdefault((number, party), {}).setdefault(unit, {})[cause] = suspects
    return found


def divided(frame: pl.DataFrame, *keys: str) -> dict[tuple[object, ...], pl.DataFrame]:
    """The rows of a frame by the values of some columns, a party as text."""
    return {
        tuple(str(value) if name == "party" else value for name, value in zip(keys, values, strict=True)): rows.drop(
            "period"
        )
        for values, rows in frame.partition_by(keys, as_dict=True, maintain_order=True).items()
    }


def delivered_by(
    asked: OfParty, counts: Counts, causes: Mapping[int, Mapping[str | None, int]], explained: pl.DataFrame
) -> tuple[Bridge, tuple[Bridge, ...]]:
    """What a party delivered in the period of that place: a bridge in total and one per unit, sorted."""
    delivered, recognised = counts.delivered.get(asked, {}), counts.recognised.get(asked, {})
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
