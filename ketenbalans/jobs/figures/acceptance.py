"""Decide about a published figure that comes out otherwise: a person accepts the new value, or takes that back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches

from sqlalchemy import Engine

from ketenbalans.jobs.figures.verify import Verdict, Verified, verify
from schemas.decisions import InvalidDecision, checked_note
from schemas.people import Identity, checked_handle
from schemas.period import AMSTERDAM, checked_day
from schemas.policy import Policy
from warehouse.errors import DecisionRefused
from warehouse.register import (
    ACCEPTED,
    WITHDRAWN,
    RestatementDecision,
    hold_restatements,
    record_restatement,
    restatements_decided,
)


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Who decides, why, on which day, and how it is known who that is.

    Raises:
        InvalidHandle: who decides is named by what is none.
        InvalidDecision: the note is none, or the day is still to come; the message says what to write.
    """

    by: str
    note: str
    on: date
    identity: Identity = Identity.DECLARED

    def __post_init__(self) -> None:
        """Refuse what is no handle or no note, and a day to come."""
        checked_handle(self.by, "who decides")
        checked_note(self.note)
        checked_day(self.on)
        if self.on > datetime.now(AMSTERDAM).date():
            message = f"{self.on} is still to come: a restatement is accepted today or earlier"
            raise InvalidDecision(message)

    def about(self, figure_id: str, verdict: str, *, published: str, ours: str) -> RestatementDecision:
        """The decision that it becomes."""
        return RestatementDecision(
            figure_id=figure_id,
            verdict=verdict,
            published=published,
            ours=ours,
            note=self.note,
            decided_by=self.by,
            decided_on=self.on,
            identity=self.identity,
        )


def accept(engine: Engine, figure_id: str, acceptance: Acceptance, *, policy: Policy) -> Verified:
    """Keep that a person accepts a figure as it comes out now, and give it so; once, however often it is said.

    Raises:
        DecisionRefused: there is no such figure, or it does not differ.
    """
    one = _figure(verify(engine, policy=policy), figure_id)
    if one.rounded is None or one.verdict is not Verdict.DIFFERS:
        message = (
            f"{figure_id} {one.verdict.value}{f': {one.says}' if one.says else ''}; only what differs can be accepted"
        )
        raise DecisionRefused(message)
    decision = acceptance.about(figure_id, ACCEPTED, published=str(one.figure.value), ours=one.rounded)
    with engine.begin() as connection:
        hold_restatements(connection)
        last = restatements_decided(connection).get(figure_id)
        if last is None or _value(last) != _value(decision):
            record_restatement(connection, decision)
            last = decision
    return replace(one, accepted=last)


def withdraw(engine: Engine, figure_id: str, acceptance: Acceptance) -> RestatementDecision:
    """Keep that a person takes an acceptance back, and give that decision.

    Raises:
        DecisionRefused: nobody accepted it, or that was taken back already.
    """
    with engine.begin() as connection:
        hold_restatements(connection)
        last = restatements_decided(connection).get(figure_id)
        if last is None or last.verdict != ACCEPTED:
            message = f"nobody accepted {figure_id} otherwise than published; `ketenbalans verify` shows what differs"
            raise DecisionRefused(message)
        decision = acceptance.about(figure_id, WITHDRAWN, published=last.published, ours=last.ours)
        record_restatement(connection, decision)
    return decision


def _value(decision: RestatementDecision) -> tuple[str, str, str]:
    return decision.verdict, decision.published, decision.ours


def _figure(verified: Sequence[Verified], figure_id: str) -> Verified:
    for one in verified:
        if one.figure.figure_id == figure_id:
            return one
    near = ", ".join(get_close_matches(figure_id, [one.figure.figure_id for one in verified], n=3))
    message = f"no letter gives a figure {figure_id}{f'; near it: {near}' if near else ''} (`ketenbalans published`)"
    raise DecisionRefused(message)
