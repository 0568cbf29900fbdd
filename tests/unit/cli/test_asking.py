"""Days and numbers that no register or warehouse can hold are refused in a sentence, whichever verb asks for them.

The options are found by walking the command line, so a new one that takes any day or any number fails here.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ketenbalans.cli.asking import DAY, MONTH, YEAR, day_option, month_option
from ketenbalans.cli.main import app, run
from schemas.declaration import LARGEST_NUMBER

OUT_OF_ALL_DAYS = {
    DAY: ("0214-12-31", "1989-12-31", "2200-01-01", "9999-12-31"),
    MONTH: ("1989-12", "2200-01"),
    YEAR: ("0000", "1989", "2200"),
}
SAID = "a register speaks of days between 1990-01-01 and 2199-12-31"


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if path:
        yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


PARAMETERS = [(path, one) for path, command in commands(typer.main.get_command(app)) for one in command.params]
OF_DAYS = [(path, one) for path, one in PARAMETERS if one.metavar in OUT_OF_ALL_DAYS]


def ended(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "400"})
    return result.exit_code, " ".join(result.stderr.replace("│", " ").split())


def test_no_parameter_takes_any_day_or_any_number() -> None:
    for path, one in PARAMETERS:
        declared, reader = one.type_descriptor.annotation, one.type_descriptor.parameter_info.parser
        if declared in (date, datetime):
            assert reader in (day_option, month_option), (
                path,
                one.name,
                "read it with ketenbalans.cli.asking.day_option",
            )
        if declared is int and reader is None:
            assert one.max is not None, (path, one.name, "say max, such as LARGEST_NUMBER")
            assert one.max <= LARGEST_NUMBER


def test_every_verb_that_asks_for_a_day_is_here() -> None:
    assert {path[0] for path, _ in OF_DAYS} >= {
        *("balance", "breaks", "focus", "produce", "reconcile", "report", "restate", "revisions", "series", "targets"),
        "verify",
    }


@pytest.mark.parametrize(
    ("path", "one"), OF_DAYS, ids=lambda part: " ".join(part) if isinstance(part, tuple) else part.opts[0]
)
def test_a_day_that_no_register_holds_is_a_usage_error(path: tuple[str, ...], one: Any) -> None:
    for text in OUT_OF_ALL_DAYS[str(one.metavar)]:
        code, said = ended(*path, one.opts[0], text)
        assert code == 2
        assert f"{SAID}, not of" in said
        assert one.opts[0] in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("series", "suspects_delivered_to_om", "--from", "0214"),
        ("series", "suspects_delivered_to_om", "--from", "9999-12-31"),
        ("series", "suspects_delivered_to_om", "--from", "2200-H2"),
        ("reconcile", "--period", "0214"),
        ("reconcile", "--period", "2199-12-31/9999-12-31"),
        ("breaks", "--period", "9999"),
        ("published", "--period", "1989"),
    ],
)
def test_a_period_that_no_register_holds_is_one_too(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    result = CliRunner().invoke(app, arguments)
    assert SAID in f"{result.exception}"


@pytest.mark.parametrize("number", [2**63, 2**64, 10**40, "9" * 5000])
@pytest.mark.parametrize(
    "verb",
    [
        ("incidents", "show"),
        ("incidents", "resume", "--note", "n"),
        ("deadletters", "show"),
        ("deadletters", "redrive"),
        ("deadletters", "discard", "--note", "n"),
        ("breaks", "confirm", "2014-om-1-1", "--suspect"),
        ("balance", "--wait"),
    ],
)
def test_a_number_larger_than_any_is_a_usage_error(verb: tuple[str, ...], number: object) -> None:
    code, said = ended(*verb, str(number))
    assert code == 2
    assert "Traceback" not in said
    assert "Invalid value for" in said
    assert "less than or equal to" in said or "integer" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("reconcile", "--as-of", "9999-12-31"), f"Invalid value for '--as-of': {SAID}, not of 9999-12-31"),
        (("incidents", "show", str(2**63)), "Invalid value for 'NUMBER': "),
        (("report", "--out", "/proc/nope"), "Invalid value for --out: /proc/nope cannot be written (No such file"),
        (("breaks", "show"), "Missing argument 'BREAK_ID' ("),
        (("no\x1b[2Jsuch\nverb",), "No such command"),
    ],
)
def test_a_usage_error_is_one_line_with_where_the_help_is(
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["ketenbalans", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"error {said}")
    assert printed.err.endswith("--help` says what it takes)\n")
    assert len(printed.err.splitlines()) == 1
    assert "\x1b" not in printed.err
