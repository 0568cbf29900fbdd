"""The truth of every scenario, which no link rule made, is what the counting rules find on every day that is asked."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from ketenbalans.reconciliation.balance import Balance, balance, chain_of
from ketenbalans.scenarios.registry import SCENARIOS
from ketenbalans.scenarios.scenario import Scenario, extract_of
from ketenbalans.scenarios.truth import Truth
from schemas.period import Period
from tests.reference import section4
from tests.reference.product import policy_of, question_about
from tests.reference.records import World, frames
from tests.reference.section2 import normalised
from tests.reference.section3 import deliveries_known_on, registrations_known_on

pytestmark = pytest.mark.laws

BY_THE_REFERENCE = ("2012", "2014", "ordinary")
BY_THE_PRODUCT = sorted(set(SCENARIOS) - set(BY_THE_REFERENCE))
"""Larger than the reference is quick for; other tests hold the product's rules against those of the reference."""

WITH_THE_KMAR = ("2013", "2015-2018", "2019", "all")

Event = dict[str, Any]
Suspects = dict[tuple[str, int | None], tuple[str, str]]
POLICE_MUTATIONS = {
    "aangeleverd": "delivered",
    "overgedragen": "transferred",
    "gecorrigeerd": "corrected",
    "ingetrokken": "withdrawn",
}
OM_MUTATIONS = {
    "ingeschreven": "registered",
    "geherclassificeerd": "reclassified",
    "afgedaan": "disposed",
    "vervallen": "lapsed",
    "samengevoegd": "joined",
}


def day(cell: str) -> date:
    return date(int(cell[6:]), int(cell[3:5]), int(cell[:2]))


def lines(scenario: Scenario, folder: Path, source: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Read every set that has the source, a repeated row once."""
    observed = set()
    for covers in scenario.covers:
        path = folder / f"{source}-{covers}.csv"
        for row in csv.DictReader(
            path.read_text(encoding="utf-8").splitlines() if path.exists() else (), delimiter=";"
        ):
            if (key := tuple(row.values())) not in observed:
                observed.add(key)
                yield f"{len(observed):06}", row


def police_events(scenario: Scenario, folder: Path, *, deliverer: str = "police") -> list[Event]:
    """What the police delivered, or the KMar: its brigade stands for the unit, and it has no team."""
    return [
        {
            "event_id": event_id,
            "mutation": POLICE_MUTATIONS[row["mutatie"]],
            "dossier_number": normalised(row["registratienummer"]),
            "suspect_number": int(row["volgnummer_verdachte"]),
            "person_token": row["skn"] or None,
            "unit": row.get("eenheid") or row["brigade"],
            "team": row.get("team", ""),
            "delivered_on": day(row["datum_aanlevering"]),
            "transferred_to": row["overgedragen_aan"] or None,
            "recorded_at": datetime.fromisoformat(row["tijdstip_mutatie"]),
        }
        for event_id, row in lines(scenario, folder, deliverer)
    ]


def om_events(scenario: Scenario, folder: Path) -> list[Event]:
    return [
        {
            "event_id": event_id,
            "mutation": OM_MUTATIONS[row["mutatie"]],
            "case_number": re.sub(r"\D", "", row["parketnummer"]),
            "person_token": row["skn"] or None,
            "dossier_number": normalised(row["registratienummer_politie"]),
            "dossier_number_as_reported": row["registratienummer_politie"] or None,
            "suspect_number": int(row["volgnummer_verdachte"]) if row["volgnummer_verdachte"] else None,
            "classification": row["classificatie"],
            "registered_on": day(row["datum_inschrijving"]),
            "recorded_at": datetime.fromisoformat(row["tijdstip_mutatie"]),
        }
        for event_id, row in lines(scenario, folder, "om")
    ]


@dataclass(frozen=True, eq=False)
class Written:
    """A scenario and the events of its extracts, a repeated row once. It equals itself alone, so it can be a key."""

    scenario: Scenario
    police: list[Event]
    kmar: list[Event]
    om: list[Event]


def written_to(folder: Path, scenario: Scenario) -> Written:
    columns = {source: list(rows[0].cells()) for source, rows in scenario.records.rows.items()}
    for one in scenario.sets():
        for source, rows in one.rows.items():
            name, content = extract_of(source, one.covers, rows, columns[source])
            (folder / name).write_bytes(content)
    police, kmar = (police_events(scenario, folder, deliverer=party) for party in ("police", "kmar"))
    return Written(scenario, police, kmar, om_events(scenario, folder))


@cache
def written_once(name: str) -> Written:
    with TemporaryDirectory() as folder:
        return written_to(Path(folder), SCENARIOS[name])


@pytest.fixture(scope="module", params=BY_THE_REFERENCE)
def written(request: pytest.FixtureRequest) -> Written:
    return written_once(request.param)


def world_of(written: Written, year: int, as_of: date) -> World:
    deliveries, registrations = deliveries_known_on(written.police, as_of), registrations_known_on(written.om, as_of)
    return World(tuple(deliveries), tuple(registrations), question_about(Period.of_year(year), as_of))


@cache
def linked(written: Written, as_of: date) -> section4.Linked:
    """Everything known on a day, linked by the reference: the same for every year that is asked."""
    return section4.linked_of(world_of(written, written.scenario.years[0], as_of), with_suggestions=True)


@cache
def told_of(written: Written, days: tuple[date, ...]) -> list[Truth]:
    return written.scenario.truths(days)


def outcome(written: Written, year: int, as_of: date) -> section4.Outcome:
    known = linked(written, as_of)
    return section4.explained(
        replace(known, world=replace(known.world, question=question_about(Period.of_year(year), as_of)))
    )


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("before_the_sets", [False, True], ids=["on the day of a set", "on the last day of a year"])
def test_the_rules_find_the_truth(written: Written, place: int, *, before_the_sets: bool) -> None:
    scenario, year = written.scenario, written.scenario.years[place]
    covers = scenario.covers if len(scenario.covers) < 4 else scenario.covers[::6]  # of thirteen sets three say it all
    days = (date(scenario.years[1], 12, 31),) if before_the_sets else tuple(covers)
    truths = told_of(written, days)
    for as_of in days:
        found = outcome(written, year, as_of)
        answer = [truth for truth in truths if (truth.period, truth.as_of) == (year, as_of)]
        assert {
            (s.delivery.dossier_number, s.delivery.suspect_number): (
                s.link.registration.case_number if s.link else "",
                s.cause or "",
            )
            for s in found.suspects
        } == {(t.dossier_number, t.suspect_number): (t.case_number, t.cause) for t in answer if t.side == "police"}
        assert {r.case_number: cause for r, cause in found.om_only} == {
            t.case_number: t.cause for t in answer if t.side == "om" and t.cause
        }
        assert found.answer["om_count"] == sum(t.side == "om" for t in answer)


def test_rules_1_to_4_all_link(written: Written) -> None:
    links = outcome(written, written.scenario.years[1], written.scenario.covers[0]).answer["links"]
    assert all(links[rule] > 5 for rule in "1234")
    assert links["5"] == 0
    assert links["6"] == {"2012": 4, "2014": 0, "ordinary": 0}[written.scenario.name]


def truths_of(truths: Sequence[Truth], side: str, year: int, as_of: date) -> Suspects:
    return {
        (str(one.dossier_number), one.suspect_number): (one.case_number, one.cause)
        for one in truths
        if (one.side, one.period, one.as_of) == (side, year, as_of)
    }


def suspects_of(found: Balance) -> Suspects:
    columns = ["dossier_number", "suspect_number", "case_number", "cause"]
    rows = found.suspects.select(columns).iter_rows()
    return {(dossier, number): (case or "", cause or "") for dossier, number, case, cause in rows}


@pytest.mark.parametrize("name", BY_THE_PRODUCT)
def test_the_rules_of_the_product_find_the_truth(name: str) -> None:
    answer = written_once(name)
    scenario = answer.scenario
    days = scenario.covers if len(scenario.covers) < 4 else scenario.covers[3::3]  # of seven sets two say it all
    truths = scenario.truths(days)
    for as_of in days:
        world = world_of(answer, scenario.years[0], as_of)
        chain = chain_of(*frames(world), as_of=as_of, policy=policy_of(world.question))
        for year in scenario.years:
            found = balance(chain, Period.of_year(year))
            assert suspects_of(found) == truths_of(truths, "police", year, as_of)
            ours = [truth for truth in truths if (truth.side, truth.period, truth.as_of) == ("om", year, as_of)]
            om_only = dict(found.om_only.select("case_number", "cause").iter_rows())
            assert om_only == {truth.case_number: truth.cause for truth in ours if truth.cause}
            assert found.om_count == len(ours)


def test_the_kmar_delivers_in_these_scenarios_alone() -> None:
    assert {name for name in BY_THE_PRODUCT if SCENARIOS[name].records.chain.kmar} == set(WITH_THE_KMAR)


@pytest.mark.parametrize("name", WITH_THE_KMAR)
def test_the_rules_find_the_truth_of_the_kmar(name: str) -> None:
    """The same rules, asked of what the KMar delivered beside everything that the OM registered."""
    answer = written_once(name)
    as_of = answer.scenario.covers[-1]
    world = world_of(replace(answer, police=answer.kmar), answer.scenario.years[0], as_of)
    chain = chain_of(*frames(world), as_of=as_of, policy=policy_of(world.question))
    truths = answer.scenario.truths([as_of])
    found = {year: suspects_of(balance(chain, Period.of_year(year))) for year in answer.scenario.years}
    assert found == {year: truths_of(truths, "kmar", year, as_of) for year in answer.scenario.years}
    assert any(found.values())
