"""The verb produce: publish extracts to Kafka."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenbalans.cli.asking import DAY, day_option
from ketenbalans.cli.completing import extracts_of
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.failing import end_with
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from ketenbalans.cli.progress import progress_bar

if TYPE_CHECKING:
    from ketenbalans.jobs.loading.produce import Published


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("produce")(produce)


def produce(
    source: Annotated[str, typer.Argument(help="Whose extracts, for example police.", autocompletion=extracts_of)],
    files: Annotated[list[Path], typer.Argument(help="One or more extracts.", exists=True, dir_okay=False)],
    *,
    covers_until: Annotated[
        date | None,
        typer.Option(
            parser=day_option,
            metavar=DAY,
            help="The last day that the extract speaks of; by default the date at the end of its name.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish extracts to Kafka. A row that breaks its schema goes to a reject file beside the extract (exit 3)."""
    from ketenbalans.broker.errors import BrokerError, BrokerRefuses, BrokerUnreachable, NotAllowed
    from ketenbalans.broker.rights import producer_of
    from ketenbalans.jobs.loading.produce import produce as produce_job
    from ketenbalans.jobs.servers.addresses import chain_key_of
    from ketenbalans.jobs.servers.kafka_roles import kafka_for
    from ketenbalans.settings import Settings
    from producers.errors import ProduceError
    from schemas.catalogue import source_to_produce

    settings = Settings()
    asked, chain_key = source_to_produce(source), chain_key_of(settings)
    kafka = kafka_for(settings, producer_of(asked))
    published: list[Published] = []
    failed: list[Exception] = []
    for file in _without_reject_files(files):
        try:
            with progress_bar(file.name) as on_progress:
                one = produce_job(
                    asked,
                    file,
                    bootstrap=kafka,
                    chain_key=chain_key,
                    covers_until=covers_until,
                    on_progress=on_progress,
                )
        except (BrokerError, ProduceError) as error:
            failed.append(error)
            if isinstance(error, (BrokerUnreachable, BrokerRefuses, NotAllowed)):
                break  # so would be the next one
            continue
        published.append(one)
        for warning in one.warnings:
            aside.print(warning, style="warning", markup=False)
        if not as_json:
            _print_published(one)
    if as_json:
        print_json([one.to_json() for one in published])
    end_with(failed)  # each of them is worse than a row that was rejected
    if any(one.rejected for one in published):
        raise typer.Exit(Exit.REJECTED_IN_PART)


def _without_reject_files(files: list[Path]) -> list[Path]:
    """A pattern of the shell finds those too, and they are no extracts."""
    from producers.rejects import SUFFIX

    for file in files:
        if file.name.endswith(SUFFIX):
            aside.print(f"{file} holds rejected rows and is passed over", style="warning", markup=False)
    return [file for file in files if not file.name.endswith(SUFFIX)]


def _print_published(one: "Published") -> None:
    line = f"{one.file}: {one.published} of {one.rows} rows published, covers until {one.covers_until}"
    answers.print(line, markup=False)
    if one.rejected:
        aside.print(f"{one.rejected} rows rejected, see {one.reject_file}", style="warning", markup=False)
        for by in one.rejected_by:
            line = f"  {by.rows} x {by.column or 'the row'} {by.rule}"
            aside.print(line, style="warning", markup=False)
