"""What a balance comes to, in one word with the reason: found when somebody asks, beside the answer that is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import Vocabulary


class BalanceVerdict(Vocabulary):
    """What is to be thought of a balance. Of several that hold the first counts, in this order."""

    INCOMPLETE = "incomplete", "onvolledig", "Not all is known of that day, so nothing follows from what is missing."


@dataclass(frozen=True)
class Judgement:
    """A verdict and why it holds, in one sentence with its numbers."""

    verdict: BalanceVerdict
    because: str


def first_judgement(found: Iterable[Judgement]) -> Judgement | None:
    """The judgement that counts, of those that hold; None when none does."""
    order = list(BalanceVerdict)
    return min(found, key=lambda one: order.index(one.verdict), default=None)


def judged(judgement: Judgement | None) -> dict[str, Any]:
    """What ``reconcile --json`` prints of it: ``verdict`` and ``because``, both null when no verdict holds."""
    return {
        "verdict": None if judgement is None else judgement.verdict.value,
        "because": None if judgement is None else judgement.because,
    }
