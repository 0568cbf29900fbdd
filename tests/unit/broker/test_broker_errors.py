"""Kafka's errors are a tree of their own, each with the attributes that its docstring promises."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import producers.errors
from ketenbalans.broker import errors
from ketenbalans.broker.errors import BrokerError, BrokerRefuses, BrokerUnreachable
from ketenbalans.cli.exit_codes import exit_code_of
from ketenbalans.cli.exits import Exit
from producers.errors import ProduceError

GIVEN = {
    "bootstrap": "kafka:9092",
    "topic": "a.topic",
    "reason": "no answer",
    "acknowledged": 3,
    "rows": 5,
    "user": "a-user",
    "what": "write topic a.topic",
    "why": "refuses",
    "what_is_wrong": "has ended",
    "authority": "authority.pem",
    "security": "SASL_SSL",
    "what_differs": "it asks for nothing",
}


def tree(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


BROKEN = [kind for kind in tree(BrokerError) if kind is not BrokerError]
ALL = pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)


def made(kind: type[Exception]) -> Any:
    return kind(**{name: GIVEN[name] for name in inspect.signature(kind).parameters if name in GIVEN})


def promised(kind: type[Exception]) -> set[str]:
    """The names under "Attributes" in the docstrings of a class and of those that it is made of."""
    sections = [(one.__doc__ or "").partition("Attributes:")[2] for one in kind.__mro__ if issubclass(one, BrokerError)]
    return {name for section in sections for name in re.findall(r"^ {8}(\w+): ", section, re.MULTILINE)}


@ALL
def test_each_has_a_value_for_every_attribute_that_it_promises(kind: type[Exception]) -> None:
    error = made(kind)
    assert promised(kind) == set(vars(error))
    assert {name: getattr(error, name) for name in promised(kind)} == {name: GIVEN[name] for name in promised(kind)}


@ALL
def test_each_says_which_kafka_and_is_in_the_tree_that_people_read(kind: type[Exception]) -> None:
    assert str(GIVEN["bootstrap"]) in str(made(kind))
    assert kind.__module__ == errors.__name__
    assert f"+-- {kind.__name__} " in (BrokerError.__doc__ or "")


@ALL
def test_none_is_an_error_of_an_extract_and_each_ends_a_command_with_its_code(kind: type[Exception]) -> None:
    assert not issubclass(kind, ProduceError)
    expected = Exit.OUT_OF_REACH if issubclass(kind, (BrokerUnreachable, BrokerRefuses)) else Exit.NO
    assert exit_code_of(made(kind)) is expected


def test_errors_of_extracts_know_no_kafka() -> None:
    assert not {kind for kind in tree(ProduceError) if issubclass(kind, BrokerError)}
    assert "ketenbalans" not in re.findall(r"^(?:from|import) (\w+)", source_of(producers.errors), re.MULTILINE)


def source_of(module: Any) -> str:
    return Path(module.__file__).read_text(encoding="utf-8")
