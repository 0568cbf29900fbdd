"""The truth, which no link rule made, is what the counting rules find; and they suggest nothing."""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from scenarios.registry import SCENARIOS
from tests.reference import section4
from tests.reference.records import Question, World
from tests.reference.section2 import normalised
from tests.reference.section3 import deliveries_known_on, registrations_known_on

SCENARIO = SCENARIOS["2014"]
YEARS = {year: (date(year, 1, 1), date(year, 12, 31)) for year in (2013, 2014, 2015)}
AS_OF_DATES = (date(2014, 12, 31), *SCENARIO.covers)
Event = dict[str, Any]
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


def lines(folder: Path, source: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Read both sets, a repeated row once."""
    seen = set()
    for covers in SCENARIO.covers:
        with (folder / f"{source}-{covers}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                if (key := tuple(row.values())) not in seen:
                    seen.add(key)
                    yield f"{len(seen):06}", row


def police_events(folder: Path) -> list[Event]:
    return [
        {
            "event_id": event_id,
            "mutation": POLICE_MUTATIONS[row["mutatie"]],
            "dossier_number": normalised(row["registratienummer"]),
            "suspect_number": int(row["volgnummer_verdachte"]),
            "person_token": row["skn"] or None,
            "unit": row["eenheid"],
            "team": row["team"],
            "delivered_on": day(row["datum_aanlevering"]),
            "transferred_to": row["overgedragen_aan"] or None,
            "recorded_at": datetime.fromisoformat(row["tijdstip_mutatie"]),
        }
        for event_id, row in lines(folder, "police")
    ]


def om_events(folder: Path) -> list[Event]:
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
        for event_id, row in lines(folder, "om")
    ]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], list[Event]]:
    folder = tmp_path_factory.mktemp("scenario")
    SCENARIO.write(folder)
    return police_events(folder), om_events(folder)


def outcome(events: tuple[list[Event], list[Event]], start: date, end: date, as_of: date) -> section4.Outcome:
    police, om = events
    question = Question(start, end, as_of, SCENARIO.transit_allowance_days, 31, 400, ("PL27",))
    deliveries, registrations = deliveries_known_on(police, as_of), registrations_known_on(om, as_of)
    return section4.reconcile(World(tuple(deliveries), tuple(registrations), question), with_suggestions=True)


@pytest.mark.parametrize("as_of", AS_OF_DATES, ids=str)
@pytest.mark.parametrize("year", YEARS)
def test_the_rules_find_the_truth(events: tuple[list[Event], list[Event]], year: int, as_of: date) -> None:
    found = outcome(events, *YEARS[year], as_of)
    told = [truth for truth in SCENARIO.truths(AS_OF_DATES) if (truth.period, truth.as_of) == (year, as_of)]
    assert {
        (s.delivery.dossier_number, s.delivery.suspect_number): (
            s.link.registration.case_number if s.link else "",
            s.cause or "",
        )
        for s in found.suspects
    } == {(t.dossier_number, t.suspect_number): (t.case_number, t.cause) for t in told if t.side == "police"}
    assert {r.case_number: cause for r, cause in found.om_only} == {
        t.case_number: t.cause for t in told if t.side == "om" and t.cause
    }
    assert found.answer["om_count"] == sum(t.side == "om" for t in told)
    assert found.linked.suggestions == []


def test_rules_1_to_4_all_link(events: tuple[list[Event], list[Event]]) -> None:
    links = outcome(events, *YEARS[2014], date(2015, 1, 31)).answer["links"]
    assert all(links[rule] > 10 for rule in "1234")
    assert links["5"] == links["6"] == 0
