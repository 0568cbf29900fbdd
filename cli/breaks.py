"""The verb breaks: list, show, acknowledge, assign, release, confirm, reject, take back."""

from datetime import date
from typing import Annotated, Any

import typer

from cli.asking import DAY, LARGEST_SUSPECT_NUMBER, By, On, day_of, day_option, who
from cli.exits import NothingKnown
from cli.output import AsJson, answers, aside, print_json
from jobs.settings import Settings

app = typer.Typer(
    help="Breaks over time: list them, show the evidence, and decide. Without a verb: the list.",
    invoke_without_command=True,
)

BreakId = Annotated[str, typer.Argument(help="For example 2014-police-PL0900-2014000123-1.", metavar="BREAK_ID")]
CaseOption = Annotated[str | None, typer.Option("--case", help="The registration, when it is not the suggested one.")]
DossierOption = Annotated[str | None, typer.Option("--dossier", help="The delivery's dossier number.")]
SuspectOption = Annotated[
    int | None, typer.Option("--suspect", min=1, max=LARGEST_SUSPECT_NUMBER, help="The delivery's suspect number.")
]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="breaks")


@app.callback()
def breaks(
    context: typer.Context,
    *,
    period: Annotated[str | None, typer.Option("--period", help="By default the newest year that is kept.")] = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of", parser=day_option, metavar=DAY, help="As they stood on that day; by default as they stand now."
        ),
    ] = None,
    state: Annotated[list[str] | None, typer.Option("--state", help="Only these states; may be repeated.")] = None,
    cause: Annotated[list[str] | None, typer.Option("--cause", help="Only these causes; may be repeated.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Only this police unit.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only those of this owner.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the breaks of a period as they stand now, or as they stood on a day."""
    if context.invoked_subcommand is not None:
        return
    from cli.at_hand import warehouse_with_tables
    from cli.break_table import print_breaks
    from jobs.breaks import list_breaks
    from jobs.verdicts import what_lacks
    from schemas.period import Period

    settings = Settings()
    wanted = {
        "state": state or [],
        "cause": cause or [],
        "unit": [unit] if unit else [],
        "owner": [owner] if owner else [],
    }
    _known_words(wanted["state"], wanted["cause"])
    asked = Period.parse(period) if period else None
    with warehouse_with_tables(settings) as engine:
        found = list_breaks(
            engine,
            period=asked,
            as_of=as_of,
            policy=settings.read_policy(),
            wanted=wanted,
        )
        lacks = "" if found is None else what_lacks(engine, period=found.period, as_of=found.as_of)
    if found is None:
        message = "no breaks are known yet: publish and ingest extracts of police and OM, then `ketenbalans reconcile`"
        raise NothingKnown(message)
    if as_json:
        print_json(found.rows.to_dicts())
    else:
        print_breaks(found)
    if lacks:
        aside.print(f"INCOMPLETE: {lacks}.", style="warning", markup=False, soft_wrap=True)


@app.command("show")
def show(break_id: BreakId, *, as_json: AsJson = False) -> None:
    """Show one break: both records' events, the rule, the policy, what would resolve it, and its history."""
    from cli.at_hand import warehouse_with_tables
    from cli.break_table import print_break
    from jobs.break_evidence import show_break

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        shown = show_break(engine, break_id, policy=settings.read_policy())
    if as_json:
        print_json(shown)
    else:
        print_break(shown)


@app.command("acknowledge")
def acknowledge(
    break_id: BreakId,
    *,
    owner: Annotated[str | None, typer.Option("--owner", help="Who deals with it; by default who decides.")] = None,
    note: Annotated[str, typer.Option("--note", help="A few words of administration; no names, no content.")],
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Take an open break, with an owner and a note."""
    decided_by = who(by)
    _decide_about_break(
        "acknowledged", break_id, by=decided_by, on=on, as_json=as_json, owner=owner or decided_by, note=note
    )


@app.command("assign")
def assign(
    break_id: BreakId,
    *,
    to: Annotated[str, typer.Option("--to", help="The new owner.")],
    instead_of: Annotated[str | None, typer.Option("--from", help="The present owner, when there is one.")] = None,
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Give a break to an owner; whose it is now has to be named."""
    _decide_about_break("assigned", break_id, by=who(by), on=on, as_json=as_json, owner=to, instead_of=instead_of)


@app.command("release")
def release(break_id: BreakId, *, by: By = None, on: On = None, as_json: AsJson = False) -> None:
    """Take an acknowledgement or an assignment back."""
    _decide_about_break("released", break_id, by=who(by), on=on, as_json=as_json)


@app.command("confirm")
def confirm(
    break_id: BreakId,
    *,
    case: CaseOption = None,
    dossier: DossierOption = None,
    suspect: SuspectOption = None,
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Say that the suggested pair, or another one with this record, belongs together."""
    _decide_about_pair("confirmed", break_id, (dossier, suspect, case), by=who(by), on=on, as_json=as_json)


@app.command("reject")
def reject(
    break_id: BreakId,
    *,
    case: CaseOption = None,
    dossier: DossierOption = None,
    suspect: SuspectOption = None,
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Say that the pair does not belong together: it is never taken nor suggested again."""
    _decide_about_pair("rejected", break_id, (dossier, suspect, case), by=who(by), on=on, as_json=as_json)


@app.command("take-back")
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
    _decide_about_pair("taken_back", None, (dossier, suspect, case), by=who(by), on=on, as_json=as_json)


def _decide_about_break(verdict: str, break_id: str, *, on: date | None, as_json: bool, **said: Any) -> None:
    from cli.at_hand import warehouse_with_tables
    from jobs.breaks import find_break
    from jobs.decisions import decide
    from schemas.breaks import BreakStep
    from schemas.decisions import Decision

    settings, instead_of = Settings(), said.pop("instead_of", None)
    with warehouse_with_tables(settings) as engine:
        find_break(engine, break_id, policy=settings.read_policy())
        decision = Decision(
            verdict=BreakStep.of(verdict), break_id=break_id, decided_by=said.pop("by"), decided_on=day_of(on), **said
        )
        kept = decide(engine, decision, instead_of=instead_of)
    _print_decision(kept, as_json=as_json, what_now=f"`ketenbalans breaks show {break_id}` shows it")


def _decide_about_pair(
    verdict: str,
    break_id: str | None,
    named: tuple[str | None, int | None, str | None],
    *,
    by: str,
    on: date | None,
    as_json: bool,
) -> None:
    from cli.at_hand import warehouse_with_tables
    from jobs.breaks import find_break
    from jobs.decisions import decide, pair_named, what_shows
    from schemas.breaks import BreakStep
    from schemas.decisions import Decision

    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        found = None if break_id is None else find_break(engine, break_id, policy=settings.read_policy())[1]
        decision = Decision(
            verdict=BreakStep.of(verdict), pair=pair_named(found, *named), decided_by=by, decided_on=day_of(on)
        )
        kept = decide(engine, decision)
        now = what_shows(engine, decision, break_id=break_id)
    _print_decision(kept, as_json=as_json, what_now=now)


def _print_decision(kept: dict[str, Any], *, as_json: bool, what_now: str) -> None:
    said = {name: value for name, value in kept.items() if value is not None and name != "decision_number"}
    if as_json:
        print_json(said)
        return
    about = said.get("break_id") or f"{said['dossier_number']}/{said['suspect_number']} with {said['case_number']}"
    to = f", owner {said['owner']}" if "owner" in said else ""
    sentence = f"{said['verdict']}: {about}{to}; decided by {said['decided_by']} on {said['decided_on']}"
    answers.print(sentence, markup=False, soft_wrap=True)
    aside.print(what_now, style="soft", markup=False, soft_wrap=True)


def _known_words(states: list[str], causes: list[str]) -> None:
    from schemas.breaks import BreakState
    from schemas.vocabulary import Cause, OmOnlyCause

    known_causes = sorted({*map(str, Cause), *map(str, OmOnlyCause)})
    for option, asked, known in (("--state", states, list(map(str, BreakState))), ("--cause", causes, known_causes)):
        for word in asked:
            if word not in known:
                message = f"{word!r} is none of {', '.join(known)}"
                raise typer.BadParameter(message, param_hint=option)
