"""Balance what the police delivered against what the OM recognises, and on to the OM's own count.

The two registers are linked once per day of knowledge, over everything known; any period can then be asked of it.
Pure: no I/O, no clock, no logging.
"""

from dataclasses import dataclass
from datetime import date

import narwhals as nw
from narwhals.typing import IntoDataFrame

from reconciliation.bridge import Balance, BalanceDoesNotClose, Bridge
from reconciliation.explain import explain_deliveries, explain_registrations
from reconciliation.link import link
from reconciliation.state import Frame, prepared_deliveries, prepared_registrations
from schemas.period import Period
from schemas.policy import Policy
from schemas.vocabulary import Cause, OmOnlyCause, Vocabulary

LINK_RULES = range(1, 7)
"""The rules of section 4.1; 5 (confirmed) and 6 (suggested) are counted, and 0 until decisions exist."""


@dataclass(frozen=True)
class Chain:
    """Both registers as known on one day, linked: the same for every period that is asked of that day.

    Attributes:
        as_of: the day on which the two states were known.
        policy: the numbers that a person chose.
        deliveries: every delivery with its registration beside it, or nulls.
        registrations: every registration with its delivery beside it, or nulls.
    """

    as_of: date
    policy: Policy
    deliveries: Frame
    registrations: Frame


def chain_of(deliveries: IntoDataFrame, registrations: IntoDataFrame, *, as_of: date, policy: Policy) -> Chain:
    """Link the two registers as known on one day.

    Args:
        deliveries: one row per delivered suspect as known on ``as_of``, of all periods and withdrawn ones too.
        registrations: one row per registration as known on ``as_of``, lapsed and joined ones too.
        as_of: the day on which the two states were known.
        policy: the numbers that a person chose. They have no default (ADR 0004).
    """
    police = prepared_deliveries(nw.from_native(deliveries, eager_only=True))
    om = prepared_registrations(nw.from_native(registrations, eager_only=True))
    links = link(police, om, policy=policy)
    return Chain(
        as_of=as_of,
        policy=policy,
        deliveries=police.join(links, on="delivery_id", how="left").join(om, on="registration_id", how="left"),
        registrations=om.join(links, on="registration_id", how="left").join(police, on="delivery_id", how="left"),
    )


def balance_of(
    deliveries: IntoDataFrame, registrations: IntoDataFrame, *, period: Period, as_of: date, policy: Policy
) -> Balance:
    """Give the balance of one period as known on one day: ``chain_of`` and ``balance`` in one.

    Raises:
        BalanceDoesNotClose: the bridge does not add up.
    """
    return balance(chain_of(deliveries, registrations, as_of=as_of, policy=policy), period)


def balance(chain: Chain, period: Period) -> Balance:
    """Give the balance of one period of a linked chain.

    Raises:
        BalanceDoesNotClose: the bridge does not add up.
    """
    suspects = explain_deliveries(
        chain.deliveries, chain.registrations, period=period, as_of=chain.as_of, policy=chain.policy
    )
    counted = explain_registrations(chain.registrations, chain.deliveries, period=period, policy=chain.policy)
    om_only = counted.filter(~nw.col("cause").is_null())
    found = Balance(
        period=period,
        as_of=chain.as_of,
        total=bridge(None, suspects),
        by_unit=bridges_by_unit(suspects),
        links=count_by_link_rule(suspects),
        registered_earlier=registered_before(period, suspects),
        om_count=len(counted),
        om_only_causes=count_by_cause(om_only, OmOnlyCause),
        suspects=suspects.select(
            "dossier_number", "suspect_number", "unit", "case_number", "link_rule", "cause"
        ).to_native(),
        om_only=om_only.select("case_number", "cause").to_native(),
    )
    if not found.closes:
        message = f"the balance of {period} as of {chain.as_of} does not close: {found.to_dict()}"
        raise BalanceDoesNotClose(message)
    return found


def bridge(unit: str | None, suspects: Frame) -> Bridge:
    """The bridge over explained suspects of one unit, or of all."""
    return Bridge(
        unit=unit,
        delivered=len(suspects),
        recognised=int(suspects["cause"].is_null().sum()),
        cases_delivered=suspects["dossier_number"].n_unique() if len(suspects) else 0,
        causes=count_by_cause(suspects, Cause),
    )


def bridges_by_unit(suspects: Frame) -> tuple[Bridge, ...]:
    """A bridge per unit with a delivered suspect, sorted by unit. A case in two units counts in both."""
    units = sorted(suspects["unit"].unique().to_list())
    return tuple(bridge(unit, suspects.filter(nw.col("unit") == unit)) for unit in units)


def count_by_cause(explained: Frame, causes: type[Vocabulary]) -> dict[str, int]:
    """How many rows have each cause; every cause is present, also at 0, in the order of the rules."""
    counted = dict(explained.group_by("cause").agg(nw.len().alias("rows")).iter_rows())
    return {cause.value: counted.get(cause.value, 0) for cause in causes}


def count_by_link_rule(suspects: Frame) -> dict[str, int]:
    """How many delivered suspects each rule linked, recognised or not."""
    counted = dict(suspects.group_by("link_rule").agg(nw.len().alias("rows")).iter_rows())
    return {str(rule): counted.get(rule, 0) for rule in LINK_RULES}


def registered_before(period: Period, suspects: Frame) -> int:
    """Recognised suspects whose registration the OM counts in an earlier period."""
    return len(suspects.filter(nw.col("cause").is_null() & (nw.col("registered_on") < period.start)))
