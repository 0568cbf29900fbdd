"""The approved figures that a release is made of: what two persons signed, and still holds."""

from typing import NamedTuple

from sqlalchemy import Connection

from ketenbalans.jobs.signoff.reading import list_signoffs
from ketenbalans.release.making import ReleaseRefused
from schemas.answer import BalanceAnswer
from schemas.period import AMSTERDAM
from schemas.release import ReleaseSignature
from schemas.signoff import SignoffState


class ApprovedFigures(NamedTuple):
    """Figures that two persons signed: the name of the set, and who signed it."""

    figure_set: str
    signed: ReleaseSignature


def approved_figures(connection: Connection, answer: BalanceAnswer) -> ApprovedFigures:
    """The approved figure set of a balance, the one that was approved last.

    Args:
        connection: of the snapshot in which the balance was read.
        answer: the balance; what was signed has to be just that.

    Raises:
        ReleaseRefused: nobody approved these figures, or what was approved does not hold any more.
    """
    same = [one for one in list_signoffs(connection, period=answer.period) if one.as_of == answer.as_of]
    holds = [
        one for one in same if one.state is SignoffState.APPROVED and one.figures and one.figures.balance == answer
    ]
    if not holds:
        raise ReleaseRefused(_refusal(answer, [one.state for one in same]))
    approved = holds[0].approved
    assert approved is not None, "what is approved has who approved it"
    signed = ReleaseSignature(
        prepared_by=holds[0].prepared.by,
        approved_by=approved.by,
        approved_on=approved.at.astimezone(AMSTERDAM).date(),
    )
    return ApprovedFigures(holds[0].set_id, signed)


def _refusal(answer: BalanceAnswer, states: list[SignoffState]) -> str:
    why = f"their figure set is {states[0]}" if states else "no figure set of them was prepared"
    return (
        f"nobody approved the figures of {answer.period} as known on {answer.as_of} ({why}), and only approved ones "
        f"are released: `ketenbalans signoff prepare --period {answer.period} --as-of {answer.as_of}`, and let another "
        "person approve; or make a draft with --draft, which says so on every page"
    )
