"""The verb ingest: load what waits on the topics."""

import uuid
from typing import Annotated

import typer

from ketenbalans.cli.completing import sources
from ketenbalans.cli.failing import end_with
from ketenbalans.cli.output import AsJson, answers, aside, print_json


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("ingest")(ingest)


def ingest(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]...", help="Which sources; all of them.", autocompletion=sources),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Load what waits on the topics into the warehouse; what is no event goes to the dead letters."""
    from ketenbalans.broker.memory import return_freed_memory

    return_freed_memory()
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.loading.ingest_runs import ingest_sources
    from ketenbalans.settings import Settings
    from schemas.catalogue import source_named
    from schemas.catalogue import sources as declared

    settings = Settings()
    asked = [source_named(name) for name in names] if names else list(declared().values())
    with warehouse_with_tables(settings) as engine, aside.status("loading what waits"):
        loaded, failed = ingest_sources(settings, asked, engine=engine, run=f"by hand {uuid.uuid4()}")
    if as_json:
        print_json({name: one.to_dict() for name, one in loaded.items()})
    else:
        for name, one in loaded.items():
            answers.print(
                f"{name:<18} read {one.read:>6}   new {one.inserted:>6}   known {one.duplicates:>6}   "
                f"dead letters {one.dead_letters:>4}"
            )
            for refused in one.refused:
                answers.print(f"  {refused.describe()}", style="warning", markup=False)
    end_with(failed)
