"""The links of a balance with what they rest on, and what follows from judgements and from the truth."""

from collections import Counter
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest

from ketenbalans.reconciliation.linkage.links import EQUAL_TOKENS, NEITHER, NUMBERS_ALONE, suspects_with_links
from ketenbalans.reconciliation.linkage.quality import LinkQuality, quality_of
from ketenbalans.reconciliation.linkage.rates import NOTHING_KNOWN, LinkVerdicts
from ketenbalans.reconciliation.linkage.truth import TRUE_CASE, ExactRate, InvalidTruth, true_quality
from schemas.link_judgement_frames import JUDGED_LINK
from schemas.link_judgements import LINK_RULES
from schemas.period import Period
from tests.reference.golden import case_names, world_of
from tests.reference.product import balance_by_the_product, by_the_product
from tests.reference.records import World
from tests.reference.strategies import random_world

YEAR, AS_OF = Period.of_year(2014), date(2015, 1, 31)
LINKED: dict[str, Any] = {
    "dossier_number": pl.String,
    "suspect_number": pl.Int32,
    "case_number": pl.String,
    "rule": pl.Int32,
    "rests_on": pl.String,
    "suggested_case_number": pl.String,
    "cause": pl.String,
}
GOLDEN = [name for name in case_names() if name.startswith(("rule_", "kmar_", "suggested_"))]
WORLDS = [*map(world_of, GOLDEN), *(random_world(seed, 60) for seed in range(6))]


def suspect(number: int, case: int | None, rule: int | None, cause: str | None = None) -> tuple[Any, ...]:
    rests_on = {None: None, 1: EQUAL_TOKENS, 5: NEITHER}.get(rule, NUMBERS_ALONE)
    return f"PL0900-2014{number:06}", 1, case and f"{case:010}", rule, rests_on, None, cause


SUSPECTS = pl.DataFrame(
    [
        *(suspect(number, number, 1) for number in range(1, 7)),
        suspect(7, 7, 2),
        suspect(8, 8, 2, "lapsed"),
        suspect(9, None, None, "missing"),
        suspect(10, None, None, "missing"),
    ],
    schema=LINKED,
    orient="row",
)


def judged(*rows: tuple[int, int | None, int | None, str], as_of: date = AS_OF) -> pl.DataFrame:
    """Judgements: the number of the suspect, its case, the rule, and what was found."""
    found = [
        (as_of, rule, f"PL0900-2014{number:06}", 1, case and f"{case:010}", verdict)
        for number, case, rule, verdict in rows
    ]
    return pl.DataFrame(found, schema=JUDGED_LINK, orient="row")


def quality(judgements: pl.DataFrame) -> LinkQuality:
    return quality_of(SUSPECTS, judgements, period=YEAR, as_of=AS_OF)


def rests_on(world: World, dossier: str, suspect_number: int, case: str | None) -> str | None:
    """What the records themselves say."""
    delivery = next(
        d
        for d in world.deliveries
        if (d.party, d.dossier_number, d.suspect_number) == ("police", dossier, suspect_number)
    )
    registration = next((r for r in world.registrations if r.case_number == case), None)
    if registration is None:
        return None
    if delivery.person_token is not None and delivery.person_token == registration.person_token:
        return EQUAL_TOKENS
    return NUMBERS_ALONE if registration.dossier_number == dossier else NEITHER


@cache
def suspects_in(place: int) -> pl.DataFrame:
    """The suspects of a world with their links, linked once for all tests."""
    return suspects_with_links(balance_by_the_product(WORLDS[place]))


@pytest.mark.parametrize("place", range(len(WORLDS)), ids=[*GOLDEN, *map(str, range(6))])
def test_the_links_are_those_of_the_balance(place: int) -> None:
    world, suspects = WORLDS[place], suspects_in(place)
    answer = by_the_product(world)
    of_police = {record: link for record, link in answer.suspects.items() if " " not in record[0]}
    assert of_police == {
        (row["dossier_number"], row["suspect_number"]): (row["case_number"], row["rule"], row["cause"])
        for row in suspects.iter_rows(named=True)
    }
    for row in suspects.iter_rows(named=True):
        found = rests_on(world, row["dossier_number"], row["suspect_number"], row["case_number"])
        assert row["rests_on"] == found, row
    found_quality = quality_of(suspects, judged(), period=YEAR, as_of=AS_OF)
    assert {str(one.rule): one.links for one in found_quality.rules} == {
        rule: links for rule, links in answer.balance["links"].items() if rule != "6"
    }
    assert all(sum(one.rests_on.values()) == one.links for one in found_quality.rules)
    assert found_quality.unlinked == answer.balance["gap"]


def test_a_rule_says_what_its_links_can_rest_on() -> None:
    """Rule 1 and 3 want equal tokens, 2 and 4 equal numbers: that is what the rules are."""
    possible = Counter[tuple[int, str]]()
    for place in range(len(WORLDS)):
        links = suspects_in(place).filter(pl.col("rule").is_not_null())
        possible.update(links.select("rule", "rests_on").iter_rows())
    assert {rests for rule, rests in possible if rule in (1, 3)} == {EQUAL_TOKENS}
    assert (3, NUMBERS_ALONE) not in possible
    assert (2, NUMBERS_ALONE) in possible
    assert (4, NUMBERS_ALONE) in possible


def test_judgements_count_for_their_rule_while_the_link_stands() -> None:
    found = quality(
        judged(
            (1, 1, 1, "same"),
            (2, 2, 1, "other"),
            (3, 3, 1, "unsure"),
            (7, 7, 2, "same"),
            (8, 9, 2, "other"),  # it is linked to another registration by now
            (6, 6, 4, "other"),  # another rule links it by now
            (9, None, None, "same"),
            (10, None, None, "other"),
            (7, None, None, "same"),  # it is recognised by now
        )
    )
    by_rule = {one.rule: one for one in found.rules}
    assert by_rule[1].verdicts == LinkVerdicts(same=1, other=1, unsure=1)
    assert by_rule[2].verdicts == LinkVerdicts(same=1)
    assert by_rule[4].verdicts == LinkVerdicts()
    assert (found.links, found.unlinked) == (8, 3)
    assert found.unlinked_verdicts == LinkVerdicts(same=1, other=1)
    assert found.false_links.rate == pytest.approx(6 / 8 * 1 / 2 + 2 / 8 * 0)
    assert found.missed_links.rate == 1 / 2
    assert found.is_judged


def test_without_judgements_nothing_is_known() -> None:
    found = quality(judged())
    assert found.false_links == found.missed_links == NOTHING_KNOWN
    assert (found.is_judged, found.drawn_as_of) == (False, ())
    document = found.to_json()
    assert document["all"]["links"] == sum(one["links"] for one in document["rules"]) == 8
    assert document["unlinked"]["missed_links"] == {"rate": None, "low": 0.0, "high": 1.0}


def test_it_says_as_known_on_which_days_was_drawn() -> None:
    earlier = judged((1, 1, 1, "same"), (4, 9, 1, "same"), as_of=date(2014, 12, 31))
    assert quality(pl.concat([earlier, judged((2, 2, 1, "same"))])).drawn_as_of == (date(2014, 12, 31), AS_OF)


def true_cases(**cases: int | None) -> pl.DataFrame:
    """The links themselves as the truth, but for some suspects."""
    rows = [
        (dossier, number, f"{cases[name]:010}" if cases.get(name) else None if name in cases else case)
        for dossier, number, case in SUSPECTS.select("dossier_number", "suspect_number", "case_number").iter_rows()
        for name in [f"s{int(dossier[-6:])}"]
    ]
    return pl.DataFrame(rows, schema=TRUE_CASE, orient="row")


def test_the_links_themselves_are_a_truth_without_a_false_one() -> None:
    found = true_quality(SUSPECTS, true_cases())
    assert found.false_links_in_all == ExactRate(found=0, of=8)
    assert found.missed_links == ExactRate(found=0, of=3)


def test_what_is_false_and_what_is_missed_is_counted() -> None:
    found = true_quality(SUSPECTS, true_cases(s2=99, s7=None, s8=97, s9=98))
    assert {rule: one.found for rule, one in found.false_links.items()} == {1: 1, 2: 2, 3: 0, 4: 0, 5: 0}
    assert found.missed_links == ExactRate(found=2, of=3)  # 9 has one, and 8 another one than it is linked to
    assert found.to_json()["false_links"]["all"] == {"found": 3, "of": 8, "rate": 0.375}
    assert list(found.false_links) == list(LINK_RULES)


def test_the_truth_of_something_else_is_refused() -> None:
    with pytest.raises(InvalidTruth, match="speaks of 9 suspects and 10 are delivered"):
        true_quality(SUSPECTS, true_cases().head(9))
