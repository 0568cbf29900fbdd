"""What the page of a break shows: both records, what can be done to it as it stands, and what was done last."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ketenbalans.jobs.breaks.decide_together import as_shown
from ketenbalans.jobs.breaks.decisions import what_shows
from ketenbalans.jobs.breaks.evidence import show_break
from ketenbalans.jobs.breaks.named import find_break
from ketenbalans.jobs.breaks.side_by_side import ComparedField, side_by_side
from schemas.answer_breaks import KeptDecision, PairDecision, ShownBreak
from schemas.breaks import BreakState, BreakStep
from schemas.decisions import Decision, Pair
from schemas.policy import Policy
from warehouse.database import snapshot
from warehouse.decisions import decision_of


@dataclass(frozen=True, kw_only=True)
class BreakView:
    """A break as its page shows it.

    Attributes:
        shown: the break with its evidence.
        fields: both records beside each other.
        as_shown: what its forms carry, so that it is decided about as it was shown.
        possible: what can be done to it as it stands, by ``BreakStep``.
        standing: the decisions about pairs with its records that stand: each can be taken back.
    """

    shown: ShownBreak
    fields: Sequence[ComparedField]
    as_shown: str
    possible: frozenset[str]
    standing: Sequence[PairDecision]

    @property
    def suggests(self) -> bool:
        """Whether both records of a pair are named, which can be confirmed or rejected as it is."""
        return None not in (self.shown.dossier_number, self.shown.suspect_number, self.shown.case_number)


def view_break(engine: Engine, break_id: str, *, policy: Policy) -> BreakView:
    """The page of a break.

    Raises:
        DecisionRefused: there is no such break.
    """
    _, found = find_break(engine, break_id)
    with snapshot(engine) as connection:
        carried = as_shown(connection, [found])[break_id]
    shown = show_break(engine, break_id, policy=policy)  # after: what is decided meanwhile is shown and not carried
    standing = _standing(shown)
    return BreakView(
        shown=shown,
        fields=side_by_side(shown),
        as_shown=carried,
        possible=frozenset(step.value for step in _possible(shown, standing)),
        standing=standing,
    )


def what_was_kept(engine: Engine, decision_id: str, *, break_id: str) -> str | None:
    """A decision in a sentence, with the command that shows what one about a pair does; None: there is none of that id.

    Args:
        engine: the warehouse.
        decision_id: which.
        break_id: the break whose page it was decided on.
    """
    with snapshot(engine) as connection:
        row = decision_of(connection, decision_id)
    if row is None:
        return None
    kept = KeptDecision(**row)
    if kept.dossier_number is None or kept.suspect_number is None or kept.case_number is None:
        return f"{kept.in_words}."
    pair = Pair(dossier_number=kept.dossier_number, suspect_number=kept.suspect_number, case_number=kept.case_number)
    verdict = BreakStep.of(kept.verdict)
    decision = Decision(verdict=verdict, pair=pair, decided_by=kept.decided_by, decided_on=kept.decided_on)
    return f"{kept.in_words}. {what_shows(engine, decision, break_id=break_id)}."


def _standing(shown: ShownBreak) -> list[PairDecision]:
    newest = {}
    for one in sorted(shown.decisions, key=lambda one: one.decided_on):  # of one day in the order of recording
        newest[one.dossier_number, one.suspect_number, one.case_number] = one
    return [one for one in newest.values() if one.verdict != BreakStep.TAKEN_BACK.value]


def _possible(shown: ShownBreak, standing: Sequence[PairDecision]) -> set[BreakStep]:
    """What ``decisions.kept_already`` does not refuse; a resolved break has nothing left to decide but to take back."""
    possible = set()
    if shown.state == BreakState.OPEN.value:
        possible |= {BreakStep.ACKNOWLEDGED, BreakStep.ACCEPTED}
    if shown.state != BreakState.RESOLVED.value:
        possible |= {BreakStep.ASSIGNED, BreakStep.CONFIRMED, BreakStep.REJECTED}
    if shown.owner is not None or shown.state == BreakState.ACCEPTED.value:
        possible.add(BreakStep.RELEASED)
    if standing:
        possible.add(BreakStep.TAKEN_BACK)
    pair = (shown.dossier_number, shown.suspect_number, shown.case_number)
    if pair in {(one.dossier_number, one.suspect_number, one.case_number) for one in standing}:
        possible -= {BreakStep.CONFIRMED, BreakStep.REJECTED}
    return possible
