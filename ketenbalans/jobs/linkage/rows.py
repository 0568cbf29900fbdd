"""A drawn row: both records side by side as known on a day, so that a person can judge. Identifiers, never tokens."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import polars as pl
from sqlalchemy import Connection

from schemas.control_signs import escape_control_signs
from schemas.sources import om_registrations
from warehouse.evidence import read_evidence

DRAW, ROW_DIGEST, JUDGEMENT = "draw", "row_digest", "judgement"

OF_THE_POLICE = {
    "unit": "unit",
    "team": "team",
    "delivered_on": "delivered_on",
    "police_mutation": "mutation",
    "transferred_to": "transferred_to",
}
OF_THE_OM = {
    "om_dossier_number": "dossier_number_as_reported",
    "om_suspect_number": "suspect_number",
    "classification": "classification",
    "registered_on": "registered_on",
    "om_mutation": "mutation",
}
"""What a row shows of each record, by the column of its event."""

SHOWN = (
    "rule",
    "rests_on",
    "cause",
    "dossier_number",
    "suspect_number",
    *OF_THE_POLICE,
    "case_number",
    *OF_THE_OM,
    "days_between",
)
COLUMNS = (DRAW, *SHOWN, ROW_DIGEST, JUDGEMENT)
"""Of a drawn file. ``case_number`` is of the registration that is linked or else suggested; ``days_between`` are those
from the delivery to the registration."""

SUGGESTS = "6"
"""The rule of a registration that is only suggested."""


def drawn_rows(connection: Connection, suspects: pl.DataFrame, *, as_of: date) -> Iterator[dict[str, str]]:
    """What is shown of some suspects (``linkage.links.suspects_with_links``), in their order; empty: not known.

    Args:
        connection: of a snapshot.
        suspects: few; both records of each are read.
        as_of: the day whose knowledge is used.
    """
    shown_case = pl.coalesce("case_number", "suggested_case_number")
    rows = suspects.with_columns(shown_case=shown_case).to_dicts()
    events = read_evidence(
        connection,
        suspects=[(row["dossier_number"], row["suspect_number"]) for row in rows],
        cases=[row["shown_case"] for row in rows if row["shown_case"]],
        as_of=as_of,
        party="police",
    )
    newest: dict[object, Mapping[str, Any]] = {}
    for event in events.iter_rows(named=True):  # in time order, so the last of a record is its newest
        is_of_the_om = event["source"] == om_registrations.SOURCE.name
        newest[event["case_number"] if is_of_the_om else (event["dossier_number"], event["suspect_number"])] = event
    for row in rows:
        delivery = newest[row["dossier_number"], row["suspect_number"]]
        yield _shown(row, delivery, newest[row["shown_case"]] if row["shown_case"] else None)


def _shown(
    row: Mapping[str, Any], delivery: Mapping[str, Any], registration: Mapping[str, Any] | None
) -> dict[str, str]:
    is_suggested = row["rule"] is None and registration is not None
    days = None if registration is None else (registration["registered_on"] - delivery["delivered_on"]).days
    values = {
        **{name: row[name] for name in ("rests_on", "cause", "dossier_number", "suspect_number")},
        "rule": SUGGESTS if is_suggested else row["rule"],
        **{name: delivery[column] for name, column in OF_THE_POLICE.items()},
        "case_number": written_case_number(row["shown_case"]),
        **{name: None if registration is None else registration[column] for name, column in OF_THE_OM.items()},
        "days_between": days,
    }
    return {name: "" if values[name] is None else escape_control_signs(str(values[name])) for name in SHOWN}


def written_case_number(case_number: str | None) -> str | None:
    """A case number as the OM writes it: of ten digits a spreadsheet makes a number, which loses a leading zero."""
    return case_number and f"{case_number[:2]}/{case_number[2:8]}-{case_number[8:]}"


def digest_of(shown: Mapping[str, str]) -> str:
    """What a row showed, in a few signs that no spreadsheet takes for a number."""
    return f"r{sha256(repr([shown[name] for name in SHOWN]).encode()).hexdigest()[:16]}"


def what_changed(cells: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What a row of a file shows otherwise than its records do now, in words; days in any way of writing them."""
    return [
        f"{name} was {cells[name] or 'empty'}, is {now[name] or 'empty'}"
        for name in SHOWN
        if name in cells and cells[name] != now[name] and _as_day(cells[name]) != now[name]
    ]


def _as_day(cell: str) -> str | None:
    """A day as a spreadsheet may have written it, in ISO; None: it is none."""
    for form in ("%d-%m-%Y", "%d/%m/%Y", "%d-%m-%y"):
        try:
            return datetime.strptime(cell, form).date().isoformat()  # noqa: DTZ007 (a day has no clock)
        except ValueError:
            continue
    return None
