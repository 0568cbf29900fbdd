"""Say where each signature stands: what is stored comes first; what is not is asked only when its input was touched.

A set whose input is what it was when it was signed is not asked again. Of one that was touched the stored balance of
the same question is read; where there is none it is worked out, and kept beside the columns for the next who asks.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from ketenbalans.incidents.checks import ChainKeyDiffers
from ketenbalans.jobs.signoff.answers import AskedAgain
from ketenbalans.signoff.figure_set import FigureSet, id_of
from ketenbalans.signoff.standing import Signoff, replacements, state_of
from schemas.period import Period
from schemas.signoff import SignoffAct, SignoffStep
from warehouse.database import snapshot
from warehouse.errors import SignoffRefused
from warehouse.signoffs import SET_DIGITS, KeptFigureSet, acts_of_sets, figure_sets, figure_sets_named

CHANGED = "what is stored is no longer what was signed: its document has another digest (`ketenbalans audit verify`)"


def list_signoffs(warehouse: Engine | Connection, *, period: Period | None = None) -> list[Signoff]:
    """Every figure set that was prepared, or those of a period, as they stand; what was signed last first.

    Args:
        warehouse: which, or the connection of a snapshot.
        period: None: of all periods.
    """
    with snapshot(warehouse) as connection:
        acts, kept = acts_of_sets(connection), figure_sets(connection, period=period)
        found = _standing(connection, [one for one in kept if one.set_id in acts], acts)
    return sorted(found, key=lambda one: one.acts[-1].act_number, reverse=True)


def signatures_in_force(
    connection: Connection, *, period: Period | None = None, until: date | None = None
) -> list[Signoff]:
    """The sets that two persons signed and that no later signature replaced, as they stand; what was signed last first.

    Args:
        connection: of a snapshot.
        period: None: of all periods.
        until: the last day of knowledge that is looked at; None: any.
    """
    acts = acts_of_sets(connection)
    kept = [
        one
        for one in figure_sets(connection, period=period)
        if one.set_id in acts and (until is None or one.as_of <= until)
    ]
    found = _standing(connection, kept, acts, only_in_force=True)
    return sorted(found, key=lambda one: one.acts[-1].act_number, reverse=True)


def show_signoff(warehouse: Engine | Connection, figure_set: str) -> Signoff:
    """One figure set as it stands.

    Args:
        warehouse: which, or the connection of a snapshot.
        figure_set: its name, or at least the first eight digits of it.

    Raises:
        SignoffRefused: no set, or several, are named so.
    """
    with snapshot(warehouse) as connection:
        kept = find_figure_set(connection, figure_set)
        of_period = list_signoffs(connection, period=kept.period)
    return next(one for one in of_period if one.set_id == kept.set_id)


def find_figure_set(connection: Connection, figure_set: str) -> KeptFigureSet:
    """The set of that name, or whose name begins so.

    Raises:
        SignoffRefused: no set, or several, are named so; the message says what to do.
    """
    digits = figure_set.strip().lower()
    found = figure_sets_named(connection, digits) if len(digits) >= SET_DIGITS else []
    if len(found) != 1:
        why = "several figure sets begin" if found else "no figure set begins"
        message = (
            f"{why} with these digits; `ketenbalans signoff list` has the names, of which the first {SET_DIGITS} "
            "digits or more are enough"
        )
        raise SignoffRefused(message)
    return found[0]


def _standing(
    connection: Connection,
    kept: Sequence[KeptFigureSet],
    acts: Mapping[str, Sequence[SignoffStep]],
    *,
    only_in_force: bool = False,
) -> list[Signoff]:
    replaced = replacements([(one.set_id, one.period, one.as_of, _approved_at(acts[one.set_id])) for one in kept])
    if only_in_force:
        kept = [one for one in kept if _approved_at(acts[one.set_id]) and one.set_id not in replaced]
    asked = AskedAgain(connection)
    return [_stands(asked, one, acts[one.set_id], replaced_by=replaced.get(one.set_id)) for one in kept]


def _approved_at(acts: Sequence[SignoffStep]) -> datetime | None:
    return acts[-1].at if acts[-1].act is SignoffAct.APPROVED else None


def _stands(asked: AskedAgain, kept: KeptFigureSet, acts: Sequence[SignoffStep], *, replaced_by: str | None) -> Signoff:
    figures = FigureSet.read(kept.document) if id_of(kept.document) == kept.set_id else None
    void = later = None
    not_judged = CHANGED if figures is None else ""
    if figures is not None and acts[-1].act is not SignoffAct.WITHDRAWN:
        try:
            void = asked.moved(kept, figures)
            later = asked.superseded(kept, figures) if void is None else None
        except ChainKeyDiffers as error:
            not_judged = str(error)
    return Signoff(
        set_id=kept.set_id,
        period=kept.period,
        as_of=kept.as_of,
        figures=figures,
        state=state_of(acts, is_void=figures is None or void is not None, is_superseded=later is not None),
        acts=tuple(acts),
        movement=void or later,
        not_judged=not_judged,
        replaced_by=replaced_by,
    )
