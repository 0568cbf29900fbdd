"""Which rule was broken how often: what a gate says about many rows. A column, a rule and a number, never a value."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True, order=True)
class Refused:
    """How many messages went to the dead letters for one reason and by one rule.

    Attributes:
        reason: ``schemas.wire.refusals.Reason``.
        column: the field that the rule is about; empty for the message as a whole.
        rule: what a message has to be, in words.
        messages: how many were not.
    """

    reason: str
    column: str
    rule: str
    messages: int

    def to_dict(self) -> dict[str, Any]:
        """What ``ingest --json`` prints of it."""
        return {**asdict(self), "column": self.column or None}

    def describe(self) -> str:
        """The number and the rule in words."""
        return f"{self.messages} x {self.reason}: {f'{self.column} ' if self.column else ''}{self.rule}"

    @classmethod
    def counted(cls, refused: Iterable["Refused"]) -> tuple[Self, ...]:
        """One per reason, column and rule, in that order: numbers that were kept apart, together."""
        amounts: Counter[tuple[str, str, str]] = Counter()
        for one in refused:
            amounts[one.reason, one.column, one.rule] += one.messages
        return tuple(
            cls(reason=reason, column=column, rule=rule, messages=messages)
            for (reason, column, rule), messages in sorted(amounts.items())
        )
