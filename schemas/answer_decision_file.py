"""What a file of decisions comes to: row by row what it does, and whether it was kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.answer_breaks import KeptDecision
from schemas.decisions import Decision
from schemas.json_object import JsonObject
from schemas.vocabulary import Vocabulary


class RowOutcome(Vocabulary):
    """What a row that is filled in comes to."""

    NEW = "new", "nieuw", "A decision that is not kept yet."
    UNCHANGED = "unchanged", "ongewijzigd", "The decision is kept already: of an earlier import, or of another row."
    REFUSED = "refused", "geweigerd", "It cannot be; the reason is said."


@dataclass(frozen=True, kw_only=True)
class DecidedRow:
    """A row of the file that is filled in.

    Attributes:
        line: its line in the file.
        break_id: as the row names it.
        word: what it decides, as the row says it.
        outcome: what it comes to.
        because: why it is refused, or what it is the same as; None: it is new.
        decision: what is decided; None: the row is refused.
        kept: the decision as it is kept; None: it is not.
    """

    line: int
    break_id: str
    word: str
    outcome: RowOutcome
    because: str | None = None
    decision: Decision | None = None
    kept: KeptDecision | None = None

    def to_json(self) -> JsonObject:
        """One of ``rows``, as ``breaks import --json`` prints it."""
        return {
            "line": self.line,
            "break_id": self.break_id,
            "decision": self.word,
            "outcome": self.outcome.value,
            "because": self.because,
            "decision_id": None if self.kept is None else self.kept.decision_id,
        }


@dataclass(frozen=True, kw_only=True)
class DecisionFileAnswer:
    """What an import does, or would do.

    Attributes:
        rows: those that are filled in, in the order of the file.
        not_filled_in: how many others there are.
        is_dry_run: whether it was asked what would happen, and nothing was kept.
        is_partial: whether the good rows are kept where others are refused.
    """

    rows: Sequence[DecidedRow]
    not_filled_in: int
    is_dry_run: bool
    is_partial: bool

    @property
    def counted(self) -> dict[RowOutcome, int]:
        """How many rows come to what."""
        counts = Counter(row.outcome for row in self.rows)
        return {outcome: counts[outcome] for outcome in RowOutcome}

    @property
    def keeps_the_new(self) -> bool:
        """Whether its new decisions are kept, or would be."""
        return self.is_partial or not self.counted[RowOutcome.REFUSED]

    def to_json(self) -> JsonObject:
        """What ``breaks import --json`` prints."""
        counts = {outcome.value: rows for outcome, rows in self.counted.items()}
        return {
            "dry_run": self.is_dry_run,
            "keeps_the_new": self.keeps_the_new,
            **counts,
            "not_filled_in": self.not_filled_in,
            "rows": [row.to_json() for row in self.rows],
        }
