"""Say why a figure of a period is another one on a later day: which suspects came, left or changed, and the reason.

Two balances of one period are laid side by side; what differs is explained from the records that moved. Each move has
exactly one reason, the first that holds (docs/restatement.md). Pure: no I/O, no clock, no logging.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import NamedTuple

import polars as pl

from ketenbalans.reconciliation.bridge import Balance
from ketenbalans.reconciliation.moves import in_words
from schemas.answer_restated import FigureMove, RestatementAnswer, SuspectMove
from schemas.coded_state import case_number, dossier_number
from schemas.period import AMSTERDAM
from schemas.revisions import Movement, RevisionReason
from schemas.vocabulary import Vocabulary

MOVES = tuple(field.name for field in fields(SuspectMove))
"""The columns of a move."""

OF_NO_EVENT = (RevisionReason.PASSAGE_OF_TIME, RevisionReason.OTHER_RECORDS, RevisionReason.DECIDED)
"""The reasons that rest on no event of the suspect's own records."""

OF_THE_REGISTRATION = (
    RevisionReason.RE_LINKED,
    RevisionReason.REGISTRATION_RECORDED_LATE,
    RevisionReason.LAPSED,
    RevisionReason.JOINED,
    RevisionReason.RECLASSIFIED,
    RevisionReason.REGISTRATION_CORRECTED,
)
"""The reasons that rest on an event of the registration alone."""


class RestatementDoesNotClose(ArithmeticError):
    """The moves do not lead from one figure to the other: a defect of ours, never of the data."""


class Way(NamedTuple):
    """In which way a suspect moved."""

    movement: str
    reason: str
    recognised_before: bool
    recognised_after: bool


@dataclass(frozen=True)
class Restatement:
    """From the figures of a period on one day to those on a later one.

    Attributes:
        before: the balance of the earlier day.
        after: the balance of the later day.
        suspects: how many moved in each way.
    """

    before: Balance
    after: Balance
    suspects: Mapping[Way, int]

    def counted(self, movement: Movement) -> dict[str, int]:
        """How many suspects moved so, by reason, in the order of the reasons; reasons without any are left out."""
        return self._by_reason(way for way in self.suspects if way.movement == movement.value)

    def became_recognised(self) -> dict[str, int]:
        """How many suspects are recognised that were not, by reason."""
        return self._by_reason(way for way in self.suspects if way.recognised_after and not way.recognised_before)

    def no_longer_recognised(self) -> dict[str, int]:
        """How many suspects were recognised that are not any more, by reason."""
        return self._by_reason(way for way in self.suspects if way.recognised_before and not way.recognised_after)

    def _by_reason(self, ways: Iterable[Way]) -> dict[str, int]:
        counted: Counter[str] = Counter()
        for way in ways:
            counted[way.reason] += self.suspects[way]
        reasons: list[Vocabulary] = list(RevisionReason)
        return {reason.value: counted[reason.value] for reason in reasons if reason.value in counted}

    @property
    def closes(self) -> bool:
        """Whether the moves lead from both figures of the earlier day to those of the later one."""
        delivered = sum(self.counted(Movement.CAME).values()) - sum(self.counted(Movement.LEFT).values())
        recognised = sum(self.became_recognised().values()) - sum(self.no_longer_recognised().values())
        one, other = self.before.total, self.after.total
        return one.delivered + delivered == other.delivered and one.recognised + recognised == other.recognised

    def answer(self, moves: pl.DataFrame) -> RestatementAnswer:
        """The restatement as it is answered, without the balances behind it.

        Args:
            moves: each suspect that moved (``named_moves``).
        """
        one, other = self.before.total, self.after.total
        return RestatementAnswer(
            period=self.before.period,
            earlier=self.before.as_of,
            later=self.after.as_of,
            delivered=FigureMove(
                before=one.delivered,
                more=self.counted(Movement.CAME),
                less=self.counted(Movement.LEFT),
                after=other.delivered,
            ),
            recognised=FigureMove(
                before=one.recognised,
                more=self.became_recognised(),
                less=self.no_longer_recognised(),
                after=other.recognised,
            ),
            cases_before=one.cases_delivered,
            cases_after=other.cases_delivered,
            changed=self.counted(Movement.CHANGED),
            closes=self.closes,
            moves=tuple(SuspectMove(**move) for move in moves.iter_rows(named=True)),
        )


def restatements(before: Sequence[Balance], after: Sequence[Balance], moves: pl.DataFrame) -> list[Restatement]:
    """How the figures of each of some periods moved between two days.

    Args:
        before: the balances of the earlier day.
        after: the balances of the same periods on the later day.
        moves: the suspects that moved, each with its reason (``reasons.with_reasons``).

    Raises:
        RestatementDoesNotClose: the moves do not lead from one figure to the other.
    """
    counted: list[dict[Way, int]] = [{} for _ in before]
    for period, *way, suspects in moves.group_by("period", *Way._fields).len().iter_rows():
        counted[period][Way(*way)] = suspects
    found = [Restatement(*of_one) for of_one in zip(before, after, counted, strict=True)]
    for one in found:
        if not one.closes:
            days = f"from {one.before.as_of} to {one.after.as_of}"
            message = f"the restatement of {one.before.period} {days} does not close"
            raise RestatementDoesNotClose(message)
    return found


def about_the_moves(moves: pl.DataFrame) -> tuple[list[tuple[str, int]], list[str]]:
    """Of which records the events are needed to name what moves rest on: the suspects that moved, and their cases."""
    suspects = moves.select(dossier_number(pl.col("dossier")), "suspect_number").unique()
    cases = moves.select(case_number(pl.col("case")).unique().drop_nulls()).to_series()
    return list(suspects.iter_rows()), cases.to_list()


def named_moves(moves: pl.DataFrame, evidence: pl.DataFrame, days: tuple[date, date]) -> pl.DataFrame:
    """Moves with the event that the reason of each rests on.

    Args:
        moves: each with its reason (``reasons.with_reasons``).
        evidence: every event known on the later day of the records that they are ``about``, in time order
            (``warehouse.evidence``).
        days: the earlier and the later day.

    Returns:
        One row per suspect and period (``MOVES``), by movement, dossier and suspect number. ``event_id`` and
        ``recorded_on`` name the newest event that only the later day knows, of the record that the reason is about;
        null when it rests on none of the suspect's own records.
    """
    police, om = (evidence.filter(pl.col("source") == name) for name in ("police_deliveries", "om_registrations"))
    suspect = ["dossier_number", "suspect_number"]
    moves = in_words(moves).with_columns(case_number=pl.coalesce("case_number_after", "case_number_before"))
    moves = moves.join(_news(police, suspect, days, of="delivery"), on=suspect, how="left")
    moves = moves.join(_news(om, ["case_number"], days, of="registration"), on="case_number", how="left")
    return moves.with_columns(**_event_of_the_reason()).select(MOVES).sort("movement", *suspect)


def _news(events: pl.DataFrame, key: list[str], days: tuple[date, date], *, of: str) -> pl.DataFrame:
    """The newest event of each record that only the later day knows."""
    news = events.filter(_recorded_on() > days[0], _recorded_on() <= days[1])
    return news.unique(key, keep="last", maintain_order=True).select(
        *key, pl.col("event_id").alias(f"{of}_event_id"), _recorded_on().alias(f"{of}_recorded_on")
    )


def reclassified_cases(evidence: pl.DataFrame, days: tuple[date, date]) -> list[str]:
    """The cases whose classification on the later day is another one than on the earlier one, of events in time order.

    A case of which nothing was known on the earlier day is none of them.
    """
    om = evidence.filter(pl.col("source") == "om_registrations")
    was, is_now = (
        om.filter(_recorded_on() <= day).unique("case_number", keep="last", maintain_order=True) for day in days
    )
    both = is_now.select("case_number", "classification").join(
        was.select("case_number", before="classification"), on="case_number"
    )
    return both.filter(pl.col("classification").ne_missing(pl.col("before")))["case_number"].to_list()


def _recorded_on() -> pl.Expr:
    """The day in Amsterdam on which the source knew."""
    return pl.col("recorded_at").dt.convert_time_zone(str(AMSTERDAM)).dt.date()


def _event_of_the_reason() -> dict[str, pl.Expr]:
    """The newest event that only the later day knows, of the record that the reason is about."""
    of_none, of_the_registration = (
        pl.col("reason").is_in([reason.value for reason in reasons]) for reasons in (OF_NO_EVENT, OF_THE_REGISTRATION)
    )
    return {
        name: pl.when(of_none)
        .then(None)
        .when(of_the_registration)
        .then(pl.col(f"registration_{name}"))
        .otherwise(pl.coalesce(f"delivery_{name}", f"registration_{name}"))
        for name in ("event_id", "recorded_on")
    }
