"""``ketenbalans``: the command line. Parse, call a job, print."""

import sys
from importlib import import_module
from typing import Annotated

import typer
from typer.exceptions import TyperException

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.failing import end_with, print_usage_error
from ketenbalans.cli.output import aside, escape_what_cannot_be_encoded
from ketenbalans.cli.start import STOPPED_BY_YOU
from ketenbalans.cli.version import print_version

app = typer.Typer(
    name="ketenbalans",
    cls=AnyOrder,
    help="Keeps two registers of the criminal justice chain in balance: every difference has a cause, or an owner.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def ketenbalans(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Say which version this is, and end."),
    ] = False,
) -> None:
    """Keep two registers of the criminal justice chain in balance."""


VERBS = (
    "up",
    "down",
    "status",
    "prepare",
    "scenario",
    "produce",
    "ingest",
    "incidents",
    "deadletters",
    "quality",
    "reconcile",
    "balance",
    "breaks",
    "linkage",
    "restate",
    "revisions",
    "nowcast",
    "report",
    "release",
    "alerts",
    "published",
    "verify",
    "series",
    "targets",
    "focus",
    "signoff",
    "audit",
    "backup",
    "restore",
    "settings",
)
"""The verbs and the groups of verbs, each a module of its name, in the order in which the help lists them."""

for verb in VERBS:
    import_module(f"ketenbalans.cli.{verb}").add_to(app)


def run() -> None:
    """Run one command and end with its exit code (``cli.exits``)."""
    escape_what_cannot_be_encoded()
    try:
        _run()
    except KeyboardInterrupt:  # also while it is being printed how a command failed
        aside.print("stopped by you", style="warning")
        sys.exit(STOPPED_BY_YOU)


def _run() -> None:
    try:
        code = app(standalone_mode=False)  # what a verb ends with: nothing, or an exit code
        if code == STOPPED_BY_YOU:  # Typer makes a code of Ctrl-C
            raise KeyboardInterrupt
        sys.exit(code)
    except TyperException as error:  # a usage error, in a sentence like any other
        print_usage_error(error)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 (what is no failure that we know is raised again)
        end_with([error])
