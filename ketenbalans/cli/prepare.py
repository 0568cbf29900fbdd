"""The verb prepare: topics and tables on servers of your own, and the key of audit checkpoints in the home."""

import typer

from ketenbalans.cli.output import answers, aside


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("prepare")(prepare)


def prepare() -> None:
    """Make the topics and tables on servers of your own; harmless when they are there."""
    from ketenbalans.jobs.servers.bring_up import prepare as prepare_job
    from ketenbalans.settings import Settings

    prepare_job(Settings(), on_progress=lambda what: aside.print(what, style="soft", markup=False))
    answers.print("the topics and tables are there")
