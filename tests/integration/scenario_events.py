"""A scenario loaded into a warehouse without Kafka: its rows as events, and control records that cover its days."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from ketenbalans.scenarios.rows import DeliveryRow, RegistrationRow
from ketenbalans.scenarios.scenario import Scenario
from schemas.catalogue import source_named
from schemas.declaration import Field, Kind, Source
from schemas.vocabulary import Classification, Disposal, OmMutation, PoliceMutation, Qualification, Vocabulary
from tests.integration.warehouse.rows import OM, POLICE, load_covered, om, police
from tests.reference.section2 import normalised

REGISTERS = (POLICE.name, OM.name)


def load_scenario(engine: Engine, scenario: Scenario, *, sources: Collection[str] | None = None) -> None:
    """Load every row that a scenario will ever report, of all its sources or of some; these then cover its last day."""
    for name, rows in scenario.records.rows.items():
        if sources is None or name in sources:
            source = source_named(name)
            events = [event(source, f"{name}-{place:05}", row) for place, row in enumerate(rows)]
            load_covered(engine, source, events, until=scenario.covers[-1])


def event(source: Source, event_id: str, row: Any) -> dict[str, Any]:
    """What a row of a scenario says, as an event of its source."""
    if isinstance(row, DeliveryRow):
        return delivered(event_id, row)
    if isinstance(row, RegistrationRow):
        return registered(event_id, row)
    return as_declared(source, event_id, row.cells())


def as_declared(source: Source, event_id: str, cells: Mapping[str, str | None]) -> dict[str, Any]:
    """The cells of a source that has nothing particular, by its declaration."""
    fields = {field.name: value_of(field, cells[field.column or ""]) for field in source.fields}
    return {"event_source": "/test", "event_id": event_id, **fields}


def value_of(field: Field, cell: str | None) -> Any:
    if not cell:
        return None
    if field.is_personal:
        return token(cell)
    if field.words is not None:
        return word(field.words, cell)
    return READ.get(field.kind, str)(cell)


def day(cell: str) -> Any:
    dutch = cell[2] == "-"
    return datetime.strptime(cell, "%d-%m-%Y" if dutch else "%Y-%m-%d").replace(tzinfo=UTC).date()


READ: Mapping[Kind, Callable[[str], Any]] = {
    Kind.INTEGER: int,
    Kind.DATE: day,
    Kind.TIMESTAMP: datetime.fromisoformat,
}


def delivered(event_id: str, row: DeliveryRow) -> dict[str, Any]:
    return police(
        event_id,
        row.recorded_at,
        mutation=word(PoliceMutation, row.mutation),
        dossier_number=normalised(row.dossier_number),
        suspect_number=row.suspect_number,
        person_token=token(row.skn),
        unit=row.unit,
        team=row.team,
        delivered_on=row.delivered_on,
        qualifications=[word(Qualification, quality) for quality in row.qualifications],
        transnational=row.transnational,
        transferred_to=row.transferred_to or None,
    )


def registered(event_id: str, row: RegistrationRow) -> dict[str, Any]:
    return om(
        event_id,
        row.recorded_at,
        mutation=word(OmMutation, row.mutation),
        case_number=digits(row.case_number),
        person_token=token(row.skn),
        dossier_number=normalised(row.dossier_number_as_typed),
        dossier_number_as_reported=row.dossier_number_as_typed or None,
        suspect_number=row.suspect_number,
        classification=word(Classification, row.classification),
        registered_on=row.registered_on,
        disposal=word(Disposal, row.disposal) if row.disposal else None,
        joined_into=digits(row.joined_into) if row.joined_into else None,
    )


def word(vocabulary: type[Vocabulary], dutch: str) -> str:
    return next(member.value for member in vocabulary if member.word == dutch)


def token(skn: str) -> str | None:
    return hashlib.sha256(skn.encode()).hexdigest() if skn else None


def digits(case_number: str) -> str:
    return case_number.replace("/", "").replace("-", "")
