"""What a person does to breaks, as a verb of the command line and a form of a page say it: both call this.

Acknowledge, assign, accept and release are about the breaks; confirm, reject and take back about the pair that a break
suggests, or another one with its record. Of several all are decided about or none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from ketenbalans.jobs.breaks.decide_together import decide_about_all
from ketenbalans.jobs.breaks.decisions import pair_named, what_shows
from schemas.answer_breaks import KeptDecision, StandingBreak
from schemas.breaks import BreakStep
from schemas.decisions import Decision, InvalidDecision
from schemas.people import Identity

ABOUT_PAIRS = (BreakStep.CONFIRMED, BreakStep.REJECTED, BreakStep.TAKEN_BACK)

ONE_AT_A_TIME = "name another record for one break at a time; of several the suggested pairs are meant"


@dataclass(frozen=True, kw_only=True)
class BreakAct:
    """What a person does to breaks.

    Attributes:
        verdict: what is decided.
        by: the handle of who decides.
        on: the day from which it is known.
        identity: how it is known who decides.
        owner: who is to deal with them; acknowledged without one: whoever decides.
        note: a few words of administration.
        until: the last day on which they are accepted.
        instead_of: the present owner, when breaks are given to another one.
        dossier_number: of the delivery, when it is not the suggested one, in any way of writing it.
        suspect_number: of the delivery, likewise.
        case_number: of the registration, likewise.
    """

    verdict: BreakStep
    by: str
    on: date
    identity: Identity = Identity.DECLARED
    owner: str | None = None
    note: str | None = None
    until: date | None = None
    instead_of: str | None = None
    dossier_number: str | None = None
    suspect_number: int | None = None
    case_number: str | None = None

    @property
    def names_a_record(self) -> bool:
        """Whether another record is named than the suggested one."""
        return (self.dossier_number, self.suspect_number, self.case_number) != (None, None, None)

    def decision(self, found: StandingBreak | None) -> Decision:
        """What is decided about a break as it stands now; None: about the pair that is named whole.

        Raises:
            DecisionRefused: no whole pair is suggested or named.
            InvalidDecision: it says what no decision can say.
            InvalidHandle: whoever decides, or the owner, is named by what is no handle.
        """
        if self.verdict in ABOUT_PAIRS:
            pair = pair_named(found, self.dossier_number, self.suspect_number, self.case_number)
            return Decision(
                verdict=self.verdict, pair=pair, decided_by=self.by, decided_on=self.on, identity=self.identity
            )
        assert found is not None, "what is no decision about a pair is about a break"
        is_acknowledged = self.verdict is BreakStep.ACKNOWLEDGED
        return Decision(
            verdict=self.verdict,
            break_id=found.break_id,
            decided_by=self.by,
            decided_on=self.on,
            identity=self.identity,
            owner=(self.owner or self.by) if is_acknowledged else self.owner,
            note=self.note,
            accepted_cause=found.cause if self.verdict is BreakStep.ACCEPTED else None,
            accepted_until=self.until,
        )


def act_on_breaks(
    engine: Engine, break_ids: Sequence[str], act: BreakAct, *, shown: Mapping[str, str] | None = None
) -> tuple[list[KeptDecision], list[str]]:
    """Keep one decision per break, all or none, and say which commands show what those about pairs do.

    Args:
        engine: the warehouse.
        break_ids: which; at least one.
        act: what is decided.
        shown: as ``decide_about_all``.

    Raises:
        DecisionRefused: one of them cannot be decided about; nothing was kept.
        InvalidDecision: it says what no decision can say.
        InvalidHandle: whoever decides, or the owner, is named by what is no handle.
    """
    if act.names_a_record and len(set(break_ids)) > 1:
        raise InvalidDecision(ONE_AT_A_TIME)
    decided: dict[str, Decision] = {}

    def decision_on(found: StandingBreak) -> Decision:
        return decided.setdefault(found.break_id, act.decision(found))

    kept = decide_about_all(engine, break_ids, decision_on, instead_of=act.instead_of, shown=shown)
    if act.verdict not in ABOUT_PAIRS:
        return kept, []
    shows = [what_shows(engine, decision, break_id=break_id) for break_id, decision in decided.items()]
    return kept, list(dict.fromkeys(shows))
