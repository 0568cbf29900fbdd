"""What the reference reads: plain state records, the question that is asked of them, and the same as frames.

One record per delivered suspect and one per registration, as known on the as-of date, and one per decision of a person.
Nothing here knows a rule.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date

import polars as pl

from schemas.coded_state import DELIVERIES, REGISTRATIONS


@dataclass(frozen=True)
class Delivery:
    """A delivered suspect: its newest row at the police, or at another party that delivers."""

    dossier_number: str
    suspect_number: int
    person_token: str | None
    unit: str
    team: str
    delivered_on: date
    transferred_to: str | None
    transferred_on: date | None
    mutation: str
    party: str = "police"


@dataclass(frozen=True)
class Registration:
    """A registration: its newest row at the OM."""

    case_number: str
    person_token: str | None
    dossier_number: str | None
    dossier_number_as_reported: str | None
    suspect_number: int | None
    classification: str
    registered_on: date
    mutation: str


@dataclass(frozen=True)
class Decision:
    """What a person decided about a pair: `confirmed`, `rejected` or `taken_back`."""

    decision_id: str
    verdict: str
    dossier_number: str
    suspect_number: int
    case_number: str
    decided_on: date
    decision_number: int


@dataclass(frozen=True)
class Question:
    """The period, the as-of date and the policy: what is asked, by whose numbers."""

    start: date
    end: date
    as_of: date
    transit_allowance_days: int
    registered_before_delivery_days: int
    registered_after_delivery_days: int
    other_deliverers: tuple[str, ...]

    def counts(self, day: date) -> bool:
        """Say whether a day lies in the period; both ends are included."""
        return self.start <= day <= self.end


@dataclass(frozen=True)
class World:
    """Both registers, the question, and what persons decided: on any day, also after the as-of date."""

    deliveries: tuple[Delivery, ...]
    registrations: tuple[Registration, ...]
    question: Question
    decisions: tuple[Decision, ...] = ()


DELIVERY_SCHEMA = {
    "dossier_number": pl.String(),
    "suspect_number": pl.Int32(),
    "person_token": pl.String(),
    "unit": pl.String(),
    "team": pl.String(),
    "delivered_on": pl.Date(),
    "transferred_to": pl.String(),
    "transferred_on": pl.Date(),
    "mutation": pl.String(),
    "party": pl.String(),
}
REGISTRATION_SCHEMA = {
    "case_number": pl.String(),
    "person_token": pl.String(),
    "dossier_number": pl.String(),
    "dossier_number_as_reported": pl.String(),
    "suspect_number": pl.Int32(),
    "classification": pl.String(),
    "registered_on": pl.Date(),
    "mutation": pl.String(),
}
DECISION_SCHEMA = {
    "decision_id": pl.String(),
    "verdict": pl.String(),
    "dossier_number": pl.String(),
    "suspect_number": pl.Int32(),
    "case_number": pl.String(),
    "decided_on": pl.Date(),
    "decision_number": pl.Int64(),
}


def frames(world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the deliveries and the registrations of a world as frames, in the order of the world.

    What the warehouse hands over besides, and no record here has, is null.
    """
    police, om = _frame(world.deliveries, DELIVERY_SCHEMA), _frame(world.registrations, REGISTRATION_SCHEMA)
    return _as_handed_over(police, DELIVERIES), _as_handed_over(om, REGISTRATIONS)


def decisions_frame(world: World) -> pl.DataFrame:
    """Give the decisions of a world as a frame, in the order of the world."""
    return _frame(world.decisions, DECISION_SCHEMA)


_NUMBERS: dict[str, int] = {}
"""The number of each token that was met: as the warehouse gives one to each."""


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The persons of a frame as the warehouse hands them over: ``person_id`` instead of ``person_token``."""
    tokens = frame["person_token"]
    numbers = [None if token is None else _NUMBERS.setdefault(token, len(_NUMBERS) + 1) for token in tokens]
    return frame.drop("person_token").with_columns(person_id=pl.Series(numbers, dtype=pl.Int64))


def _as_handed_over(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), numbered(frame)], how="diagonal")


def _frame(
    records: Sequence[Delivery] | Sequence[Registration] | Sequence[Decision], schema: dict[str, pl.DataType]
) -> pl.DataFrame:
    assert all([field.name for field in fields(record)] == list(schema) for record in records)
    return pl.DataFrame([astuple(record) for record in records], schema=schema, orient="row")
