"""The golden cases: one folder each, readable by a domain expert, read here into worlds.

`README.md` says in plain words what the case shows and ends with what is asked; `police.csv` and `om.csv` are state as
known on the as-of date, as is the file of any other party that delivers, under its name; `decisions.csv`, where it
is there, what persons decided about pairs; `expected.csv` has one row per delivered suspect of the period and per
OM-only registration.
"""

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schemas.catalogue import delivering_sources
from schemas.period import Period
from tests.reference.product import Answer, delivered_under, question_about
from tests.reference.records import Decision, Delivery, Registration, World

FOLDER = Path(__file__).parent.parent / "golden"
ASKED = re.compile(r"^Period (?P<period>\S+), as of (?P<as_of>\S+)\.$", re.MULTILINE)
EXPECTED_COLUMNS = ["side", "record", "case_number", "link_rule", "cause"]

Row = dict[str, str | None]


@dataclass(frozen=True)
class Expected:
    """What is expected of each suspect (case number, rule, cause) and of each OM-only registration (cause)."""

    suspects: dict[str, tuple[str | None, int | None, str]]
    om_only: dict[str, str]


def case_names() -> list[str]:
    """Give the names of the cases, sorted."""
    return sorted(folder.name for folder in FOLDER.iterdir() if (folder / "README.md").exists())


def rows_of(file: Path) -> list[Row]:
    """Read a CSV file; an empty cell is null."""
    if not file.exists():
        return []  # a party that delivers nothing in this case
    with file.open(encoding="utf-8", newline="") as lines:
        return [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(lines, delimiter=";")]


def world_of(name: str) -> World:
    """Read the world of a case, under the policy of the project."""
    asked = ASKED.search((FOLDER / name / "README.md").read_text(encoding="utf-8"))
    assert asked, f"{name}/README.md does not end with a line like: Period 2014, as of 2015-06-30."
    question = question_about(Period.parse(asked["period"]), date.fromisoformat(asked["as_of"]))
    return World(
        tuple(
            delivery_of(row, party) for party in delivering_sources() for row in rows_of(FOLDER / name / f"{party}.csv")
        ),
        tuple(registration_of(row) for row in rows_of(FOLDER / name / "om.csv")),
        question,
        decisions_of(name),
    )


def decisions_of(name: str) -> tuple[Decision, ...]:
    """Read the decisions of a case; most have none."""
    file = FOLDER / name / "decisions.csv"
    return tuple(
        Decision(
            decision_id=f"{name} {filled(row, 'decision_number')}",
            verdict=filled(row, "verdict"),
            dossier_number=filled(row, "dossier_number"),
            suspect_number=int(filled(row, "suspect_number")),
            case_number=filled(row, "case_number"),
            decided_on=date.fromisoformat(filled(row, "decided_on")),
            decision_number=int(filled(row, "decision_number")),
        )
        for row in (rows_of(file))
    )


def delivery_of(row: Row, party: str) -> Delivery:
    """Read a row of `police.csv`, or of the file of another party."""
    return Delivery(
        dossier_number=filled(row, "dossier_number"),
        suspect_number=int(filled(row, "suspect_number")),
        person_token=row["person_token"],
        unit=filled(row, "unit"),
        team=row.get("team") or "",
        delivered_on=date.fromisoformat(filled(row, "delivered_on")),
        transferred_to=row["transferred_to"],
        transferred_on=date.fromisoformat(filled(row, "transferred_on")) if row["transferred_on"] else None,
        mutation=filled(row, "mutation"),
        party=party,
    )


def registration_of(row: Row) -> Registration:
    """Read a row of `om.csv`."""
    return Registration(
        case_number=filled(row, "case_number"),
        person_token=row["person_token"],
        dossier_number=row["dossier_number"],
        dossier_number_as_reported=row["dossier_number_as_reported"],
        suspect_number=int(filled(row, "suspect_number")) if row["suspect_number"] else None,
        classification=filled(row, "classification"),
        registered_on=date.fromisoformat(filled(row, "registered_on")),
        mutation=filled(row, "mutation"),
    )


def filled(row: Row, name: str) -> str:
    """Give a cell that may not be empty."""
    cell = row[name]
    assert cell, f"{name} is empty"
    return cell


def expected_of(name: str) -> Expected:
    """Read what is expected of a case."""
    rows = rows_of(FOLDER / name / "expected.csv")
    assert all(list(row) == EXPECTED_COLUMNS for row in rows)
    expected = Expected({}, {})
    for row in rows:
        side, record, rule, cause = filled(row, "side"), filled(row, "record"), row["link_rule"], filled(row, "cause")
        if side == "om":
            expected.om_only[record] = cause
        else:
            expected.suspects[delivered_under(side, record)] = (row["case_number"], int(rule) if rule else None, cause)
    return expected


def as_expected(answer: Answer) -> Expected:
    """Put an answer into the shape of `expected.csv`."""
    return Expected(
        {
            f"{dossier_number}/{suspect_number}": (case_number, link_rule, cause or "recognised")
            for (dossier_number, suspect_number), (case_number, link_rule, cause) in answer.suspects.items()
        },
        answer.om_only,
    )
