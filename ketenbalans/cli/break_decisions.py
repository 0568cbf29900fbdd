"""What a person decides about breaks: acknowledge, assign, accept, release, confirm, reject, take back.

Where several are named, all of them are decided about or none: one that cannot be keeps the others from being kept.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketenbalans.cli.asking import DAY, LARGEST_SUSPECT_NUMBER, By, On, day_of, day_option, who
from ketenbalans.cli.completing import break_ids
from ketenbalans.cli.output import AsJson, answers, aside, print_json

if TYPE_CHECKING:
    from ketenbalans.jobs.breaks.verbs import BreakAct
    from schemas.answer_breaks import KeptDecision

BreakIds = Annotated[
    list[str],
    typer.Argument(
        help="For example 2014-police-PL0900-2014000123-1; several are decided about together, all or none.",
        metavar="BREAK_ID...",
        autocompletion=break_ids,
    ),
]
Note = Annotated[str, typer.Option("--note", help="A few words of administration; no names, no content.")]
CaseOption = Annotated[str | None, typer.Option("--case", help="The registration, when it is not the suggested one.")]
DossierOption = Annotated[str | None, typer.Option("--dossier", help="The delivery's dossier number.")]
SuspectOption = Annotated[
    int | None, typer.Option("--suspect", min=1, max=LARGEST_SUSPECT_NUMBER, help="The delivery's suspect number.")
]
CONFIRM = "Say that the suggested pairs, or another one with this record, belong together."
REJECT = "Say that the pairs do not belong together: they are never taken nor suggested again."


def add_to(breaks: typer.Typer) -> None:
    """Add these verbs to those about breaks."""
    for name, verb in (
        ("acknowledge", acknowledge),
        ("assign", assign),
        ("accept", accept),
        ("release", release),
        ("confirm", _about_pairs("confirmed", CONFIRM)),
        ("reject", _about_pairs("rejected", REJECT)),
        ("take-back", take_back),
    ):
        breaks.command(name)(verb)


def acknowledge(
    break_ids: BreakIds,
    *,
    owner: Annotated[str | None, typer.Option("--owner", help="Who deals with it; by default who decides.")] = None,
    note: Note,
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Take open breaks, with an owner and a note."""
    _decide(break_ids, _act("acknowledged", by=by, on=on, owner=owner, note=note), as_json=as_json)


def assign(
    break_ids: BreakIds,
    *,
    to: Annotated[str, typer.Option("--to", help="The new owner.")],
    instead_of: Annotated[str | None, typer.Option("--from", help="The present owner, when there is one.")] = None,
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Give breaks to an owner; whose they are now has to be named."""
    _decide(break_ids, _act("assigned", by=by, on=on, owner=to, instead_of=instead_of), as_json=as_json)


def accept(
    break_ids: BreakIds,
    *,
    note: Note,
    until: Annotated[
        date | None,
        typer.Option(
            "--until",
            parser=day_option,
            metavar=DAY,
            help="The last day of it; without one it lasts as long as the cause stays.",
        ),
    ] = None,
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Let open breaks stand: they are known, and open again when the cause changes or the day has passed."""
    _decide(break_ids, _act("accepted", by=by, on=on, note=note, until=until), as_json=as_json)


def release(break_ids: BreakIds, *, by: By = None, on: On = None, as_json: AsJson = False) -> None:
    """Take acknowledgements, assignments or acceptances of breaks back."""
    _decide(break_ids, _act("released", by=by, on=on), as_json=as_json)


def _about_pairs(verdict: str, promise: str) -> Callable[..., None]:
    """A verb that decides about the pair that a break suggests, or about another one with its record."""

    def decide(
        break_ids: BreakIds,
        *,
        case: CaseOption = None,
        dossier: DossierOption = None,
        suspect: SuspectOption = None,
        by: By = None,
        on: On = None,
        as_json: AsJson = False,
    ) -> None:
        named = {"dossier_number": dossier, "suspect_number": suspect, "case_number": case}
        _decide(break_ids, _act(verdict, by=by, on=on, **named), as_json=as_json)

    decide.__doc__ = promise
    return decide


def take_back(
    *,
    dossier: Annotated[str, typer.Option("--dossier", help="The delivery's dossier number.")],
    suspect: Annotated[
        int, typer.Option("--suspect", min=1, max=LARGEST_SUSPECT_NUMBER, help="The delivery's suspect number.")
    ],
    case: Annotated[str, typer.Option("--case", help="The registration.")],
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Take a confirmation or a rejection back, which is a decision too."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.breaks.decisions import decide, what_shows
    from ketenbalans.settings import Settings

    act = _act("taken_back", by=by, on=on, dossier_number=dossier, suspect_number=suspect, case_number=case)
    decision = act.decision(None)
    with warehouse_with_tables(Settings()) as engine:
        kept = decide(engine, decision)
        shows = what_shows(engine, decision, break_id=None)
    _print_decisions([kept], as_json=as_json, what_now=[shows])


def _act(verdict: str, *, by: str | None, on: date | None, **answered: Any) -> "BreakAct":
    from ketenbalans.jobs.breaks.verbs import BreakAct
    from schemas.breaks import BreakStep

    return BreakAct(verdict=BreakStep.of(verdict), by=who(by), on=day_of(on), **answered)


def _decide(break_ids: Sequence[str], act: "BreakAct", *, as_json: bool) -> None:
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.breaks.verbs import ONE_AT_A_TIME, act_on_breaks
    from ketenbalans.settings import Settings

    if len(break_ids) > 1 and act.names_a_record:
        raise typer.BadParameter(ONE_AT_A_TIME, param_hint="BREAK_ID")
    with warehouse_with_tables(Settings()) as engine:
        kept, shows = act_on_breaks(engine, break_ids, act)
    named = kept[0].break_id
    if named is not None:
        of_one, of_several = f"`ketenbalans breaks show {named}` shows it", "`ketenbalans breaks` shows what is left"
        shows = [of_one if len(kept) == 1 else of_several]
    _print_decisions(kept, as_json=as_json, what_now=shows)


def _print_decisions(kept: "Sequence[KeptDecision]", *, as_json: bool, what_now: Sequence[str]) -> None:
    if as_json:
        answered = [one.to_json() for one in kept]
        print_json(answered[0] if len(answered) == 1 else answered)
        return
    for one in kept:
        answers.print(one.in_words, markup=False)
    for sentence in what_now:
        aside.print(sentence, style="soft", markup=False)
