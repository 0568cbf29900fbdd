"""Decide about a published figure that comes out otherwise: a person accepts the new value, or takes that back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

from sqlalchemy import Engine

from jobs.published import published_figures
from jobs.verify import Verdict, Verified, verify
from schemas.decisions import checked_handle, checked_note
from schemas.policy import Policy
from schemas.published import PublishedFigure
from warehouse.database import snapshot
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
class Said:
    """Who decides, why, and on which day.

    Raises:
        InvalidDecision: the handle or the note is none; the message says how to write it.
    """

    by: str
    note: str
    on: date

    def __post_init__(self) -> None:
        """Refuse what is no handle or no note."""
        checked_handle(self.by, "who decides")
        checked_note(self.note)


def accept(engine: Engine, figure_id: str, said: Said, *, policy: Policy) -> Verified:
    """Keep that a person accepts a figure as it comes out now, and give it so.

    Raises:
        DecisionRefused: there is no such figure, or it does not differ.
    """
    one = _figure(verify(engine, policy=policy), figure_id)
    if one.rounded is None or one.verdict is not Verdict.DIFFERS:
        message = f"{figure_id} {one.verdict.value}{f': {one.says}' if one.says else ''}; there is nothing to accept"
        raise DecisionRefused(message)
    decision = _decided(one.figure, ACCEPTED, one.rounded, said)
    _keep(engine, decision)
    return replace(one, accepted=decision)


def withdraw(engine: Engine, figure_id: str, said: Said) -> RestatementDecision:
    """Keep that a person takes an acceptance back, and give that decision.

    Raises:
        DecisionRefused: nobody accepted it, or that was taken back already.
    """
    with snapshot(engine) as connection:
        last = restatements_decided(connection).get(figure_id)
    if last is None or last.verdict != ACCEPTED:
        message = f"nobody accepted {figure_id} otherwise than published; `ketenbalans verify` shows what differs"
        raise DecisionRefused(message)
    figure = next(one for one in published_figures() if one.figure_id == figure_id)
    decision = _decided(figure, WITHDRAWN, last.ours, said)
    _keep(engine, decision)
    return decision


def _figure(verified: Sequence[Verified], figure_id: str) -> Verified:
    for one in verified:
        if one.figure.figure_id == figure_id:
            return one
    near = ", ".join(get_close_matches(figure_id, [one.figure.figure_id for one in verified], n=3))
    message = f"no letter gives a figure {figure_id}{f'; near it: {near}' if near else ''} (`ketenbalans published`)"
    raise DecisionRefused(message)


def _decided(figure: PublishedFigure, verdict: str, ours: str, said: Said) -> RestatementDecision:
    return RestatementDecision(
        figure_id=figure.figure_id,
        verdict=verdict,
        published=str(figure.value),
        ours=ours,
        note=said.note,
        decided_by=said.by,
        decided_on=said.on,
    )


def _keep(engine: Engine, decision: RestatementDecision) -> None:
    with engine.begin() as connection:
        hold_restatements(connection)
        record_restatement(connection, decision)
