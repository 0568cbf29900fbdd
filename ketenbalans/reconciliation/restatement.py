"""Say why a figure of a period is another one on a later day: which suspects came, left or changed, and the reason.

Two balances of one period are laid side by side; what differs is explained from the events of the records that moved.
Each move has exactly one reason, the first that holds (docs/restatement.md). Pure: no I/O, no clock, no logging.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import polars as pl

from ketenbalans.reconciliation.bridge import Balance
from schemas.answer_restated import FigureMove, RestatementAnswer, SuspectMove
from schemas.coded_state import case_number, dossier_key, dossier_number, unit_code
from schemas.period import AMSTERDAM
from schemas.revisions import Movement, RevisionReason
from schemas.vocabulary import OmMutation, PoliceMutation, Vocabulary

SUSPECT = ("dossier_number", "suspect_number")
FIELDS = {
    "mutation": "mutation",
    "person": "person_id",
    "delivered_on": "delivered_on",
    "classification": "classification",
}
"""What of a record is compared between the two days, and the field of the event."""

PERSON_AFTER = "delivery_person_after"
CODED_SUSPECT = ("dossier", "suspect_number")
CODED = ("case", "cause", "link_rule", "delivered_on")
"""What of a suspect is compared between two balances."""

MOVES = tuple(field.name for field in fields(SuspectMove))
"""The columns of a move."""


class RestatementDoesNotClose(ArithmeticError):
    """The moves do not lead from one figure to the other: a defect of ours, never of the data."""


@dataclass(frozen=True)
class Restatement:
    """From the figures of a period on one day to those on a later one.

    Attributes:
        before: the balance of the earlier day.
        after: the balance of the later day.
        moves: one row per suspect that came, left or changed (``MOVES``), by movement, dossier and suspect number.
            ``event_id`` and ``recorded_on`` name the event that the reason rests on; null when it rests on none of the
            suspect's own records.
    """

    before: Balance
    after: Balance
    moves: pl.DataFrame

    def counted(self, movement: Movement) -> dict[str, int]:
        """How many suspects moved so, by reason, in the order of the reasons; reasons without any are left out."""
        return _by_reason(self.moves.filter(pl.col("movement") == movement.value))

    def became_recognised(self) -> dict[str, int]:
        """How many suspects are recognised that were not, by reason."""
        return _by_reason(self.moves.filter(pl.col("recognised_after") & ~pl.col("recognised_before")))

    def no_longer_recognised(self) -> dict[str, int]:
        """How many suspects were recognised that are not any more, by reason."""
        return _by_reason(self.moves.filter(~pl.col("recognised_after") & pl.col("recognised_before")))

    @property
    def closes(self) -> bool:
        """Whether the moves lead from both figures of the earlier day to those of the later one."""
        delivered = sum(self.counted(Movement.CAME).values()) - sum(self.counted(Movement.LEFT).values())
        recognised = sum(self.became_recognised().values()) - sum(self.no_longer_recognised().values())
        one, other = self.before.total, self.after.total
        return one.delivered + delivered == other.delivered and one.recognised + recognised == other.recognised

    def answer(self) -> RestatementAnswer:
        """The restatement as it is answered, without the balances behind it."""
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
            moves=tuple(SuspectMove(**move) for move in self.moves.iter_rows(named=True)),
        )


def moved(before: Balance, after: Balance) -> pl.DataFrame:
    """The suspects that came, left or changed between two balances of one period, without a reason yet."""
    sides = [
        balance.police.coded_suspects.select(
            *CODED_SUSPECT,
            pl.col("unit").alias(f"unit_{side}"),
            pl.col("cause").is_null().alias(f"recognised_{side}"),
            *(pl.col(name).alias(f"{name}_{side}") for name in CODED),
        )
        for side, balance in (("before", before), ("after", after))
    ]
    both = sides[0].join(sides[1], on=CODED_SUSPECT, how="full", coalesce=True)
    was_there, is_there = pl.col("recognised_before").is_not_null(), pl.col("recognised_after").is_not_null()
    differs = pl.any_horizontal(
        pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_after")) for name in ("case", "cause")
    )
    movement = (
        pl.when(~was_there)
        .then(pl.lit(Movement.CAME.value))
        .when(~is_there)
        .then(pl.lit(Movement.LEFT.value))
        .when(differs)
        .then(pl.lit(Movement.CHANGED.value))
    )
    return (
        both.with_columns(movement=movement)
        .filter(pl.col("movement").is_not_null())
        .with_columns(
            pl.col("recognised_before", "recognised_after").fill_null(value=False),
            dossier_number=dossier_number(pl.col("dossier")),
            unit=unit_code(pl.coalesce("unit_after", "unit_before")),
            case_number_before=case_number(pl.col("case_before")),
            case_number_after=case_number(pl.col("case_after")),
        )
        .drop("dossier", "unit_before", "unit_after", "case_before", "case_after")
    )


def about_the_moves(moves: pl.DataFrame, balances: Sequence[Balance]) -> tuple[list[tuple[str, int]], list[str]]:
    """Of which records the events are needed to explain moves: suspects (dossier and suspect number), and cases.

    Those of the suspects that ``moved``, of the others of their dossiers, and of the cases that they were or are linked
    to.
    """
    if moves.is_empty():
        return [], []
    dossiers = moves.select(dossier_key(pl.col("dossier_number")).unique()).to_series()
    neighbours = [
        one.police.coded_suspects.filter(pl.col("dossier").is_in(dossiers.implode())).select(
            dossier_number(pl.col("dossier")).alias("dossier_number"), "suspect_number"
        )
        for one in balances
    ]
    suspects = pl.concat([*neighbours, moves.select(SUSPECT)]).unique()
    cases = pl.concat([moves["case_number_before"], moves["case_number_after"]]).drop_nulls().unique()
    return list(suspects.iter_rows()), cases.to_list()


def evidence_about(evidence: pl.DataFrame, suspects: Sequence[tuple[str, int]], cases: Sequence[str]) -> pl.DataFrame:
    """The events of some records alone, in their order (``about_the_moves``)."""
    if not suspects:  # and no case: nobody moved
        return evidence.clear()
    schema = {"dossier_number": pl.String, "suspect_number": pl.Int32}
    of_suspects = pl.DataFrame(list(suspects), schema=schema, orient="row").with_columns(is_asked=pl.lit(value=True))
    is_om = pl.col("source") == "om_registrations"
    marked = evidence.join(of_suspects.unique(), on=SUSPECT, how="left", maintain_order="left")
    is_asked = pl.when(is_om).then(pl.col("case_number").is_in(list(cases))).otherwise(pl.col("is_asked"))
    return marked.filter(is_asked.fill_null(value=False)).drop("is_asked")


def restatement(before: Balance, after: Balance, moves: pl.DataFrame, evidence: pl.DataFrame) -> Restatement:
    """Explain how a period's figures moved between two days.

    Args:
        before: the balance of the earlier day.
        after: the balance of the same period on the later day.
        moves: the suspects that ``moved`` between them.
        evidence: every event known on the later day of the records that ``about_the_moves`` names and of no others, in
            time order (``warehouse.evidence``).

    Raises:
        RestatementDoesNotClose: the moves do not lead from one figure to the other.
    """
    days = (before.as_of, after.as_of)
    police = evidence.filter(pl.col("source") == "police_deliveries")
    om = evidence.filter(pl.col("source") == "om_registrations")
    if moves.is_empty():
        nothing = {"reason": pl.lit(None, pl.String), "event_id": pl.lit(None, pl.String)}
        return _closed(
            Restatement(before, after, moves.with_columns(**nothing, recorded_on=pl.lit(None, pl.Date)).select(MOVES))
        )
    moves = _beside(moves, _states(police, list(SUSPECT), days, prefix="delivery"), SUSPECT, SUSPECT)
    cases = _states(om, ["case_number"], days, prefix="registration")
    moves = moves.with_columns(case_number=pl.coalesce("case_number_after", "case_number_before"))
    moves = _beside(moves, cases, ["case_number"], ["case_number"])
    moves = moves.with_columns(is_merged_into_another=_merged_into_another(moves, police, days[1]))
    reason = _first_reason(_reasons())
    with_reasons = moves.with_columns(reason=reason).with_columns(**_event_of_the_reason())
    return _closed(Restatement(before, after, with_reasons.select(MOVES).sort("movement", *SUSPECT)))


def _closed(found: Restatement) -> Restatement:
    if not found.closes:
        before, after = found.before, found.after
        message = f"the restatement of {before.period} from {before.as_of} to {after.as_of} does not close"
        raise RestatementDoesNotClose(message)
    return found


def _reasons() -> list[tuple[pl.Expr, RevisionReason]]:
    """Each reason with when it holds, in the order in which they are tried."""
    came, left, changed = (pl.col("movement") == movement.value for movement in Movement)
    mutation = pl.col("registration_mutation_after")
    has_news = pl.col("registration_event_id").is_not_null()
    is_relinked = pl.col("case_number_before").is_not_null() & pl.col("case_number_after").is_not_null()
    is_relinked &= pl.col("case_number_before") != pl.col("case_number_after")
    is_by_a_person = (pl.col("link_rule_before").eq_missing(5)) | (pl.col("link_rule_after").eq_missing(5))
    persons_changed = _changed("delivery", "person") | _changed("registration", "person")
    same_case = pl.col("case_number_before") == pl.col("case_number_after")
    return [
        (came & pl.col("delivery_mutation_before").is_null(), RevisionReason.RECORDED_LATE),
        (came & (pl.col("delivery_mutation_before") == PoliceMutation.WITHDRAWN.value), RevisionReason.REINSTATED),
        (left & pl.col("is_merged_into_another"), RevisionReason.SKN_MERGED),
        (left & (pl.col("delivery_mutation_after") == PoliceMutation.WITHDRAWN.value), RevisionReason.WITHDRAWN),
        ((came | left) & _changed("delivery", "delivered_on"), RevisionReason.CORRECTED_DATE),
        (changed & is_by_a_person & ~same_case.fill_null(value=False), RevisionReason.DECIDED),
        (changed & persons_changed & ~same_case.fill_null(value=False), RevisionReason.SKN_MERGED),
        (changed & is_relinked, RevisionReason.RE_LINKED),
        (
            changed & has_news & pl.col("registration_mutation_before").is_null(),
            RevisionReason.REGISTRATION_RECORDED_LATE,
        ),
        (changed & has_news & (mutation == OmMutation.LAPSED.value), RevisionReason.LAPSED),
        (changed & has_news & (mutation == OmMutation.JOINED.value), RevisionReason.JOINED),
        (changed & has_news & _changed("registration", "classification"), RevisionReason.RECLASSIFIED),
        (changed & has_news, RevisionReason.REGISTRATION_CORRECTED),
        (changed & pl.col("delivery_event_id").is_not_null(), RevisionReason.DELIVERY_CORRECTED),
        (
            changed & pl.col("case_number_before").eq_missing(pl.col("case_number_after")),
            RevisionReason.PASSAGE_OF_TIME,
        ),
    ]


def _first_reason(reasons: list[tuple[pl.Expr, RevisionReason]]) -> pl.Expr:
    decided = pl.lit(RevisionReason.OTHER_RECORDS.value)
    for holds, reason in reversed(reasons):
        decided = pl.when(holds).then(pl.lit(reason.value)).otherwise(decided)
    return decided


def _changed(record: str, field: str) -> pl.Expr:
    """The field of a record that was known on both days differs between them."""
    one, other = pl.col(f"{record}_{field}_before"), pl.col(f"{record}_{field}_after")
    return (pl.col(f"{record}_mutation_before").is_not_null() & one.ne_missing(other)).fill_null(value=False)


def _states(events: pl.DataFrame, key: list[str], days: tuple[date, date], *, prefix: str) -> pl.DataFrame:
    """Each record as known on both days, and the newest event that only the later day knows."""
    known = [events.filter(_is_known_on(day)) for day in days]
    newest = [
        rows.unique(key, keep="last", maintain_order=True).select(
            *key, *(pl.col(field).alias(f"{prefix}_{name}_{side}") for name, field in FIELDS.items())
        )
        for side, rows in zip(("before", "after"), known, strict=True)
    ]
    news = known[1].filter(~_is_known_on(days[0])).unique(key, keep="last", maintain_order=True)
    news = news.select(
        *key,
        pl.col("event_id").alias(f"{prefix}_event_id"),
        _recorded_on().alias(f"{prefix}_recorded_on"),
    )
    return newest[1].join(newest[0], on=key, how="left").join(news, on=key, how="left")


def _is_known_on(day: date) -> pl.Expr:
    return _recorded_on() <= day


def _recorded_on() -> pl.Expr:
    """The day in Amsterdam on which the source knew."""
    return pl.col("recorded_at").dt.convert_time_zone(str(AMSTERDAM)).dt.date()


def _beside(moves: pl.DataFrame, states: pl.DataFrame, left: Any, right: Any) -> pl.DataFrame:
    return moves.join(states, left_on=list(left), right_on=list(right), how="left")


def _merged_into_another(moves: pl.DataFrame, police: pl.DataFrame, day: date) -> pl.Series:
    """Whether the newest row names the person of another standing suspect of the dossier, which it had not before."""
    standing = (
        police.filter(_is_known_on(day))
        .unique(SUSPECT, keep="last", maintain_order=True)
        .filter(pl.col("mutation") != PoliceMutation.WITHDRAWN.value)
        .select("dossier_number", pl.col("suspect_number").alias("other"), pl.col("person_id").alias(PERSON_AFTER))
    )
    person_changed = _changed("delivery", "person")
    candidates = moves.with_row_index("move").filter(person_changed)
    pairs = candidates.join(standing, on=["dossier_number", PERSON_AFTER], how="inner")
    found = pairs.filter(pl.col("other") != pl.col("suspect_number"))["move"].to_list()
    merged = set(found)
    return pl.Series("is_merged_into_another", [move in merged for move in range(moves.height)], dtype=pl.Boolean)


def _event_of_the_reason() -> dict[str, pl.Expr]:
    """The newest event that only the later day knows, of the record that the reason is about."""
    of_the_registration = [
        reason.value
        for reason in (
            RevisionReason.RE_LINKED,
            RevisionReason.REGISTRATION_RECORDED_LATE,
            RevisionReason.LAPSED,
            RevisionReason.JOINED,
            RevisionReason.RECLASSIFIED,
            RevisionReason.REGISTRATION_CORRECTED,
        )
    ]
    of_none = [RevisionReason.PASSAGE_OF_TIME.value, RevisionReason.OTHER_RECORDS.value, RevisionReason.DECIDED.value]
    is_about_the_registration = pl.col("reason").is_in(of_the_registration)
    return {
        name: pl.when(pl.col("reason").is_in(of_none))
        .then(None)
        .when(is_about_the_registration)
        .then(pl.col(f"registration_{name}"))
        .otherwise(pl.coalesce(f"delivery_{name}", f"registration_{name}"))
        for name in ("event_id", "recorded_on")
    }


def _by_reason(moves: pl.DataFrame) -> dict[str, int]:
    counted = dict(moves.group_by("reason").len().iter_rows())
    reasons: list[Vocabulary] = list(RevisionReason)
    return {reason.value: counted[reason.value] for reason in reasons if reason.value in counted}
