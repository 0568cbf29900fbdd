"""What ``--version`` says."""

import typer

from ketenbalans.cli.output import answers


def print_version(asked: bool) -> None:  # noqa: FBT001 (as an option calls it)
    """Print the version that balances are stored with: the release, and a hash of the rules (``code_version``)."""
    if not asked:
        return
    from ketenbalans.code_version import code_version

    answers.print(f"ketenbalans {code_version()}")
    raise typer.Exit
