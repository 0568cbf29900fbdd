"""Balance what was delivered against what the OM recognises, and what the police delivered on to the OM's own count.

The registers are linked once per day of knowledge, over everything known (``reconciliation.chain``); any period can
then be asked of it. Pure: no I/O, no clock, no logging.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import narwhals as nw
import polars as pl
from narwhals.typing import IntoDataFrame, IntoFrame

from ketenbalans.reconciliation.asked import rows_asked, with_bounds
from ketenbalans.reconciliation.bridge import Balance, BalanceDoesNotClose, DeliveredByParty
from ketenbalans.reconciliation.chain import Chain, chain_of, parties_in
from ketenbalans.reconciliation.counted import Counted, Counts, OfParty, counts_of, month_of
from ketenbalans.reconciliation.explain import explain_deliveries, explain_registrations
from schemas.answer_parts import Bridge, MonthBridge
from schemas.catalogue import POLICE
from schemas.causes import Cause, OmOnlyCause
from schemas.coded_state import RECOGNISABLE, unit_codes
from schemas.period import Period, month_ends
from schemas.policy import Policy

LINK_RULES, SUGGESTS = range(1, 7), 6
"""The rules of docs/counting-rules.md, Linking: five that link, and 6, which suggests."""

__all__ = [
    "Balance",
    "BalanceDoesNotClose",
    "Chain",
    "balance",
    "balance_of",
    "balances",
    "balances_of",
    "chain_of",
    "counted",
]


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


def counted(chain: Chain, periods: Sequence[Period]) -> Counted:
    """Count and explain all that is linked, for each of some periods, which may overlap; at least one."""
    settled = rows_asked(chain.settled, "delivered_on", periods)
    parties = tuple(parties_in(chain))
    return Counted(
        chain=chain,
        periods=tuple(periods),
        parties=parties,
        counts=counts_of(chain, settled, periods, parties),
        explained=explain_deliveries(chain, settled, periods),
        om_only=only_the_om(chain, periods),
    )


def only_the_om(chain: Chain, periods: Sequence[Period]) -> pl.DataFrame:
    """The registrations of the OM's own figures that have a cause."""
    return explain_registrations(chain, periods).filter(pl.col("cause").is_not_null())


def balances_of(found: Counted) -> list[Balance]:
    """Give the balance of each period of what was counted, in their order.

    Raises:
        BalanceDoesNotClose: a bridge does not add up.
    """
    ours = found.explained.filter(pl.col("party") == POLICE)
    causes, of_the_om = by_cause(found.explained), only_by_cause(found.om_only)
    registered, months = registered_of(found.explained), explained_by_month(ours)
    links, early = by_link_rule(ours), registered_before(ours, found.periods)
    made = []
    for number, period in enumerate(found.periods):
        delivered = []
        for party in found.parties:
            asked = (number, party)
            total, by_unit = delivered_by(asked, found.counts, causes.get(asked, {}), registered.get(asked, {}))
            delivered.append(DeliveredByParty(party, period, total, by_unit, counted=found, number=number))
        recognised = found.counts.recognised.get((number, POLICE), {}).values()
        balance = Balance(
            period=period,
            as_of=found.chain.as_of,
            delivered=tuple(delivered),
            links=all_link_rules(links.get(number, {}), settled=sum(suspects for suspects, _ in recognised)),
            registered_earlier=early.get(number, 0) + sum(earlier for _, earlier in recognised),
            om_count=found.counts.by_the_om.get(number, 0),
            om_only_causes={cause.value: of_the_om.get((number, cause.value), 0) for cause in OmOnlyCause},
            by_month=by_month(number, period, found.counts, months),
            counted=found,
            number=number,
        )
        if not balance.closes:
            message = f"the balance of {period} as of {balance.as_of} does not close: {balance.answer().to_json()}"
            raise BalanceDoesNotClose(message)
        made.append(balance)
    return made


def by_cause(explained: pl.DataFrame) -> dict[OfParty, dict[int, dict[str | None, int]]]:
    """The suspects that are not plainly recognised per unit and cause; cause None: recognised after all."""
    found: dict[OfParty, dict[int, dict[str | None, int]]] = {}
    for number, party, unit, cause, suspects in (
        explained.group_by("period", "party", "unit", "cause").len().iter_rows()
    ):
        found.setdefault((number, str(party)), {}).setdefault(unit, {})[cause] = suspects
    return found


def only_by_cause(om_only: pl.DataFrame) -> dict[tuple[int, str], int]:
    """The registrations that only the OM counts, by the place of their period and their cause."""
    return {(number, cause): rows for number, cause, rows in om_only.group_by("period", "cause").len().iter_rows()}


def registered_of(explained: pl.DataFrame) -> dict[OfParty, dict[int, int]]:
    """The suspects per unit, not plainly recognised, with a standing registration classified KP or KST."""
    found: dict[OfParty, dict[int, int]] = {}
    stands = pl.col("registration_id").is_not_null() & (pl.col("round") == RECOGNISABLE)
    for number, party, unit, suspects in explained.filter(stands).group_by("period", "party", "unit").len().iter_rows():
        found.setdefault((number, str(party)), {})[unit] = suspects
    return found


def explained_by_month(explained: pl.DataFrame) -> dict[tuple[int, int], tuple[int, int]]:
    """The suspects that are not plainly recognised, and those of them that are after all, by period and month."""
    month = nw.from_native(explained, eager_only=True).with_columns(month=month_of("delivered_on")).to_native()
    counted = month.group_by("period", "month").agg(pl.len(), pl.col("cause").is_null().sum().alias("recognised"))
    return {(number, of): (suspects, recognised) for number, of, suspects, recognised in counted.iter_rows()}


def by_month(
    number: int, period: Period, counts: Counts, explained: Mapping[tuple[int, int], tuple[int, int]]
) -> tuple[MonthBridge, ...]:
    """What the police delivered in each calendar month of the period of that place, also where that is nothing."""
    found = []
    for end in month_ends(period.start, period.end):
        month = (number, end.year * 12 + end.month - 1)
        plainly = counts.recognised_by_month.get(month, 0)
        others, recognised = explained.get(month, (0, 0))
        found.append(MonthBridge(month=f"{end:%Y-%m}", delivered=plainly + others, recognised=plainly + recognised))
    return tuple(found)


def delivered_by(
    asked: OfParty, counts: Counts, causes: Mapping[int, Mapping[str | None, int]], registered: Mapping[int, int]
) -> tuple[Bridge, tuple[Bridge, ...]]:
    """What a party delivered in the period of that place: a bridge in total and one per unit, sorted.

    Args:
        asked: the place of the period, and the party.
        counts: what is counted without a look at causes.
        causes: per unit those who are not plainly recognised, by cause.
        registered: per unit those of them who are registered all the same.
    """
    delivered, recognised = counts.delivered.get(asked, {}), counts.recognised.get(asked, {})
    units = sorted(delivered)
    by_unit = tuple(
        Bridge(
            unit=code,
            delivered=delivered[unit][0],
            recognised=recognised.get(unit, (0, 0))[0] + causes.get(unit, {}).get(None, 0),
            cases_delivered=delivered[unit][1],
            causes={cause.value: causes.get(unit, {}).get(cause.value, 0) for cause in Cause},
            registered=recognised.get(unit, (0, 0))[0] + registered.get(unit, 0),
        )
        for unit, code in zip(units, unit_codes(units), strict=True)
    )
    total = Bridge(
        unit=None,
        delivered=sum(bridge.delivered for bridge in by_unit),
        recognised=sum(bridge.recognised for bridge in by_unit),
        cases_delivered=counts.cases.get(asked, 0),
        causes={cause.value: sum(of.get(cause.value, 0) for of in causes.values()) for cause in Cause},
        registered=sum(bridge.registered or 0 for bridge in by_unit),
    )
    return total, by_unit


def by_link_rule(explained: pl.DataFrame) -> dict[int, dict[int | None, int]]:
    """How many suspects, not plainly recognised, each rule linked, by the place of their period.

    Under 6 those with no link and a suggestion.
    """
    is_suggested = pl.col("suggested_case").is_not_null() & pl.col("link_rule").is_null()
    rule = pl.when(is_suggested).then(SUGGESTS).otherwise("link_rule").alias("rule")
    found: dict[int, dict[int | None, int]] = {}
    for number, linked_by, suspects in explained.group_by("period", rule).len().iter_rows():
        found.setdefault(number, {})[linked_by] = suspects
    return found


def all_link_rules(linked: Mapping[int | None, int], *, settled: int) -> dict[str, int]:
    """How many delivered suspects each rule linked, recognised or not; rule 1 links those that are settled, too."""
    return {str(rule): linked.get(rule, 0) + (settled if rule == 1 else 0) for rule in LINK_RULES}


def registered_before(explained: pl.DataFrame, periods: Sequence[Period]) -> dict[int, int]:
    """Recognised suspects, of those not plainly so, whose registration the OM counts earlier; by place of a period."""
    recognised = with_bounds(explained.filter(pl.col("cause").is_null()), periods)
    early = recognised.filter(pl.col("registered_on") < pl.col("period_start"))
    return dict(early.group_by("period").len().iter_rows())
