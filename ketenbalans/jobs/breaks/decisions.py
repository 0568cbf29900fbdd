"""Decide about a pair or a break: look, refuse what would silently overrule somebody, and keep the decision."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, RowMapping

from ketenbalans.jobs.breaks.decision_basis import DecisionBasis
from schemas.answer_breaks import KeptDecision, StandingBreak
from schemas.breaks import BreakState, BreakStep
from schemas.decisions import Decision, InvalidDecision, Pair
from schemas.numbers import normalised_case_number, normalised_dossier_number
from warehouse.database import snapshot
from warehouse.decisions import hold_decisions, record_decisions
from warehouse.errors import DecisionRefused
from warehouse.evidence import read_evidence
from warehouse.extracts import default_as_of


def decide(engine: Engine, decision: Decision, *, instead_of: str | None = None) -> KeptDecision:
    """Keep a decision and give it as it is kept; the same decision by the same person again is the one that is kept.

    One at a time: of two persons who decide at once the second sees what the first one said.

    Args:
        engine: the warehouse.
        decision: what is decided.
        instead_of: the present owner, when a break is given to another one.

    Raises:
        DecisionRefused: it would overrule a decision that stands, or lies before it, or there is nothing to decide;
            the message says who decided what and when, and the remedy.
    """
    with engine.begin() as connection:
        hold_decisions(connection)
        return decide_in(connection, decision, DecisionBasis(connection, [decision]), instead_of=instead_of)


def decide_in(
    connection: Connection, decision: Decision, basis: DecisionBasis, *, instead_of: str | None = None
) -> KeptDecision:
    """As ``decide``, in a transaction that holds the decisions (``hold_decisions``); the basis knows of it then."""
    there = kept_already(decision, basis, instead_of=instead_of)
    if there is None:
        (there,) = new = record_decisions(connection, [decision])
        basis.learn(new)
    return KeptDecision(**there)


def kept_already(decision: Decision, basis: DecisionBasis, *, instead_of: str | None = None) -> RowMapping | None:
    """Give the decision that says the same and is kept; None when this one is to be kept.

    Args:
        decision: what is decided.
        basis: what stands of what it is about.
        instead_of: the present owner, when a break is given to another one.

    Raises:
        DecisionRefused: as ``decide``.
    """
    if decision.pair is not None:
        return _about_a_pair(basis, decision, decision.pair)
    return _about_a_break(basis, decision, instead_of)


def _about_a_pair(basis: DecisionBasis, decision: Decision, pair: Pair) -> RowMapping | None:
    """Refuse, or give the decision that says the same already."""
    touching = basis.touching(pair)
    _moves_forward(decision, touching)
    of_each_pair = {(row["dossier_number"], row["suspect_number"], row["case_number"]): row for row in touching}
    newest = of_each_pair.pop((pair.dossier_number, pair.suspect_number, pair.case_number), None)
    standing = newest if newest is not None and newest["verdict"] != BreakStep.TAKEN_BACK.value else None
    if decision.verdict is BreakStep.TAKEN_BACK:
        if standing is None:
            message = f"nobody decided anything about {pair} that could be taken back"
            raise DecisionRefused(message)
        return None
    if standing is not None and standing["verdict"] == decision.verdict.value:
        return standing
    others = [row for row in of_each_pair.values() if row["verdict"] == BreakStep.CONFIRMED.value]
    in_the_way = standing or (others[-1] if others and decision.verdict is BreakStep.CONFIRMED else None)
    if in_the_way is not None:
        named = f"--dossier {in_the_way['dossier_number']} --suspect {in_the_way['suspect_number']}"
        message = (
            f"{decided_in_words(in_the_way)}; to decide otherwise take that back first: "
            f"`ketenbalans breaks take-back {named} --case {in_the_way['case_number']}`"
        )
        raise DecisionRefused(message)
    if not basis.is_known(pair, on=decision.decided_on):
        message = f"{pair}: both records have to be known on {decision.decided_on}; look at the numbers and at --on"
        raise DecisionRefused(message)
    return None


def _about_a_break(basis: DecisionBasis, decision: Decision, instead_of: str | None) -> RowMapping | None:
    """Refuse, or give the decision that says the same already."""
    assert decision.break_id is not None, "a decision is about a pair or a break"
    kept = basis.about(decision.break_id)
    stands = basis.stands(decision.break_id, on=decision.decided_on)
    if stands is None:
        message = f"break {decision.break_id} is not known on {decision.decided_on}; look at --on"
        raise DecisionRefused(message)
    _moves_forward(decision, kept)
    state, owner = stands["state"], stands["owner"]
    newest = kept[-1] if kept else None
    if newest is not None and is_the_same(newest, decision) and _still_holds(decision, stands):
        return newest
    match decision.verdict:
        case BreakStep.ACKNOWLEDGED if state != BreakState.OPEN.value:
            _refuse(decision, f"it is {state}", newest, "only an open break can be acknowledged")
        case BreakStep.ASSIGNED if state == BreakState.RESOLVED.value:
            _refuse(decision, f"it is {state}", newest, "nobody has to own it any more")
        case BreakStep.ASSIGNED if owner is not None and instead_of != owner:
            _refuse(decision, f"it belongs to {owner}", newest, f"say so: --from {owner}")
        case BreakStep.ACCEPTED if state != BreakState.OPEN.value:
            _refuse(
                decision,
                f"it is {state}",
                newest,
                f"only an open break can be accepted{_released_first(decision, state)}",
            )
        case BreakStep.ACCEPTED if decision.accepted_cause != stands["cause"]:
            _refuse(decision, f"its cause is {stands['cause']}", newest, "look at it again")
        case BreakStep.RELEASED if owner is None and state != BreakState.ACCEPTED.value:
            _refuse(decision, "nobody has it", newest, "there is nothing to take back")
        case _:
            pass
    return None


def _still_holds(decision: Decision, stands: dict[str, Any]) -> bool:
    """Whether a decision of a break that was kept holds, as the break stands; one that ended is kept anew."""
    if decision.verdict is BreakStep.ACCEPTED:
        return bool(stands["state"] != BreakState.OPEN.value)
    has_ended = decision.verdict is BreakStep.ACKNOWLEDGED and stands["state"] == BreakState.OPEN.value
    return bool(stands["owner"] == decision.owner) and not has_ended


def _released_first(decision: Decision, state: str) -> str:
    """What has to be done first to what a person holds."""
    is_held = state in (BreakState.ACKNOWLEDGED.value, BreakState.ACCEPTED.value)
    return f"; take that back first: `ketenbalans breaks release {decision.break_id}`" if is_held else ""


def is_the_same(row: RowMapping, decision: Decision) -> bool:
    """Whether a decision about a break that is kept says what this one says, whatever the day."""
    fields = ("decided_by", "owner", "note", "accepted_cause", "accepted_until")
    same = all(row[name] == getattr(decision, name) for name in fields)
    return same and bool(row["verdict"] == decision.verdict.value)


def _moves_forward(decision: Decision, kept: list[RowMapping]) -> None:
    last: date | None = max((row["decided_on"] for row in kept), default=None)
    if last is not None and decision.decided_on < last:
        message = (
            f"{decided_in_words(kept[-1])}; a later decision cannot be made on {decision.decided_on}: "
            f"use --on {last} or later"
        )
        raise DecisionRefused(message)


def _refuse(decision: Decision, why: str, newest: RowMapping | None, remedy: str) -> None:
    in_words = f" ({decided_in_words(newest)})" if newest is not None else ""
    message = f"break {decision.break_id} was not {decision.verdict.value}: {why}{in_words}; {remedy}"
    raise DecisionRefused(message)


def decided_in_words(row: RowMapping) -> str:
    """Who decided what, when and about what."""
    about = row["break_id"] or f"{row['dossier_number']}/{row['suspect_number']} with {row['case_number']}"
    return f"{row['decided_by']} decided on {row['decided_on']} about {about}: {row['verdict']}"


def pair_named(
    found: StandingBreak | None, dossier_number: str | None, suspect_number: int | None, case_number: str | None
) -> Pair:
    """The pair that a decision is about: what a break suggests, with what is named instead.

    Args:
        found: the break, or None when all three are named.
        dossier_number: of the delivery, in any way of writing it.
        suspect_number: of the delivery.
        case_number: of the registration, in any way of writing it.

    Raises:
        DecisionRefused: a record is missing; the message says which option names it.
    """
    of_break = (None, None, None) if found is None else (found.dossier_number, found.suspect_number, found.case_number)
    dossier = in_one_form(normalised_dossier_number, dossier_number) or of_break[0]
    suspect = suspect_number or of_break[1]
    case = in_one_form(normalised_case_number, case_number) or of_break[2]
    missing = [
        option for option, value in (("--dossier", dossier), ("--suspect", suspect), ("--case", case)) if value is None
    ]
    if missing or dossier is None or suspect is None or case is None:
        message = f"this break suggests no whole pair; name the other record with {' and '.join(missing)}"
        raise DecisionRefused(message)
    return Pair(dossier_number=dossier, suspect_number=suspect, case_number=case)


def what_shows(engine: Engine, decision: Decision, *, break_id: str | None) -> str:
    """Say which command shows what a decision about a pair does: a balance of a day before it does not see it.

    Args:
        engine: the warehouse.
        decision: as it was kept; about a pair.
        break_id: the break that a person looked at; None: the year is that in which the suspect was delivered.
    """
    pair = decision.pair
    assert pair is not None, "a decision about a break is seen at once"
    with snapshot(engine) as connection:
        covered = default_as_of(connection)
        day = max(decision.decided_on, covered or decision.decided_on)
        year = None if break_id is None else break_id.partition("-")[0]
        if year is None:
            suspects = [(pair.dossier_number, pair.suspect_number)]
            events = read_evidence(connection, suspects=suspects, cases=[], as_of=day)
            delivered_on = events["delivered_on"].drop_nulls().to_list()  # in time order
            year = str((delivered_on or [day])[-1].year)
    command = f"`ketenbalans reconcile --period {year} --as-of {day}`"
    if covered is None or decision.decided_on <= covered:
        return f"{command} shows it, and so does the next run of the DAG reconcile"
    return (
        f"{command} shows it; a balance of a day before the decision does not see it, and both registers are known "
        f"until {covered}: the DAG reconcile follows when they cover {decision.decided_on}"
    )


def in_one_form(normalised: Callable[[pl.Expr], pl.Expr], typed: str | None) -> str | None:
    """Give a number that a person typed as registers write it; None when none was typed.

    Raises:
        InvalidDecision: it is no such number; the message says how to write one.
    """
    if typed is None:
        return None
    form: str | None = pl.DataFrame({"typed": [typed]}).select(form=normalised(pl.col("typed")))["form"].item()
    if form is None:
        message = "a dossier number is written like PL0900-2014000123, a case number as ten digits or 09/000123-14"
        raise InvalidDecision(message)
    return form
