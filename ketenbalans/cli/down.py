"""The verb down: stop the embedded stack."""

import typer

from ketenbalans.cli.output import AsJson, answers, print_json
from ketenbalans.cli.tables.stack import home_of


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("down")(down)


def down(*, as_json: AsJson = False) -> None:
    """Stop the embedded stack and leave no process behind. What it keeps stays."""
    from ketenbalans.settings import Settings
    from ketenbalans.stack.embedded import down as stop_stack

    settings = Settings()
    stopped = stop_stack(settings.home)
    if as_json:
        print_json({"stopped": stopped})
    else:
        answers.print(f"stopped: {', '.join(stopped)}" if stopped else f"nothing was running in {home_of(settings)}")
