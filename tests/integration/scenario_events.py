"""A scenario loaded into a warehouse without Kafka: its rows as events, and control records that cover its days."""

import hashlib
from typing import Any

from sqlalchemy import Engine

from scenarios.rows import DeliveryRow, RegistrationRow
from scenarios.scenario import Scenario
from schemas.vocabulary import Classification, Disposal, OmMutation, PoliceMutation, Qualification, Vocabulary
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, load_rows, om, police
from tests.reference.section2 import normalised


def load_scenario(engine: Engine, scenario: Scenario) -> None:
    """Load every row that a scenario will ever tell; both registers then cover its last day."""
    chain = scenario.told.chain
    deliveries = [row for delivery in chain.deliveries for row in delivery.rows]
    registrations = [row for registration in chain.registrations for row in registration.rows]
    load_rows(engine, POLICE, [delivered(f"p{place:05}", row) for place, row in enumerate(deliveries)], topic_id="P")
    load_rows(engine, OM, [registered(f"o{place:05}", row) for place, row in enumerate(registrations)], topic_id="O")
    for place, source in enumerate((POLICE, OM)):
        row = control(str(place), source.name, scenario.covers[-1], topic_id="none", offsets="{}")
        load_rows(engine, EXTRACTS, [row], topic_id=f"E{place}")


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
