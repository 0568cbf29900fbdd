"""The rule about what a nowcast rests on: that registering goes on at the pace of the months before (ADR 0062)."""

from collections.abc import Iterator

from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule


def missed_nowcasts(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:  # noqa: ARG001 (as every rule)
    """A month that is over in which far fewer or far more suspects were registered than practice before explains.

    Each month is a subject of its own, so an ordinary one hides none before it.
    """
    for month, paces in sorted(facts.paces.items()):
        outside = [one for one in paces if one.is_outside]
        if not outside:
            continue
        worst = max(outside, key=lambda one: abs(one.deviations))
        of, usual = f"{month.start:%Y-%m}", round(worst.usual, 1)
        yield Finding(
            rule=AlertRule.NOWCAST_MISSED,
            subject=of,
            says=f"{worst.group} {worst.registered} were registered in {of}, where {worst.usual:.0f} would be usual "
            f"after {worst.months_before} months like it: what may still come was forecast from months before it",
            evidence={
                "registered": worst.registered,
                "usual": usual,
                "months_before": worst.months_before,
                "standard_deviations": round(worst.deviations, 1),
            },
            mark=f"{month.end} {'fewer' if worst.deviations < 0 else 'more'}",
            period=month,
            amount=round(abs(worst.registered - usual), 1),
        )
