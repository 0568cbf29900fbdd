"""Balance what was delivered against what the OM recognises, and what the police delivered on to the OM's own count.

The registers are linked once per day of knowledge, over everything known (``reconciliation.chain``); any period can
then be asked of it. Pure: no I/O, no clock, no logging.
"""

from datetime import date

import narwhals as nw
from narwhals.typing import IntoDataFrame, IntoFrame

from ketenbalans.reconciliation.bridge import Balance, BalanceDoesNotClose, DeliveredByParty
from ketenbalans.reconciliation.chain import Chain, chain_of, parties_in
from ketenbalans.reconciliation.explain import (
    explain_deliveries,
    explain_registrations,
    is_of,
    settled_and_recognised,
    was_delivered_in,
    was_registered_in,
)
from ketenbalans.reconciliation.state import EngineFrame, Frame, in_memory, is_filled
from schemas.answer_parts import Bridge
from schemas.catalogue import POLICE
from schemas.causes import Cause, OmOnlyCause
from schemas.coded_state import RECOGNISABLE, unit_codes
from schemas.period import Period
from schemas.policy import Policy
from schemas.vocabulary import Vocabulary

LINK_RULES = range(1, 7)
"""The rules of docs/counting-rules.md, Linking: five that link, and 6, which suggests."""

__all__ = ["Balance", "BalanceDoesNotClose", "Chain", "balance", "balance_of", "chain_of"]


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
    delivered = tuple(delivered_by(party, chain, period) for party in parties_in(chain))
    om_only = explain_registrations(chain, period).filter(is_filled("cause"))
    explained, recognised = delivered[0].explained, settled_and_recognised(chain, period, party=POLICE)
    found = Balance(
        period=period,
        as_of=chain.as_of,
        delivered=delivered,
        links=count_by_link_rule(explained, settled=rows_in(recognised)),
        registered_earlier=registered_before(period, explained, recognised),
        om_count=om_count(chain, period),
        om_only_causes=count_by_cause(om_only, OmOnlyCause),
        chain=chain,
        om_only_explained=om_only,
    )
    if not found.closes:
        message = f"the balance of {period} as of {chain.as_of} does not close: {found.answer().to_json()}"
        raise BalanceDoesNotClose(message)
    return found


def delivered_by(party: str, chain: Chain, period: Period) -> DeliveredByParty:
    """What a party delivered in a period: a bridge per unit, sorted, and in total; a case in two units is in both."""
    explained = explain_deliveries(chain, period, party=party)
    is_counted = (is_of(party), was_delivered_in(period), ~nw.col("is_withdrawn"))
    delivered = chain.deliveries.filter(*is_counted).select("unit", "dossier")
    if isinstance(delivered, nw.DataFrame):
        delivered = delivered.sort("dossier")  # distinct numbers in order are counted by looking at neighbours
    counted = in_memory(
        delivered.group_by("unit").agg(nw.len().alias("delivered"), nw.col("dossier").n_unique().alias("cases"))
    ).sort("unit")
    cases = in_memory(delivered.select(nw.col("dossier").n_unique()))["dossier"].item() if len(counted) else 0
    recognised = settled_and_recognised(chain, period, party=party)
    plainly = dict(in_memory(recognised_by_unit(recognised)).iter_rows())
    causes: dict[int, dict[str | None, int]] = {}
    for unit, cause, suspects in explained.group_by("unit", "cause").agg(nw.len().alias("suspects")).iter_rows():
        causes.setdefault(unit, {})[cause] = suspects
    by_unit = tuple(
        Bridge(
            unit=code,
            delivered=delivered_here,
            recognised=plainly.get(unit, 0) + causes.get(unit, {}).get(None, 0),
            cases_delivered=cases_here,
            causes={cause.value: causes.get(unit, {}).get(cause.value, 0) for cause in Cause},
        )
        for (unit, delivered_here, cases_here), code in zip(
            counted.select("unit", "delivered", "cases").iter_rows(), unit_codes(counted["unit"].to_list()), strict=True
        )
    )
    total = Bridge(
        unit=None,
        delivered=sum(bridge.delivered for bridge in by_unit),
        recognised=sum(bridge.recognised for bridge in by_unit),
        cases_delivered=cases,
        causes=count_by_cause(explained, Cause),
    )
    return DeliveredByParty(party=party, period=period, total=total, by_unit=by_unit, chain=chain, explained=explained)


def recognised_by_unit(recognised: EngineFrame) -> EngineFrame:
    """How many settled suspects are recognised, per unit."""
    return recognised.group_by("unit").agg(nw.len().alias("suspects")).select("unit", "suspects")


def count_by_cause(explained: Frame, causes: type[Vocabulary]) -> dict[str, int]:
    """How many rows have each cause; every cause is present, also at 0, in the order of the rules."""
    counted = dict(explained.group_by("cause").agg(nw.len().alias("rows")).iter_rows())
    return {cause.value: counted.get(cause.value, 0) for cause in causes}


def count_by_link_rule(explained: Frame, *, settled: int) -> dict[str, int]:
    """How many delivered suspects each rule linked, recognised or not; under 6 those with no link and a suggestion."""
    counted = dict(explained.group_by("link_rule").agg(nw.len().alias("rows")).iter_rows())
    suggested = len(explained.filter(is_filled("suggested_case"), ~is_filled("link_rule")))
    linked = {rule: counted.get(rule, 0) for rule in LINK_RULES}
    return {str(rule): count for rule, count in {**linked, 1: linked[1] + settled, 6: suggested}.items()}


def registered_before(period: Period, explained: Frame, recognised: EngineFrame) -> int:
    """Recognised suspects whose registration the OM counts in an earlier period."""
    too_early = nw.col("registered_on") < period.start
    return rows_in(recognised.filter(too_early)) + len(explained.filter(~is_filled("cause"), too_early))


def om_count(chain: Chain, period: Period) -> int:
    """The OM's own figure: standing registrations of the period classified KP or KST."""
    return rows_in(chain.registrations.filter(was_registered_in(period), nw.col("round") == RECOGNISABLE))


def rows_in(frame: EngineFrame) -> int:
    """How many rows a frame has, wherever it is."""
    return int(in_memory(frame.select(nw.len().alias("rows")))["rows"].item())
