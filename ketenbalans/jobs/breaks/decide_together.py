"""Decide about several breaks in one go: all of them or none, with every reason why one cannot be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine, RowMapping

from ketenbalans.jobs.breaks.changed_since import WordsOfChange, kept_unless_changed
from ketenbalans.jobs.breaks.decision_basis import DecisionBasis
from ketenbalans.jobs.breaks.decision_counts import DecisionCounts
from ketenbalans.jobs.breaks.decisions import kept_already
from ketenbalans.jobs.breaks.named import named_breaks, no_such_break
from schemas.answer_breaks import KeptDecision, StandingBreak
from schemas.decisions import Decision, InvalidDecision
from schemas.exported_break import ExportedBreak
from warehouse.decisions import hold_decisions, record_decisions
from warehouse.errors import DecisionRefused, none_was_kept

SHOWN = WordsOfChange(how="shown", remedy="look at it again, and decide anew")


def decide_about_all(
    engine: Engine,
    break_ids: Sequence[str],
    decision_on: Callable[[StandingBreak], Decision],
    *,
    instead_of: str | None = None,
    shown: Mapping[str, str] | None = None,
) -> list[KeptDecision]:
    """Keep one decision per break, all of them in one transaction, and give each as it is kept, in the order asked.

    Args:
        engine: the warehouse.
        break_ids: which; one that is named twice is decided about once.
        decision_on: from a break as it stands now: what is decided.
        instead_of: the present owner, when breaks are given to another one.
        shown: each break as whoever decides knew it (``schemas.exported_break``), by id: one that is otherwise now is
            not decided about. None: as it stands now.

    Raises:
        DecisionRefused: one of them cannot be decided about; nothing was kept, and the message has a line for each.
        InvalidDecision: what is decided cannot be said, or how a break was shown is no such text.
    """
    asked = list(dict.fromkeys(break_ids))
    decisions: dict[str, Decision] = {}
    kept: list[KeptDecision] = []
    refused: list[DecisionRefused] = []
    with engine.begin() as connection:
        hold_decisions(connection)
        stands = named_breaks(connection, asked)
        for break_id in asked:
            try:
                if break_id not in stands:
                    raise no_such_break(connection, break_id)
                decisions[break_id] = decision_on(stands[break_id])
            except DecisionRefused as error:
                refused.append(error)
        basis = DecisionBasis(connection, decisions.values())
        known = None if shown is None else _Known(connection, shown)
        for break_id, decision in decisions.items():
            try:
                if known is None:
                    there = kept_already(decision, basis, instead_of=instead_of)
                else:
                    there = known.kept_already(decision, basis, stands[break_id])
            except DecisionRefused as error:
                refused.append(error)
                continue
            if there is None:
                (there,) = new = record_decisions(connection, [decision])
                basis.learn(new)
            kept.append(KeptDecision(**there))
        if refused:
            raise none_was_kept(refused, len(asked))
    return kept


def as_shown(connection: Connection, found: Sequence[StandingBreak]) -> dict[str, str]:
    """What a form carries of each break, so that it is decided about as it was shown, by id."""
    counts = DecisionCounts(connection)
    return {one.break_id: str(ExportedBreak.of(one, decisions=counts.of(one))) for one in found}


class _Known:
    """The breaks as whoever decides knew them."""

    def __init__(self, connection: Connection, shown: Mapping[str, str]) -> None:
        self._shown, self._counts = shown, DecisionCounts(connection)

    def kept_already(self, decision: Decision, basis: DecisionBasis, stands: StandingBreak) -> RowMapping | None:
        try:
            before = ExportedBreak.parse(self._shown.get(stands.break_id, ""))
        except InvalidDecision:
            message = f"the form does not say how break {stands.break_id} was shown; open the page again"
            raise InvalidDecision(message) from None
        now = ExportedBreak.of(stands, decisions=self._counts.of(stands))
        words = replace(SHOWN, what=f"break {stands.break_id}")
        return kept_unless_changed(decision, basis, before=before, now=now, words=words)
