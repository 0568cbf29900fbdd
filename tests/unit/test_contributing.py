"""What CONTRIBUTING.md names is there: files, folders, and what there is to make."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`([\w./-]+(?:/|\.py|\.md|\.toml|\.csv))`", PAGE)))
ADDED = ("source", "field that a rule uses", "cause", "measure", "kind of audit entry", "alert", "page", "verb")


@pytest.mark.parametrize("path", PATHS)
def test_each_path_is_there_or_in_a_folder_that_is(path: str) -> None:
    place = ROOT / path
    assert place.parent.is_dir() if "NAME" in path else place.exists(), f"CONTRIBUTING.md names {path}"


def test_it_says_how_each_thing_is_added_file_by_file() -> None:
    lists = dict(re.findall(r"(?ms)^### An? ([\w ]+)\n\n(.+?)(?=^#)", PAGE))
    assert tuple(lists) == ADDED
    for thing, text in lists.items():
        steps = re.findall(r"(?m)^(\d+)\. `", text)
        assert steps == [str(number + 1) for number in range(len(steps))], thing
        assert len(steps) >= 3, thing


def test_every_target_that_it_names_can_be_made() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    named = set(re.findall(r"\bmake ([a-z-]+)\b", PAGE))
    assert named
    assert named <= targets


def test_the_example_of_a_commit_keeps_its_own_rule() -> None:
    *_, example = re.findall(r"(?s)```\n(.+?)```", PAGE)
    subject, empty, *body = example.splitlines()
    assert len(subject) <= 72
    assert not empty
    assert body
