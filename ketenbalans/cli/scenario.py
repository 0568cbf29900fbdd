"""The verb scenario: write synthetic extracts."""

from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.asking import folder_to_write
from ketenbalans.cli.completing import scenarios
from ketenbalans.cli.output import AsJson, answers, print_json


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("scenario")(scenario)


def scenario(
    name: Annotated[str, typer.Argument(help="Which one, for example 2014.", autocompletion=scenarios)],
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    as_json: AsJson = False,
) -> None:
    """Write the synthetic extracts of a scenario, and its truth. Every split in it is an assumption."""
    from ketenbalans.scenarios.registry import SCENARIOS

    found = SCENARIOS.get(name)
    if found is None:
        message = f"there is no scenario {name!r}; there are {', '.join(SCENARIOS)}"
        raise typer.BadParameter(message, param_hint="NAME")
    folder_to_write(out, "--out")
    files = found.write(out)
    if as_json:
        print_json({"scenario": found.name, "synthetic": True, "files": [str(file) for file in files]})
        return
    answers.print(found.description)
    answers.print("[soft]synthetic: every figure that was not published is an assumption[/soft]")
    for file in files:
        answers.print(f"  {file}", markup=False)
