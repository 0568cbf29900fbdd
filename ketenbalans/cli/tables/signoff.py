"""Figure sets on the terminal: a list, and one with what was signed and what moved it."""

from collections.abc import Sequence

from ketenbalans.cli.output import Listing, Row, answers, print_rows
from ketenbalans.cli.tables.balance import print_verdict
from ketenbalans.cli.tables.release import print_flags
from ketenbalans.signoff.figure_set import FigureSet
from ketenbalans.signoff.standing import SignedMovement, Signoff, short
from schemas.answer import COUNTS
from schemas.causes import Cause
from schemas.period import AMSTERDAM
from schemas.release import ReleaseFlag
from schemas.signoff import SignoffState, SignoffStep
from schemas.verdicts import Judgement

HOLDS = (SignoffState.PREPARED, SignoffState.APPROVED, SignoffState.WITHDRAWN)
NAMED = 10
"""So many breaks are named; with `--json` up to a hundred."""


def print_signoffs(found: Sequence[Signoff]) -> None:
    """Print one row per figure set, what was signed last first."""
    if not found:
        answers.print("nobody prepared any figures yet (`ketenbalans signoff prepare --period 2014`)")
        return
    rows = []
    for one in found:
        approved = one.approved
        cells = (one.short_id, str(one.period), str(one.as_of), one.state.value, one.prepared.by)
        below = None if one.state in HOLDS else _what_moved(one)
        style = None if one.state in HOLDS else "warning"
        rows.append(Row((*cells, approved.by if approved else "", _moment(one.acts[-1])), style=style, below=below))
    print_rows(("figure set", "period", "as of", "state", "prepared by", "approved by", "signed last"), rows)


def print_signoff(one: Signoff, judgement: Judgement | None, flags: Sequence[ReleaseFlag] = ()) -> None:
    """Print one figure set: its name, who did what, what its balance comes to, the figures, and what moved them.

    Last what a release of it would give away (``flags``): whoever approves it approves that too.
    """
    print_acts(one)
    if judgement is not None:
        print_verdict(judgement, of="the balance is ")
    if one.figures is not None:
        answers.print(_figures(one, one.figures))
    if one.movement is not None:
        _print_movement(one.movement)
    if flags:
        answers.print("In a release of these figures, beside those that are out:", style="soft")
        print_flags(flags)


def print_acts(one: Signoff) -> None:
    """Print the name of a figure set, where it stands, and who did what."""
    answers.print(f"[figure]Figures of {one.period} as known on {one.as_of}: {one.state}[/figure]")
    if one.figures is not None and one.figures.synthetic:
        answers.print("Synthetic data: these figures are of suspects who do not exist.")
    answers.print(one.set_id, style="soft")
    for step in one.acts:
        note = f": {step.note}" if step.note else ""
        answers.print(f"{step.act} by {step.by}, {_moment(step)}{note}", markup=False)
    if one.not_judged:
        answers.print(one.not_judged, style="warning", markup=False)
    if one.replaced_by:
        answers.print(f"Approved after it, of the same period: {short(one.replaced_by)}", markup=False)


def _figures(one: Signoff, signed: FigureSet) -> Listing:
    moved = {} if one.movement is None else {figure.figure: figure.now for figure in one.movement.figures}
    table = Listing("figure", "signed", *(["now"] if moved else []), numbers=["signed", "now"])
    counts = [*COUNTS, *(f"causes.{cause.value}" for cause in Cause)]
    names = [name for name in counts if name in COUNTS or signed.figures.get(name)]
    breaks = [name for name in signed.figures if name.startswith("breaks.")]
    for name in dict.fromkeys([*names, *breaks, *moved]):
        now = [str(moved[name]) if name in moved else ""] if moved else []
        table.add(name, str(signed.figures.get(name, 0)), *now, style="warning" if name in moved else None)
    return table


def _print_movement(movement: SignedMovement) -> None:
    for moved in movement.breaks[:NAMED]:
        answers.print(f"{moved.break_id}: {moved.signed or 'was none'}, now {moved.now or 'none'}", markup=False)
    more = movement.breaks_in_all - len(movement.breaks[:NAMED])
    if more > 0:
        answers.print(f"and {more} more breaks (`--json` names up to a hundred)", style="soft")
    for load in movement.loads:
        rows = "1 row" if load.rows == 1 else f"{load.rows} rows"
        answers.print(f"came later: {load.source}, load {load.load_number}: {rows} of that day or before", markup=False)


def _what_moved(one: Signoff) -> str:
    if one.movement is None:
        return one.not_judged
    moved = [f"{figure.figure} {figure.signed} is now {figure.now}" for figure in one.movement.figures[:3]]
    more = len(one.movement.figures) - len(moved)
    on = "" if one.movement.as_of == one.as_of else f"as known on {one.movement.as_of}: "
    return on + ", ".join(moved) + (f" and {more} more" if more > 0 else "")


def _moment(step: SignoffStep) -> str:
    return f"{step.at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
