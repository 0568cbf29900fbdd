"""End a command that failed: one sentence per failure on standard error, and the exit code of the worst."""

import sys
from collections.abc import Sequence

from typer.exceptions import TyperException

from ketenbalans.cli.exits import WORST_LAST
from ketenbalans.cli.output import aside


def end_with(errors: Sequence[Exception]) -> None:
    """Print each error and end with the exit code of the worst; without any, go on.

    An error that has no exit code is a defect of ours and is raised as it is.
    """
    if not errors:
        return
    from ketenbalans.cli.exit_codes import exit_code_of

    codes = []
    for error in errors:
        code = exit_code_of(error)
        if code is None:
            raise error
        first, *more = _sentence(error).split("\n")  # the lines of a log may follow
        _print_error(first)
        for line in more:
            aside.print(f"  {line}", markup=False)
        codes.append(code)
    sys.exit(max(codes, key=WORST_LAST.index))


def print_usage_error(error: TyperException) -> None:
    """Print on one line what is wrong with a command as it was typed, and where its help is.

    Without a message it has been printed already: who types no verb gets the help.
    """
    if not error.format_message():
        return
    context = getattr(error, "ctx", None)
    help_of = f" (`{context.command_path} --help` says what it takes)" if context is not None else ""
    _print_error(f"{error.format_message().rstrip('.')}{help_of}")


def _print_error(sentence: str) -> None:
    aside.print("error", style="error", end=" ")
    aside.print(sentence, markup=False)


def _sentence(error: Exception) -> str:
    from pydantic import ValidationError

    if isinstance(error, ValidationError):  # its own text would quote the value, which may be a secret
        wrong = (
            f"KETENBALANS_{str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
            if one["loc"]
        )
        return f"a setting is wrong: {'; '.join(wrong)} (`ketenbalans settings` says what each is for)"
    return str(error)
