"""Balances to test with, made by hand: as few numbers as a rule, a verdict or a page reads."""

from collections.abc import Mapping
from datetime import date

from schemas.answer import BalanceAnswer
from schemas.answer_parts import Bridge, PartyBridge
from schemas.catalogue import POLICE
from schemas.causes import Cause, OmOnlyCause
from schemas.period import Period


def bridge_of(*, delivered: int, causes: Mapping[str, int], unit: str | None = None) -> Bridge:
    """A bridge that closes: what is not recognised has these causes; a case per suspect."""
    every = {cause.value: causes.get(cause.value, 0) for cause in Cause}
    recognised = delivered - sum(every.values())
    return Bridge(unit=unit, delivered=delivered, recognised=recognised, cases_delivered=delivered, causes=every)


def answer_of(
    *,
    delivered: int,
    causes: Mapping[str, int],
    others: Mapping[str, Bridge] | None = None,
    period: Period,
    as_of: date,
    om_count: int = 0,
) -> BalanceAnswer:
    """A balance of these counts, without units.

    Args:
        delivered: suspects of the police.
        causes: of those that are not recognised.
        others: what each other party delivered.
        period: what is counted.
        as_of: the day whose knowledge is used.
        om_count: the OM's own figure.
    """
    return BalanceAnswer(
        period=period,
        as_of=as_of,
        police=PartyBridge(party=POLICE, total=bridge_of(delivered=delivered, causes=causes), by_unit=()),
        registered_earlier=0,
        om_count=om_count,
        om_only={cause.value: 0 for cause in OmOnlyCause},
        links={str(rule): 0 for rule in range(1, 7)},
        closes=True,
        other_parties=tuple(
            PartyBridge(party=party, total=bridge, by_unit=()) for party, bridge in (others or {}).items()
        ),
    )
