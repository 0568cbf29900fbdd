"""Rules about what persons signed: the same question has another answer now, or a later day moved a figure too far.

Each set is a subject of its own, so a signature that holds hides none that does not.
"""

from collections.abc import Iterator

from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.life import Alert
from ketenbalans.signoff.standing import SignedMovement, Signoff
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule, Evidence
from schemas.signoff import SignoffState

NAMED = 5
"""So many figures and breaks an alert names; `ketenbalans signoff show` has all of them."""


def void_signatures(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:  # noqa: ARG001 (as every rule)
    """Figures that two persons signed and that come out otherwise now, for the same day."""
    for one in facts.signoffs:
        if one.state is not SignoffState.VOID:
            continue
        why = one.not_judged if one.movement is None else _moved(one.movement)
        yield _finding(AlertRule.SIGNATURE_VOID, one, f"no longer come out so for that day: {why}")


def superseded_figures(facts: Facts, policy: AlertPolicy) -> Iterator[Finding]:  # noqa: ARG001 (as every rule)
    """Figures that two persons signed and that a later day moved by more than they agreed on."""
    for one in facts.signoffs:
        if one.state is SignoffState.SUPERSEDED and one.movement is not None:
            says = f"are others as known on {one.movement.as_of}: {_moved(one.movement)}"
            yield _finding(AlertRule.FIGURES_SUPERSEDED, one, says)


def cannot_be_judged(alert: Alert, facts: Facts) -> bool:
    """Whether the figures of a standing alert cannot be asked again now: it is not over because of that."""
    return any(_subject(one) == alert.subject and one.not_judged for one in facts.signoffs)


def _finding(rule: AlertRule, one: Signoff, says: str) -> Finding:
    movement = one.movement
    figures = () if movement is None else movement.figures
    return Finding(
        rule=rule,
        subject=_subject(one),
        says=f"figures of {one.period} as known on {one.as_of}, signed as {one.short_id}, {says}",
        evidence=_evidence(one),
        mark=" ".join(f"{moved.figure} {moved.now}" for moved in figures) or one.not_judged,
        period=one.period,
        amount=sum(abs(moved.now - moved.signed) for moved in figures),
    )


def _subject(one: Signoff) -> str:
    return f"{one.period}/{one.short_id}"


def _moved(movement: SignedMovement) -> str:
    """The figures that moved, and what did it, in a sentence."""
    parts = [_few([f"{one.figure} {one.signed} is now {one.now}" for one in movement.figures], len(movement.figures))]
    if movement.breaks:
        breaks = "break" if movement.breaks_in_all == 1 else "breaks"
        parts.append(f"{breaks} {_few([one.break_id for one in movement.breaks], movement.breaks_in_all)}")
    if movement.loads:
        parts.append(f"brought by {_few([f'{one.source} load {one.load_number}' for one in movement.loads])}")
    return "; ".join(parts)


def _few(texts: list[str], in_all: int | None = None) -> str:
    more = (len(texts) if in_all is None else in_all) - NAMED
    return ", ".join(texts[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _evidence(one: Signoff) -> Evidence:
    evidence: dict[str, str | int] = {"figure_set": one.set_id, "as_of": one.as_of.isoformat()}
    if one.movement is not None:
        evidence |= {"as_of_now": one.movement.as_of.isoformat(), "figures_moved": len(one.movement.figures)}
        evidence |= {"breaks_moved": one.movement.breaks_in_all}
        for moved in one.movement.figures[:NAMED]:
            evidence |= {f"{moved.figure}_signed": moved.signed, f"{moved.figure}_now": moved.now}
        if one.movement.breaks:
            evidence["breaks"] = " ".join(moved.break_id for moved in one.movement.breaks[:NAMED])
        for load in one.movement.loads[:NAMED]:
            evidence[f"rows_of_{load.source}_load_{load.load_number}"] = load.rows
    return evidence
