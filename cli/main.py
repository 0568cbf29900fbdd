"""``ketenbalans``: the command line. Parse, call a job, print."""

import sys

import typer

from cli import loading, reconciling, stack_verbs, telling
from cli.exit_codes import Exit, exit_code_of
from cli.output import aside

app = typer.Typer(
    name="ketenbalans",
    help="Keeps two registers of the criminal justice chain in balance: every difference has a cause, or an owner.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verbs in (stack_verbs, loading, reconciling, telling):
    verbs.add_to(app)


def run() -> None:
    """Run one command and end with its exit code (see ``cli.exit_codes``)."""
    try:
        app()
    except KeyboardInterrupt:
        aside.print("stopped by you", style="warning")
        sys.exit(130)
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        aside.print(f"[error]error[/error] {_escaped(str(error))}", soft_wrap=True)
        sys.exit(code)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


__all__ = ["Exit", "app", "run"]
