"""Rules about what the balance says: what is missing, gaps of units, figures that moved."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from ketenbalans.alerts import bands
from ketenbalans.alerts.facts import Facts, Gaps, UnitGap
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.rules_breaks import before_the_balance
from ketenbalans.alerts.windows import of_windows, windows_of
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.answer_parts import PartyBridge
from schemas.catalogue import POLICE
from schemas.causes import Cause
from schemas.period import Period
from schemas.verdicts import BalanceVerdict

CHAIN_WEIGHT = 20
"""That of the whole chain weighs as so many suspects beside a unit's own share: small units are not judged alone."""


def unexplained(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A period in which more of a party's delivered suspects are missing than the allowance, the police's first."""
    for balance in facts.balances:
        known = f"as known on {balance.as_of}{before_the_balance(facts, balance.period, known_on=balance.as_of)}"
        lacks = facts.incomplete.get(balance.period)
        verdict = BalanceVerdict.UNEXPLAINED if lacks is None else BalanceVerdict.INCOMPLETE
        for party in balance.parties:
            for one in _unexplained(party, balance.period, balance.as_of, known, policy):
                says = one.says if lacks is None else f"{one.says}; the balance is incomplete: {lacks}"
                yield replace(one, says=says, evidence={**one.evidence, "verdict": verdict.value})


def _unexplained(
    delivered_by: PartyBridge, period: Period, as_of: date, known: str, policy: AlertPolicy
) -> Iterator[Finding]:
    bridge, delivered = delivered_by.total, delivered_by.total.delivered
    missing, allowed = bridge.causes[Cause.MISSING.value], policy.missing_allowed(delivered)
    party = None if delivered_by.party == POLICE else delivered_by.party
    if missing > allowed:
        by = f" by {party}" if party else ""
        yield Finding(
            rule=AlertRule.UNEXPLAINED,
            subject=f"{period}/{party}" if party else str(period),
            says=f"{missing} of the {delivered} suspects delivered{by} in {period} are missing at the OM without any "
            f"cause, {known}; up to {allowed} would be allowed",
            evidence={
                "missing": missing,
                "allowed": allowed,
                "delivered": delivered,
                "recognised": bridge.recognised,
                "gap": bridge.gap,
                "as_of": as_of.isoformat(),
            },
            mark=str(missing),
            period=period,
            amount=missing,
        )


def gaps_of_units(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A unit of whose newest deliveries more stay unrecognised than of its own before, beyond what chance allows.

    A window that an alert names is looked at again, as the chain is known now, until it is ordinary.
    """
    if facts.as_of is None or not facts.is_linked:
        return
    newest = Period(facts.as_of - timedelta(days=policy.gap_window_days - 1), facts.as_of)
    found = {one.subject: [one] for one in _gaps((facts.gaps_now, facts.gaps_before), newest, policy)}
    for alert in facts.standing.values():
        if alert.rule is AlertRule.GAP_OF_UNIT:
            for window in windows_of(alert):
                if window != newest and window in facts.gaps_earlier:
                    again = _gaps(facts.gaps_earlier[window], window, policy)
                    found.setdefault(alert.subject, []).extend(one for one in again if one.subject == alert.subject)
    yield from (of_windows(of_unit) for _, of_unit in sorted(found.items()) if of_unit)


def _gaps(gaps: Gaps, window: Period, policy: AlertPolicy) -> Iterator[Finding]:
    gaps_now, gaps_before = gaps
    chain = _sum(gaps_before)
    if not chain.delivered:
        return
    for unit, now in sorted(gaps_now.items()):
        before = gaps_before.get(unit, UnitGap(delivered=0, unrecognised=0))
        usual = (before.unrecognised + CHAIN_WEIGHT * chain.unrecognised / chain.delivered) / (
            before.delivered + CHAIN_WEIGHT
        )
        chance = bands.chance_of_so_large_a_part(now.unrecognised, of=now.delivered, share=usual)
        if now.unrecognised >= policy.gap_suspects and chance < policy.false_alarm_chance:
            yield Finding(
                rule=AlertRule.GAP_OF_UNIT,
                subject=unit,
                says=f"{now.unrecognised} of the {now.delivered} suspects that {unit} delivered in the "
                f"{policy.gap_window_days} days until {window.end} are not recognised, where {usual:.0%} would be "
                "usual",
                evidence={
                    "unrecognised": now.unrecognised,
                    "delivered": now.delivered,
                    "usual_share": round(usual, 3),
                    "days": policy.gap_window_days,
                    "until": window.end.isoformat(),
                    "chance": float(f"{chance:.1g}"),
                },
                mark=window.end.isoformat(),
                period=window,
                amount=now.unrecognised,
            )


def reported_figures(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A final figure that was reported and has moved since."""
    for one in facts.reported:
        moved = {
            name: one.now[name] - figure
            for name, figure in one.reported.items()
            if abs(one.now[name] - figure) > policy.restated_suspects
        }
        if moved:
            moves = ", ".join(f"{name} {one.reported[name]} is now {one.now[name]}" for name in moved)
            yield Finding(
                rule=AlertRule.REPORTED_CHANGED,
                subject=str(one.period),
                says=f"figures of {one.period} that were reported as known on {one.reported_as_of} are others on "
                f"{one.as_of}{before_the_balance(facts, one.period, known_on=one.as_of)}: {moves}",
                evidence={
                    "reported_as_of": one.reported_as_of.isoformat(),
                    "as_of": one.as_of.isoformat(),
                    **{f"{name}_reported": one.reported[name] for name in moved},
                    **{f"{name}_now": one.now[name] for name in moved},
                },
                mark=" ".join(str(one.now[name]) for name in one.reported),
                period=one.period,
                amount=sum(map(abs, moved.values())),
            )


def _sum(gaps: Mapping[str, UnitGap]) -> UnitGap:
    return UnitGap(
        delivered=sum(gap.delivered for gap in gaps.values()),
        unrecognised=sum(gap.unrecognised for gap in gaps.values()),
    )
