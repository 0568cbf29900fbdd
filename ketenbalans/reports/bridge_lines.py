"""A balance as lines that a person reads from top to bottom: the same order on the terminal and on a page."""

from dataclasses import dataclass
from enum import Enum

from schemas.answer import BalanceAnswer
from schemas.causes import Cause, OmOnlyCause


class Weight(Enum):
    """How much a line weighs: a figure of its own, or a step from one figure to the next."""

    FIGURE = "figure"
    STEP = "step"


@dataclass(frozen=True)
class BridgeLine:
    """One line of the bridge.

    Attributes:
        key: where the value stands in the balance: ``delivered``, ``causes.joined``, ``om_only.suggested`` and so on.
        sign: what the line does to the sum above it: ``""`` for a figure, else ``-`` or ``+``.
        label: what it counts.
        meaning: one sentence more; empty for a figure that needs none.
    """

    key: str
    weight: Weight
    sign: str
    label: str
    meaning: str

    def value_in(self, balance: BalanceAnswer) -> int:
        """The line's suspects in a balance."""
        return balance.figure(self.key)


def bridge_lines() -> tuple[BridgeLine, ...]:
    """From delivered to recognised by cause, and from there to the OM's own count."""
    return (
        BridgeLine("delivered", Weight.FIGURE, "", "Delivered by the police", "suspects, by the day of delivery"),
        *(_step(f"causes.{cause.value}", "-", cause.value, cause.meaning) for cause in Cause),
        BridgeLine("recognised", Weight.FIGURE, "", "Recognised at the OM", "registered in time, as KP or KST"),
        _step("registered_earlier", "-", "registered_earlier", "Registered before the period: the OM counted it then."),
        *(_step(f"om_only.{cause.value}", "+", cause.value, cause.meaning) for cause in OmOnlyCause),
        BridgeLine("om_count", Weight.FIGURE, "", "The OM's own count", "registrations, by the day of registration"),
    )


def _step(key: str, sign: str, name: str, meaning: str) -> BridgeLine:
    return BridgeLine(key, Weight.STEP, sign, name.replace("_", " "), meaning)
