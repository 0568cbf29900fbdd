"""What a person decides about breaks: acknowledge, assign, accept, release, confirm, reject, take back.

Where several are named, all of them are decided about or none: one that cannot be keeps the others from being kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketenbalans.cli.asking import DAY, LARGEST_SUSPECT_NUMBER, By, On, day_of, day_option, who
from ketenbalans.cli.completing import break_ids
from ketenbalans.cli.output import AsJson, answers, aside, print_json

if TYPE_CHECKING:
    from schemas.answer_breaks import KeptDecision, StandingBreak
    from schemas.decisions import Decision

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
Named = tuple[str | None, int | None, str | None]


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
    decided_by = who(by)
    _decide_about_breaks(
        "acknowledged", break_ids, by=decided_by, on=on, as_json=as_json, owner=owner or decided_by, note=note
    )


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
    _decide_about_breaks("assigned", break_ids, by=who(by), on=on, as_json=as_json, owner=to, instead_of=instead_of)


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
    _decide_about_breaks("accepted", break_ids, by=who(by), on=on, as_json=as_json, note=note, accepted_until=until)


def release(break_ids: BreakIds, *, by: By = None, on: On = None, as_json: AsJson = False) -> None:
    """Take acknowledgements, assignments or acceptances of breaks back."""
    _decide_about_breaks("released", break_ids, by=who(by), on=on, as_json=as_json)


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
        _decide_about_pairs(verdict, break_ids, (dossier, suspect, case), by=who(by), on=on, as_json=as_json)

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
    from ketenbalans.jobs.breaks.decisions import decide, pair_named, what_shows
    from ketenbalans.settings import Settings
    from schemas.breaks import BreakStep
    from schemas.decisions import Decision

    decision = Decision(
        verdict=BreakStep.TAKEN_BACK,
        pair=pair_named(None, dossier, suspect, case),
        decided_by=who(by),
        decided_on=day_of(on),
    )
    with warehouse_with_tables(Settings()) as engine:
        kept = decide(engine, decision)
        shows = what_shows(engine, decision, break_id=None)
    _print_decisions([kept], as_json=as_json, what_now=[shows])


def _decide_about_breaks(
    verdict: str, break_ids: Sequence[str], *, on: date | None, as_json: bool, by: str, **answered: Any
) -> None:
    from schemas.breaks import BreakStep
    from schemas.decisions import Decision

    instead_of = answered.pop("instead_of", None)

    def decision_about(found: "StandingBreak") -> Decision:
        decision = Decision(
            verdict=BreakStep.of(verdict), break_id=found.break_id, decided_by=by, decided_on=day_of(on), **answered
        )
        is_accepted = decision.verdict is BreakStep.ACCEPTED
        return replace(decision, accepted_cause=found.cause) if is_accepted else decision

    kept = _decide(break_ids, decision_about, instead_of=instead_of)
    named = kept[0].break_id
    shows = (
        f"`ketenbalans breaks show {named}` shows it" if len(kept) == 1 else "`ketenbalans breaks` shows what is left"
    )
    _print_decisions(kept, as_json=as_json, what_now=[shows])


def _decide_about_pairs(
    verdict: str, break_ids: Sequence[str], named: Named, *, by: str, on: date | None, as_json: bool
) -> None:
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.breaks.decisions import pair_named, what_shows
    from ketenbalans.settings import Settings
    from schemas.breaks import BreakStep
    from schemas.decisions import Decision

    if len(break_ids) > 1 and named != (None, None, None):
        message = "name another record for one break at a time; of several the suggested pairs are meant"
        raise typer.BadParameter(message, param_hint="BREAK_ID")

    decided: dict[str, Decision] = {}

    def decision_about(found: "StandingBreak") -> Decision:
        pair = pair_named(found, *named)
        decision = Decision(verdict=BreakStep.of(verdict), pair=pair, decided_by=by, decided_on=day_of(on))
        decided[found.break_id] = decision
        return decision

    kept = _decide(break_ids, decision_about)
    with warehouse_with_tables(Settings()) as engine:
        shows = [what_shows(engine, decision, break_id=break_id) for break_id, decision in decided.items()]
    _print_decisions(kept, as_json=as_json, what_now=list(dict.fromkeys(shows)))


def _decide(
    break_ids: Sequence[str], decision_about: "Callable[[StandingBreak], Decision]", *, instead_of: str | None = None
) -> "list[KeptDecision]":
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.breaks.decide_together import decide_about_all
    from ketenbalans.settings import Settings

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        return decide_about_all(engine, break_ids, decision_about, policy=settings.read_policy(), instead_of=instead_of)


def _print_decisions(kept: "Sequence[KeptDecision]", *, as_json: bool, what_now: Sequence[str]) -> None:
    if as_json:
        answered = [one.to_json() for one in kept]
        print_json(answered[0] if len(answered) == 1 else answered)
        return
    for one in kept:
        to = f", owner {one.owner}" if one.owner is not None else ""
        until = f", until {one.accepted_until}" if one.accepted_until is not None else ""
        answers.print(
            f"{one.verdict}: {one.about}{to}{until}; decided by {one.decided_by} on {one.decided_on}", markup=False
        )
    for sentence in what_now:
        aside.print(sentence, style="soft", markup=False)
