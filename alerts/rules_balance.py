"""Rules about what the balance says: what is missing, gaps of units, figures that moved, breaks nobody took."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from alerts import bands
from alerts.facts import Facts, UnitGap
from alerts.finding import Finding
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule, Severity
from schemas.period import Period
from schemas.vocabulary import Cause

CHAIN_WEIGHT = 20
"""That of the whole chain weighs as so many suspects beside a unit's own share: small units are not judged alone."""


def unexplained(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A period in which more of a party's delivered suspects are missing than the allowance, the police's first."""
    for balance in facts.balances:
        period = Period(*map(date.fromisoformat, balance["period"]))
        yield from _unexplained(balance, period, balance["as_of"], policy)
        for party in balance.get("other_parties", []):
            yield from _unexplained(party, period, balance["as_of"], policy)


def _unexplained(delivered_by: Mapping[str, Any], period: Period, as_of: str, policy: AlertPolicy) -> Iterator[Finding]:
    missing, delivered = delivered_by["causes"][Cause.MISSING.value], delivered_by["delivered"]
    allowed = policy.missing_allowed(delivered)
    party = delivered_by.get("party")
    if missing > allowed:
        by = f" by {party}" if party else ""
        yield Finding(
            rule=AlertRule.UNEXPLAINED,
            subject=f"{period}/{party}" if party else str(period),
            severity=Severity.WARNING,
            says=f"{missing} of the {delivered} suspects delivered{by} in {period} are missing at the OM without any "
            f"cause, as known on {as_of}; up to {allowed} would be allowed",
            evidence={
                "missing": missing,
                "allowed": allowed,
                "delivered": delivered,
                "recognised": delivered_by["recognised"],
                "gap": delivered_by["gap"],
                "as_of": as_of,
            },
            mark=str(missing),
        )


def gaps_of_units(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """A unit of whose newest deliveries more stay unrecognised than of its own before, beyond what chance allows."""
    if facts.as_of is None or not facts.gaps_before:
        return
    chain = _sum(facts.gaps_before)
    if not chain.delivered:
        return
    for unit, now in sorted(facts.gaps_now.items()):
        before = facts.gaps_before.get(unit, UnitGap(delivered=0, unrecognised=0))
        usual = (before.unrecognised + CHAIN_WEIGHT * chain.unrecognised / chain.delivered) / (
            before.delivered + CHAIN_WEIGHT
        )
        chance = bands.chance_of_so_large_a_part(now.unrecognised, of=now.delivered, share=usual)
        if now.unrecognised >= policy.gap_suspects and chance < policy.false_alarm_chance:
            yield Finding(
                rule=AlertRule.GAP_OF_UNIT,
                subject=unit,
                severity=Severity.WARNING,
                says=f"{now.unrecognised} of the {now.delivered} suspects that {unit} delivered in the "
                f"{policy.gap_window_days} days until {facts.as_of} are not recognised, where {usual:.0%} would be "
                "usual",
                evidence={
                    "unrecognised": now.unrecognised,
                    "delivered": now.delivered,
                    "usual_share": round(usual, 3),
                    "days": policy.gap_window_days,
                    "as_of": facts.as_of.isoformat(),
                    "chance": float(f"{chance:.1g}"),
                },
                mark=facts.as_of.isoformat(),
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
            told = ", ".join(f"{name} {one.reported[name]} is now {one.now[name]}" for name in moved)
            yield Finding(
                rule=AlertRule.REPORTED_CHANGED,
                subject=str(one.period),
                severity=Severity.WARNING,
                says=f"figures of {one.period} that were reported as known on {one.reported_as_of} are others on "
                f"{one.as_of}: {told}",
                evidence={
                    "reported_as_of": one.reported_as_of.isoformat(),
                    "as_of": one.as_of.isoformat(),
                    **{f"{name}_reported": one.reported[name] for name in moved},
                    **{f"{name}_now": one.now[name] for name in moved},
                },
                mark=" ".join(str(one.now[name]) for name in one.reported),
            )


def past_due(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:
    """Open breaks that nobody took in time."""
    for one in facts.past_due:
        breaks = "break has" if one.breaks == 1 else "breaks have"
        yield Finding(
            rule=AlertRule.PAST_DUE,
            subject=str(one.year),
            severity=Severity.WARNING,
            says=f"{one.breaks} {breaks} been open for more than {policy.take_within_days} days without an owner, the "
            f"first one since {one.since}",
            evidence={"breaks": one.breaks, "first_open_since": one.since.isoformat()},
            mark=f"{one.breaks} {one.since}",
        )


def _sum(gaps: Mapping[str, UnitGap]) -> UnitGap:
    return UnitGap(
        delivered=sum(gap.delivered for gap in gaps.values()),
        unrecognised=sum(gap.unrecognised for gap in gaps.values()),
    )
