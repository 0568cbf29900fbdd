"""The pictures of a year on its page: from delivered to recognised, and the gap by cause on each as-of day."""

from collections.abc import Sequence

from ketenbalans.reports import pictures
from ketenbalans.reports.document import Picture
from ketenbalans.reports.pictures import BLUE, GREY, SKY, VERMILION, BarRow, BarSegment
from schemas.answer import BalanceAnswer
from schemas.causes import Cause

UNEXPLAINED, EXPLAINED, COUNTED = "unexplained", "explained", "counted"
KINDS = {COUNTED: BLUE, EXPLAINED: SKY, UNEXPLAINED: VERMILION}
PALETTE = (VERMILION, BLUE, "#e69f00", SKY, "#009e73", "#cc79a7", "#f0e442", GREY, "#1b6e53", "#7a5195")
"""Okabe and Ito's colours and two more: a cause each, what is unexplained first."""

AXIS = "suspects"
BEGINS_NEAR = 0.5
"""Where all levels lie above this part of the largest, the axis begins near them: the steps would vanish."""


def waterfall_of(balance: BalanceAnswer) -> Picture:
    """From what the police delivered to what the OM recognises, a step per cause that has somebody."""
    steps = [_total("delivered", balance.delivered)]
    for cause in Cause:
        suspects = balance.causes[cause.value]
        if suspects:
            kind = UNEXPLAINED if cause is Cause.MISSING else EXPLAINED
            steps.append(BarRow(_words(cause), (BarSegment(kind, suspects),), f"\N{MINUS SIGN}{suspects}", sign=-1))
    steps.append(_total("recognised", balance.recognised))
    near = balance.recognised > BEGINS_NEAR * balance.delivered
    begins_at = balance.recognised - balance.gap if near and balance.gap else 0
    described = ", ".join(f"{step.label} {step.written}" for step in steps)
    return Picture(
        "waterfall",
        "From delivered to recognised"
        + (f"; the axis begins at {max(begins_at, 0)}, not at 0" if begins_at > 0 else ""),
        f"Suspects: {described}.",
        pictures.waterfall(steps, kinds=KINDS, axis=AXIS, begins_at=max(begins_at, 0)),
    )


def causes_over_days(balances: Sequence[BalanceAnswer]) -> Picture | None:
    """The gap by cause on each as-of day, the oldest first; None where no day has a gap.

    Args:
        balances: of one period, by as-of day.
    """
    causes = [Cause.MISSING, *(cause for cause in Cause if cause is not Cause.MISSING)]
    some = [cause for cause in causes if any(one.causes.get(cause.value, 0) for one in balances)]
    if not some:
        return None
    kinds = {_words(cause): colour for cause, colour in zip(some, PALETTE, strict=False)}
    rows = [
        BarRow(
            one.as_of.isoformat(),
            tuple(
                BarSegment(_words(cause), one.causes[cause.value]) for cause in some if one.causes.get(cause.value, 0)
            ),
            str(one.gap),
        )
        for one in balances
    ]
    described = "; ".join(f"on {row.label} {row.written}" for row in rows)
    return Picture(
        "causes",
        "The gap by cause, as known on each day",
        f"Suspects: {described}.",
        pictures.bars(rows, kinds=kinds, axis=AXIS),
    )


def _total(label: str, amount: int) -> BarRow:
    return BarRow(label, (BarSegment(COUNTED, amount),), str(amount))


def _words(cause: Cause) -> str:
    return cause.value.replace("_", " ")
