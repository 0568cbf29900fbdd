"""docs/command-line.md names every verb with every option, and nothing that there is not."""

import re
from pathlib import Path

from typer.core import TyperGroup, TyperOption

from tests.unit.cli.test_any_order import LISTS, VERBS

PAGE = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text(encoding="utf-8")
LEFT_OUT = {"--json"}


def test_the_page_has_every_verb_with_its_options() -> None:
    rows = {
        tuple(verb.split()): set(re.findall(r"--[a-z-]+", options))
        for verb, options in re.findall(r"^\| `([a-z -]+)` \|(.*)\|$", PAGE, re.MULTILINE)
    }
    there = {
        path: {name for one in verb.params if isinstance(one, TyperOption) for name in (*one.opts, *one.secondary_opts)}
        - LEFT_OUT
        for path, verb in VERBS.items()
        if not (isinstance(verb, TyperGroup) and path[0] in LISTS)  # of those the list has the same
    }
    assert rows == there


def test_the_page_says_which_verbs_take_several() -> None:
    several = {path for path, verb in VERBS.items() for one in verb.params if str(one.metavar).endswith("_ID...")}
    said = PAGE.partition("**Several at once.**")[2].partition("take several")[0]
    assert {" ".join(path) for path in several if path[0] == "breaks"} == {
        f"breaks {verb}" for verb in re.findall(r"[a-z]+(?=`)", said.partition("`alerts")[0].replace("breaks ", ""))
    }
    assert all(f"{path[1]}`" in said for path in several)
