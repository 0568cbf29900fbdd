"""Records to make an example of: a delivered suspect, a registration and a year, each with what matters in it said."""

from datetime import date
from typing import Any

from schemas.period import Period
from tests.reference.product import question_about
from tests.reference.records import Decision, Delivery, Registration, World
from tests.reference.section4 import Outcome, reconcile

ANNA, BOB = "a" * 64, "b" * 64
FILE = "PL0900-2014000001"
CASE, OTHER_CASE = "0900000114", "0900000214"


def delivery(suspect_number: int = 1, **fields: Any) -> Delivery:
    """Give a suspect of one file, delivered on 1 June 2014; nobody knows who it is."""
    values: dict[str, Any] = {
        "dossier_number": FILE,
        "suspect_number": suspect_number,
        "person_token": None,
        "unit": "PL0900",
        "team": "TBKK",
        "delivered_on": date(2014, 6, 1),
        "transferred_to": None,
        "transferred_on": None,
        "mutation": "delivered",
    }
    return Delivery(**(values | fields))


def registration(case_number: str = CASE, **fields: Any) -> Registration:
    """Give a registration of 10 June 2014 that says nothing of a file or of a person."""
    values: dict[str, Any] = {
        "case_number": case_number,
        "person_token": None,
        "dossier_number": None,
        "dossier_number_as_reported": fields.get("dossier_number"),
        "suspect_number": None,
        "classification": "KP",
        "registered_on": date(2014, 6, 10),
        "mutation": "registered",
    }
    return Registration(**(values | fields))


def outcome(
    deliveries: tuple[Delivery, ...],
    registrations: tuple[Registration, ...],
    decisions: tuple[Decision, ...] = (),
    as_of: date = date(2015, 6, 30),
) -> Outcome:
    """Reconcile 2014 under the policy of the project."""
    question = question_about(Period.of_year(2014), as_of)
    return reconcile(World(deliveries, registrations, question, decisions), with_suggestions=True)
