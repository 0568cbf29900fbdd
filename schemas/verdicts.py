"""What a balance comes to, in one word with the reason: found when somebody asks, beside the answer that is stored."""

from dataclasses import dataclass

from schemas.vocabulary import Vocabulary


class BalanceVerdict(Vocabulary):
    """What is to be thought of a balance: the first that holds, in this order; the last one when no other does."""

    INCOMPLETE = (
        "incomplete",
        "onvolledig",
        "Not all that belongs to it is known, so nothing follows from what is missing.",
    )
    UNEXPLAINED = "unexplained", "onverklaard", "More suspects are missing without a cause than the policy allows."
    OPEN = "open", "open", "What differs has a cause, and somebody has to act on some of it."
    WAITING = "waiting", "in afwachting", "What differs has a cause, and some of it may still be solved by itself."
    EXPLAINED = "explained", "verklaard", "What differs has a cause that says all, or a person has taken it."


@dataclass(frozen=True)
class Judgement:
    """A verdict and why it holds, in one sentence with its numbers."""

    verdict: BalanceVerdict
    because: str

    def to_dict(self) -> dict[str, str]:
        """What ``--json`` prints of it: ``verdict`` and ``because``, which are always there."""
        return {"verdict": self.verdict.value, "because": self.because}
