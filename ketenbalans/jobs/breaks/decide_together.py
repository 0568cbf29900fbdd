"""Decide about several breaks in one go: all of them or none, with every reason why one cannot be."""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from ketenbalans.jobs.breaks.decision_basis import DecisionBasis
from ketenbalans.jobs.breaks.decisions import decide_in
from ketenbalans.jobs.breaks.of_balance import find_break, standing_breaks
from schemas.answer_breaks import KeptDecision, StandingBreak
from schemas.decisions import Decision
from schemas.policy import Policy
from warehouse.decisions import hold_decisions
from warehouse.errors import DecisionRefused, none_was_kept


def decide_about_all(
    engine: Engine,
    break_ids: Sequence[str],
    decision_on: Callable[[StandingBreak], Decision],
    *,
    policy: Policy,
    instead_of: str | None = None,
) -> list[KeptDecision]:
    """Keep one decision per break, all of them in one transaction, and give each as it is kept, in the order asked.

    Args:
        engine: the warehouse.
        break_ids: which; one that is named twice is decided about once.
        decision_on: from a break as it stands now: what is decided.
        policy: for reading the breaks.
        instead_of: the present owner, when breaks are given to another one.

    Raises:
        DecisionRefused: one of them cannot be decided about; nothing was kept, and the message has a line for each.
    """
    asked = list(dict.fromkeys(break_ids))
    decisions: list[Decision] = []
    kept: list[KeptDecision] = []
    refused: list[DecisionRefused] = []
    breaks = _Breaks(engine, policy)
    for break_id in asked:
        try:
            decisions.append(decision_on(breaks.named(break_id)))
        except DecisionRefused as error:
            refused.append(error)
    with engine.begin() as connection:
        hold_decisions(connection)
        basis = DecisionBasis(connection, decisions)
        for decision in decisions:
            try:
                kept.append(decide_in(connection, decision, basis, instead_of=instead_of))
            except DecisionRefused as error:
                refused.append(error)
        if refused:
            raise none_was_kept(refused, len(asked))
    return kept


class _Breaks:
    """The breaks as they stand now, each year read once."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine, self._policy = engine, policy
        self._known: dict[str, StandingBreak] = {}

    def named(self, break_id: str) -> StandingBreak:
        if break_id not in self._known:
            of_its_year, _ = find_break(self._engine, break_id, policy=self._policy)
            self._known.update((one.break_id, one) for one in standing_breaks(of_its_year.rows))
        return self._known[break_id]
