"""End a command that failed: one sentence per failure on standard error, and the exit code of the worst."""

import sys
from collections.abc import Sequence

from cli.exits import WORST_LAST
from cli.output import aside


def end_with(errors: Sequence[Exception]) -> None:
    """Tell each error and end with the exit code of the worst; without any, go on.

    An error that has no exit code is a defect of ours and is raised as it is.
    """
    if not errors:
        return
    from cli.exit_codes import exit_code_of

    codes = []
    for error in errors:
        code = exit_code_of(error)
        if code is None:
            raise error
        aside.print("error", style="error", end=" ")
        aside.print(_sentence(error), markup=False, soft_wrap=True)
        codes.append(code)
    sys.exit(max(codes, key=WORST_LAST.index))


def _sentence(error: Exception) -> str:
    from pydantic import ValidationError

    if isinstance(error, ValidationError):  # its own text would quote the value, which may be a secret
        wrong = (f"KETENBALANS_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors() if one["loc"])
        return f"a setting is wrong: {'; '.join(wrong)} (`ketenbalans settings` says what each is for)"
    return str(error)
