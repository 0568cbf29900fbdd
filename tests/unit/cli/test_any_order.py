"""What stands before a verb means what it means after it; no option is lost, and every list has one grammar."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.core import TyperGroup, TyperOption
from typer.testing import CliRunner

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.main import app
from ketenbalans.code_version import code_version

COMMAND: Any = typer.main.get_command(app)
LISTS = ("alerts", "audit", "breaks", "deadletters", "incidents", "published", "quality", "release", "signoff")


def verbs(command: Any = COMMAND, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, below in command.commands.items():
        yield (*path, name), below
        if isinstance(below, TyperGroup):
            yield from verbs(below, (*path, name))


VERBS = dict(verbs())
GROUPS = {path: verb for path, verb in VERBS.items() if isinstance(verb, TyperGroup)}
OPTIONS = [(path, one) for path, verb in VERBS.items() for one in verb.params if isinstance(one, TyperOption)]
VALUES = {"YYYY-MM-DD": "2014-06-30", "YYYY-MM": "2014-06", "YYYY": "2014"}


def said(option: TyperOption, name: str) -> list[str]:
    if option.is_flag:
        return [name]
    choices = option.type_descriptor.choices
    if choices:
        return [name, str(list(choices)[-1].value)]
    return [name, VALUES.get(str(option.metavar), "7")]


def read(words: list[str]) -> tuple[list[str], dict[str, Any]]:
    """The verbs that words come down to, and what the last of them takes."""
    context, path, rest = COMMAND.make_context("ketenbalans", words, resilient_parsing=True), [], ["?"]
    while isinstance(context.command, TyperGroup) and (rest := [*context._protected_args, *context.args]):
        name, command, below = context.command.resolve_command(context, rest)
        assert command is not None, rest
        assert name is not None, rest
        path.append(name)
        context = command.make_context(name, below, parent=context, resilient_parsing=True)
    return path, context.params


@pytest.mark.parametrize(
    ("path", "one"), OPTIONS, ids=lambda part: " ".join(part) if isinstance(part, tuple) else part.opts[0]
)
def test_an_option_means_the_same_wherever_it_stands(path: tuple[str, ...], one: TyperOption) -> None:
    meant = [one.default]
    for name in (*one.opts, *one.secondary_opts):
        words = said(one, name)
        behind = read([*path, *words])
        assert behind[0] == list(path)
        meant.append(behind[1][one.name])
        for place in range(len(path)):
            assert read([*path[:place], *words, *path[place:]]) == behind
            if len(words) == 2:
                assert read([*path[:place], "=".join(words), *path[place:]]) == behind


def test_an_option_takes_a_value_in_every_verb_or_in_none() -> None:
    flags = {name for _, one in OPTIONS if one.is_flag for name in (*one.opts, *one.secondary_opts)}
    assert not flags & {name for _, one in OPTIONS if not one.is_flag for name in one.opts}


@pytest.mark.parametrize("path", list(VERBS), ids=" ".join)
def test_an_option_that_a_verb_has_not_is_refused_before_it_too(path: tuple[str, ...]) -> None:
    for place in range(len(path) + 1):
        ended = CliRunner().invoke(app, [*path[:place], "--no-such-option", *path[place:]])
        assert ended.exit_code == 2, ended.output
        assert "--no-such-option" in ended.output


@pytest.mark.parametrize("words", [["breaks", "--mine", "show", "x"], ["alerts", "--all", "look"]])
def test_an_option_of_the_list_is_not_passed_over_before_another_verb(words: list[str]) -> None:
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    assert f"No such option: {words[1]}" in ended.output


def test_help_before_a_verb_is_that_of_the_verb() -> None:
    runner = CliRunner()
    assert (
        runner.invoke(app, ["--help", "breaks", "list"]).output == runner.invoke(app, ["breaks", "list", "-h"]).output
    )


@pytest.mark.parametrize("noun", LISTS)
def test_every_list_has_one_grammar(noun: str) -> None:
    group, listed = GROUPS[(noun,)], VERBS[noun, "list"]
    assert group.invoke_without_command
    options = [{one.name for one in command.params if isinstance(one, TyperOption)} for command in (group, listed)]
    assert options[0] == options[1]


def test_every_group_takes_its_options_in_any_order() -> None:
    assert isinstance(COMMAND, AnyOrder)
    assert all(isinstance(group, AnyOrder) for group in GROUPS.values())
    assert {path[0] for path in GROUPS} == {*LISTS, "backup", "linkage", "verify"}


def test_a_word_that_is_no_verb_is_one_for_the_list() -> None:
    assert read(["quality", "police"]) == read(["quality", "list", "police"])
    assert read(["--json", "quality", "--history", "police"])[1] == {"name": "police", "history": True, "as_json": True}


@pytest.mark.parametrize(
    ("user", "more", "said"),
    [
        (None, [], "KETENBALANS_USER names: set it, or say --owner HANDLE instead"),
        (None, ["--owner", "desk-2"], "and --owner ask for two persons' breaks; leave one of them out"),
        ("desk-1", ["--owner", "desk-2"], "and --owner ask for two persons' breaks; leave one of them out"),
    ],
)
def test_mine_needs_to_know_whose(user: str | None, more: list[str], said: str) -> None:
    ended = CliRunner().invoke(app, ["breaks", "--mine", *more], env={"KETENBALANS_USER": user, "COLUMNS": "200"})
    assert ended.exit_code == 2
    assert said in " ".join(ended.output.replace("│", " ").split())


def test_another_record_is_named_for_one_break_at_a_time() -> None:
    said = ["reject", "2014-om-1", "2014-om-2", "--case", "0900000214", "--by", "desk-1"]
    ended = CliRunner().invoke(app, ["breaks", *said])
    assert ended.exit_code == 2
    assert "one break at a time" in ended.output


def test_the_version_is_that_which_balances_are_kept_with() -> None:
    for words in (["--version"], ["--version", "breaks"]):
        ended = CliRunner().invoke(app, words)
        assert (ended.exit_code, ended.stdout) == (0, f"ketenbalans {code_version()}\n")
