"""Figure sets to test with, made by hand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from ketenbalans.signoff.figure_set import FigureSet
from ketenbalans.signoff.standing import LateLoad, MovedBreak, MovedFigure, SignedMovement, Signoff
from schemas.period import Period
from schemas.signoff import SignoffAct, SignoffState, SignoffStep
from tests.unit.an_answer import answer_of

YEAR, AS_OF, LATER = Period.of_year(2014), date(2015, 1, 31), date(2015, 2, 28)
MOMENT = datetime(2015, 2, 3, 9, 30, tzinfo=UTC)
BREAK = "2014-police-PL0900-2014000004-1"


def figures(
    *, missing: int = 3, in_transit: int = 0, breaks: Mapping[str, Mapping[str, int]] | None = None, may_move: int = 2
) -> FigureSet:
    """A set of 100 delivered suspects, of whom so many are missing or on the way."""
    causes = {"missing": missing, "in_transit": in_transit}
    return FigureSet(
        balance=answer_of(delivered=100, causes=causes, period=YEAR, as_of=AS_OF),
        breaks={"open": {"missing": missing}} if breaks is None else breaks,
        policy={"transit_allowance_days": 60, "other_deliverers": ["PL27"]},
        later_day_may_move=may_move,
        code_version="0.1.0+abc",
        input_fingerprint="0" * 64,
        synthetic=True,
    )


def steps(*acts: SignoffAct) -> tuple[SignoffStep, ...]:
    """So many acts: Anna prepares, Ben does the rest, a minute after each other."""
    return tuple(
        SignoffStep(
            act_number=number,
            act=act,
            by="anna" if act is SignoffAct.PREPARED else "ben",
            at=MOMENT + timedelta(minutes=number),
            note=None,
        )
        for number, act in enumerate(acts, start=1)
    )


def signoff(state: SignoffState, *, is_approved: bool = True, not_judged: str = "", moves: int = 1) -> Signoff:
    """A set that stands so, with so many figures that moved where one did."""
    signed = figures()
    acts = (SignoffAct.PREPARED, SignoffAct.APPROVED) if is_approved else (SignoffAct.PREPARED,)
    moved = tuple(MovedFigure(figure=name, signed=3, now=7) for name in ("causes.missing", "gap")[:moves])
    gone = (MovedBreak(break_id=BREAK, signed=None, now="open missing"),)
    movements = {
        SignoffState.VOID: SignedMovement(
            as_of=AS_OF,
            figures=moved,
            breaks=gone,
            breaks_in_all=4,
            loads=(LateLoad(source="om_registrations", load_number=7, rows=2),),
        ),
        SignoffState.SUPERSEDED: SignedMovement(as_of=LATER, figures=moved),
    }
    return Signoff(
        set_id=signed.set_id,
        period=YEAR,
        as_of=AS_OF,
        figures=signed,
        state=state,
        acts=steps(*acts),
        movement=None if not_judged else movements.get(state),
        not_judged=not_judged,
    )
