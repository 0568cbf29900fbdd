"""The verb deadletters: list, show, redrive, discard, publish."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.asking import By, file_to_write, known_word, who
from ketenbalans.cli.completing import letter_ids, letter_states, reasons, sources
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from schemas.declaration import LARGEST_NUMBER

app = typer.Typer(
    cls=AnyOrder,
    help="Messages that are no event of their source: look at them, read them again after a fix, or put them aside. "
    "Without a verb: those that wait.",
    invoke_without_command=True,
)

LetterId = Annotated[
    int,
    typer.Argument(help="Its number in the list.", metavar="ID", min=1, max=LARGEST_NUMBER, autocompletion=letter_ids),
]
LetterIds = Annotated[
    list[int],
    typer.Argument(
        help="Their numbers in the list.", metavar="ID...", min=1, max=LARGEST_NUMBER, autocompletion=letter_ids
    ),
]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="Only of this source, for example police.", autocompletion=sources)
]
ReasonOption = Annotated[
    str | None,
    typer.Option("--reason", help="Only with this reason, for example not_json.", autocompletion=reasons),
]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="deadletters")


def list_them(
    context: typer.Context,
    *,
    source: SourceOption = None,
    reason: ReasonOption = None,
    state: Annotated[
        str, typer.Option("--state", help="waiting, redriven, discarded, or all.", autocompletion=letter_states)
    ] = "waiting",
    as_json: AsJson = False,
) -> None:
    """List dead letters that wait, or those of another state: where each was, why it is no event, where it stands."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.dead_letters import print_letters
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.dead_letters import list_letters
    from ketenbalans.settings import Settings
    from schemas.dead_letters import LetterState

    known_word("--state", state, letter_states())
    asked_source, asked_reason = _source(source), _reason(reason)
    with warehouse_with_tables(Settings()) as engine:
        found = list_letters(
            engine, source=asked_source, reason=asked_reason, state=None if state == "all" else LetterState.of(state)
        )
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        print_letters(found)


app.callback()(list_them)
app.command("list")(list_them)


@app.command("show")
def show(
    letter: LetterId,
    *,
    raw: Annotated[
        bool, typer.Option("--raw", help="Also write its value, byte for byte, to the file of --out.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new file, which only you can read: the value may be of a person.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter: place, reason, column, rule, headers' names, sizes, history. Never a value."""
    from ketenbalans.cli.tables.dead_letters import print_letter
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.dead_letters import WrittenValue, show_letter, write_raw_value
    from ketenbalans.settings import Settings

    if out is not None:
        file_to_write(out, "--out")
    if raw != (out is not None):
        message = "the value goes to a file and never to the terminal: say --raw and --out FILE together"
        raise typer.BadParameter(message, param_hint="--raw")
    with warehouse_with_tables(Settings()) as engine:
        shown = show_letter(engine, letter)
        if out is not None:
            try:
                shown = replace(shown, raw=WrittenValue(file=out, size_bytes=write_raw_value(engine, letter, out)))
            except OSError as error:
                message = f"{out} cannot be made ({error.strerror}); name a file that is not there yet"
                raise typer.BadParameter(message, param_hint="--out") from None
    if as_json:
        print_json(shown.to_json())
    else:
        print_letter(shown)


@app.command("redrive")
def redrive(
    letters: Annotated[
        list[int] | None,
        typer.Argument(
            help="Which; all that wait.", metavar="[ID]...", min=1, max=LARGEST_NUMBER, autocompletion=letter_ids
        ),
    ] = None,
    *,
    source: SourceOption = None,
    reason: ReasonOption = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Read dead letters again after a fix: what is an event now is loaded once, the rest goes on waiting (exit 3)."""
    from ketenbalans.cli.tables.dead_letters import print_redriven
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.redrive import redrive as redrive_job
    from ketenbalans.settings import Settings

    settings = Settings()
    asked_source, asked_reason = _source(source), _reason(reason)
    with warehouse_with_tables(settings) as engine, aside.status("reading them again"):
        done = redrive_job(
            engine,
            ids=letters or [],
            source=asked_source,
            reason=asked_reason,
            by=by or settings.user,
            limits=settings.batch_limits,
        )
    if as_json:
        print_json(done.to_json())
    else:
        print_redriven(done)
        if done.loaded.inserted:
            aside.print(
                "the next balance counts them: `ketenbalans reconcile`, or the next run of its DAG", style="soft"
            )
    if done.waiting:
        raise typer.Exit(Exit.REJECTED_IN_PART)


@app.command("discard")
def discard(
    letters: LetterIds,
    *,
    note: Annotated[str, typer.Option("--note", help="Why, in a few words of administration; no names, no content.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Put dead letters aside for good, all of them or none. They are kept, with who did it and why."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.dead_letters import discard as discard_job
    from ketenbalans.settings import Settings

    with warehouse_with_tables(Settings()) as engine:
        kept = discard_job(engine, letters, note=note, by=who(by))
    if as_json:
        print_json([one.to_json() for one in kept])
    else:
        numbers = ", ".join(str(one.dead_letter_id) for one in kept)
        answers.print(f"discarded: {numbers}; kept, with your note", markup=False)


@app.command("publish")
def publish(*, source: SourceOption = None, as_json: AsJson = False) -> None:
    """Send what is not on the topics of dead letters yet, each once; every ingest does so too."""
    from ketenbalans.broker.rights import DEAD_LETTERS
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.dead_letter_outbox import publish_dead_letters
    from ketenbalans.jobs.servers.kafka_roles import kafka_for
    from ketenbalans.settings import Settings
    from schemas.catalogue import source_named, sources

    settings = Settings()
    asked = [source_named(source)] if source else list(sources().values())
    kafka = kafka_for(settings, DEAD_LETTERS)
    with warehouse_with_tables(settings) as engine, aside.status("publishing"):
        sent = {one.name: publish_dead_letters(one, engine=engine, bootstrap=kafka) for one in asked}
    if as_json:
        print_json(sent)
        return
    for name, letters in sent.items():
        if letters:
            answers.print(f"{name:<18} published {letters:>4}")
    if not any(sent.values()):
        answers.print("every dead letter is on its topic already")


def _source(name: str | None) -> str | None:
    from schemas.catalogue import source_named

    return None if name is None else source_named(name).name


def _reason(word: str | None) -> str | None:
    return None if word is None else known_word("--reason", word, reasons())
