"""docs/counting-rules.md and what runs are one: each cause, link rule, policy number and golden case, in both."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from schemas.catalogue import sources
from schemas.causes import BreakCause, Cause, OmOnlyCause
from schemas.policy import Policy
from schemas.verdicts import BalanceVerdict
from schemas.vocabulary import Vocabulary
from tests.reference import section4
from tests.reference.golden import FOLDER, as_expected, case_names, expected_of, world_of
from tests.reference.product import by_the_reference

ROOT = FOLDER.parent.parent
PAGE = ROOT / "docs" / "counting-rules.md"
SECTIONS = {
    Cause: "Why a delivered suspect is not recognised",
    OmOnlyCause: "Why a registration is only at the OM",
}
LINK_RULES = (1, 2, 3, 4, 5)
KINDS = ("a", "b", "c")
STEPS = 10  # of the greedy order
EVERY_CAUSE = [pytest.param(cause, id=f"{type(cause).__name__}-{cause}") for causes in SECTIONS for cause in causes]
LINK = re.compile(r"\[`(?P<text>[^`]*)`\]\((?P<folder>[^)]*tests/golden/(?P<case>[^/)]*)/?)\)")


@dataclass(frozen=True)
class Backwards:
    """A key that sorts the other way round."""

    key: Any

    def __lt__(self, other: "Backwards") -> bool:
        return bool(other.key < self.key)


@cache
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def parts(text: str, level: str) -> dict[str, str]:
    """The headings of one level, each with the text below it."""
    _, *pieces = re.split(rf"^{level} (.+)$", text, flags=re.MULTILINE)
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def linking() -> dict[str, str]:
    return parts(parts(page(), "##")["Linking"], "###")


def rows_in(text: str) -> list[list[str]]:
    """The rows of the tables of a text, cell by cell; without headers."""
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    rules = [place for place, row in enumerate(rows) if set("".join(row)) <= set("-|")]
    return [row for place, row in enumerate(rows) if place not in rules and place + 1 not in rules]


def reference_agrees_with(case: str) -> bool:
    return as_expected(by_the_reference(world_of(case), with_suggestions=True)) == expected_of(case)


def causes_in(causes: type[BreakCause]) -> dict[str, str]:
    return parts(parts(page(), "##")[SECTIONS[causes]], "###")


def heading_of(cause: Vocabulary) -> str:
    place = list(type(cause)).index(cause) + 1
    return f"{place}. `{cause.value}` ({cause.word})"


def cases_in(text: str) -> set[str]:
    return {link["case"] for link in LINK.finditer(text)}


def causes_expected_in(case: str, causes: type[Vocabulary]) -> set[str]:
    """The causes of one side that a case expects."""
    expected = expected_of(case)
    if causes is Cause:
        return {cause for _, _, cause in expected.suspects.values()}
    return set(expected.om_only.values())


@pytest.mark.parametrize("causes", SECTIONS)
def test_the_page_has_the_causes_in_their_order_with_the_dutch_word(causes: type[BreakCause]) -> None:
    assert list(causes_in(causes)) == [heading_of(cause) for cause in causes]


@pytest.mark.parametrize("cause", EVERY_CAUSE)
def test_a_cause_is_shown_by_each_case_named_with_it(cause: BreakCause) -> None:
    text = causes_in(type(cause))[heading_of(cause)]
    assert "- **To do:** " in text
    holds, _, does_not_hold = text.partition("- **Golden case")[2].partition("- **Not in:** ")
    assert cases_in(holds)
    assert {case for case in cases_in(holds) if cause not in causes_expected_in(case, type(cause))} == set()
    assert {case for case in cases_in(does_not_hold) if cause in causes_expected_in(case, type(cause))} == set()


@pytest.mark.parametrize("cause", EVERY_CAUSE)
def test_the_page_says_the_declared_state_of_a_cause_and_from_which_day_it_waits(cause: BreakCause) -> None:
    (said,) = re.findall(r"^- \*\*State:\*\* (.+)$", causes_in(type(cause))[heading_of(cause)], re.MULTILINE)
    state, *others = re.findall(r"`(\w+)`", said)
    assert state == cause.record.state
    assert [word for word in others if word.endswith("_on")] == [day for day in [cause.record.waits_from] if day]


@pytest.mark.parametrize("rule", LINK_RULES)
def test_a_link_rule_is_shown_by_a_case_named_with_it(rule: int) -> None:
    named = [cases_in(text) for heading, text in linking().items() if heading.startswith(f"Rule {rule}: ")]
    assert len(named) == 1
    links = [link for case in named[0] for link in expected_of(case).suspects.values()]
    assert rule in {rule_of_the_link for _, rule_of_the_link, _ in links}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_suggestion_decides_the_cases_named_with_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_in(linking()["Rule 6: suggested (mogelijke koppeling)"])
    ((_, _, shown, not_suggested),) = [row for row in rows if row[0].startswith(f"({kind}) ")]
    monkeypatch.setattr(section4, f"suggestion_{kind}", lambda *_: False)
    assert cases_in(shown)
    assert {case for case in cases_in(shown) if reference_agrees_with(case)} == set()
    assert cases_in(not_suggested)
    assert {case for case in cases_in(not_suggested) if Cause.MISSING not in causes_expected_in(case, Cause)} == set()


@pytest.mark.parametrize("step", range(STEPS))
def test_a_step_of_the_order_decides_a_case_named_with_it(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = rows_in(linking()["Which pair first"])
    assert [number for number, _, _ in steps] == [str(place + 1) for place in range(STEPS)]
    named = cases_in(steps[step][-1])
    assert {case for case in named if not reference_agrees_with(case)} == set()
    as_designed = section4.order

    def turned_round(*pair_and_links: Any) -> tuple[Any, ...]:
        keys = as_designed(*pair_and_links)
        return (*keys[:step], Backwards(keys[step]), *keys[step + 1 :])

    monkeypatch.setattr(section4, "order", turned_round)
    assert {case for case in named if not reference_agrees_with(case)} != set()


def test_every_row_about_linking_names_a_case() -> None:
    rows = [(heading, " | ".join(row)) for heading, text in linking().items() for row in rows_in(text)]
    assert {heading for heading, _ in rows} >= {"Three rounds", "Which pair first"}
    assert [row for row in rows if not cases_in(row[1])] == []


def test_every_case_is_on_the_page_and_every_case_on_the_page_exists() -> None:
    of_sources = {case for source in sources().values() for case in source.golden_cases}
    assert cases_in(page()) | of_sources == set(case_names())


def test_every_link_to_a_case_says_where_it_goes() -> None:
    links = list(LINK.finditer(page()))
    assert len(links) == page().count("](../tests/golden/") - page().count("](../tests/golden/README.md)")
    assert {link["text"] for link in links if link["text"] != link["case"]} == set()
    assert {link["folder"] for link in links if not (PAGE.parent / link["folder"]).is_dir()} == set()


def test_every_link_within_the_page_or_to_another_page_arrives() -> None:
    anchors = {
        re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#{2,3} (.+)$", page(), re.MULTILINE)
    }
    targets = re.findall(r"\]\(([^)]+)\)", page())
    assert {target for target in targets if target[0] == "#" and target[1:] not in anchors} == set()
    assert {target for target in targets if target[0] != "#" and not (PAGE.parent / target).exists()} == set()


def test_the_policy_numbers_on_the_page_are_those_of_the_policy() -> None:
    policy = Policy.parse((ROOT / "policy.toml").read_text(encoding="utf-8")).to_dict()
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", parts(page(), "##")["What is counted"], re.MULTILINE))
    written = {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in policy.items()}
    assert {name: rows.get(name) for name in written} == written


def test_the_verdicts_are_those_of_the_page_in_their_order() -> None:
    rows = rows_in(parts(page(), "##")["The verdict"])
    assert [tuple(row[:2]) for row in rows] == [(f"`{one.value}`", one.word) for one in BalanceVerdict]
