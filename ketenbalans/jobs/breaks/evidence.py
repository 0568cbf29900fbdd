"""What a break rests on: both records' events in time order, the rule, the policy, and what would resolve it."""

from collections.abc import Mapping
from string import ascii_uppercase
from typing import Any

import polars as pl
from sqlalchemy import Engine

from ketenbalans.jobs.breaks.named import find_break, history_of
from schemas.answer_breaks import BreakHistoryStep, PairDecision, ShownBreak
from schemas.breaks import Side
from schemas.causes import BreakCause, Cause, OmOnlyCause
from schemas.declaration import LATEST_DAY
from schemas.policy import Policy
from schemas.rules import RULES
from warehouse.database import snapshot
from warehouse.decisions import read_pair_decisions
from warehouse.evidence import read_evidence


def show_break(engine: Engine, break_id: str, *, policy: Policy) -> ShownBreak:
    """Give a break as it stands now with its evidence and its history.

    Raises:
        DecisionRefused: there is no such break.
    """
    as_of, found = find_break(engine, break_id)
    is_of_the_om = found.side == Side.OM.value
    party = None if is_of_the_om else found.side
    dossier, suspect = found.dossier_number, found.suspect_number
    suspects = [] if dossier is None or suspect is None else [(dossier, suspect)]
    cases = [] if found.case_number is None else [found.case_number]
    with snapshot(engine) as connection:
        events = read_evidence(connection, suspects=suspects, cases=cases, as_of=as_of, party=party)
        decisions = read_pair_decisions(connection, as_of=LATEST_DAY)  # also one that no balance has seen yet
    cause: BreakCause = OmOnlyCause.of(found.cause) if is_of_the_om else Cause.of(found.cause)
    history = history_of(engine, break_id).drop("break_id", "opened_on")
    about_either = _about_either(decisions, suspects, cases)
    return ShownBreak(
        **vars(found),
        as_of=as_of,
        cause_means=cause.meaning,
        rule=None if found.link_rule is None else RULES.get(found.link_rule),
        resolved_when=cause.record.resolved_when,
        policy=policy.to_dict(),
        events=tuple(map(_filled, with_letters(events).iter_rows(named=True))),
        decisions=tuple(PairDecision(**row) for row in about_either.iter_rows(named=True)),
        history=tuple(BreakHistoryStep(**row) for row in history.iter_rows(named=True)),
    )


def _about_either(decisions: pl.DataFrame, suspects: list[tuple[str, int]], cases: list[str]) -> pl.DataFrame:
    """The decisions about a pair with the suspect or with the case."""
    is_about = pl.col("case_number").is_in(cases)
    for dossier_number, suspect_number in suspects:
        is_about |= (pl.col("dossier_number") == dossier_number) & (pl.col("suspect_number") == suspect_number)
    return decisions.filter(is_about).drop("decision_number")


def with_letters(events: pl.DataFrame) -> pl.DataFrame:
    """Say who is who by letters in ``person``: that two persons are the same is evidence, their number is of no use.

    Each person has letters that no other one has, ``A`` the one who is named first; null where no person is known.
    """
    persons = events["person_id"].drop_nulls().unique(maintain_order=True)
    letters = pl.Series([letters_of(place) for place in range(len(persons))], dtype=pl.String)
    person = pl.col("person_id").replace_strict(persons, letters, default=None, return_dtype=pl.String)
    return events.with_columns(person=person).drop("person_id", "ingested_at")


def letters_of(number: int) -> str:
    """The letters of a number from 0: ``A`` to ``Z``, then ``AA``, ``AB`` and on, as a spreadsheet names columns."""
    before, last = divmod(number, len(ascii_uppercase))
    return (letters_of(before - 1) if before else "") + ascii_uppercase[last]


def _filled(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event says; what it leaves open is left out."""
    return {name: value for name, value in row.items() if value is not None}
