"""What is read of a table as a frozen type has its columns, in their order: so has the JSON that is printed of it."""

from dataclasses import fields

from schemas.answer_breaks import KeptDecision
from schemas.break_frames import BREAK_DECISION, PAIR_DECISION
from warehouse.dead_letters import KeptLetter
from warehouse.incidents import KeptIncident
from warehouse.tables.breaks import DECISION
from warehouse.tables.dead_letters import DEAD_LETTER
from warehouse.tables.watching import INCIDENT

BYTES = ("key", "value", "headers")


def names_of(kept: type) -> list[str]:
    return [field.name for field in fields(kept)]


def test_a_decision_has_the_columns_of_its_table() -> None:
    assert names_of(KeptDecision) == list(DECISION.columns.keys())
    assert set(names_of(KeptDecision)) == {*BREAK_DECISION, *PAIR_DECISION, "recorded_at"}


def test_an_incident_has_the_columns_of_its_table_and_of_its_resumption() -> None:
    assert names_of(KeptIncident) == [*INCIDENT.columns.keys(), "by", "note", "resumed_at", "identity"]


def test_a_letter_has_the_columns_of_its_table_without_the_bytes() -> None:
    of_the_table = [name for name in DEAD_LETTER.columns.keys() if name not in BYTES]  # noqa: SIM118 (no mapping)
    assert names_of(KeptLetter) == [*of_the_table, "state", "published_at", "key_bytes", "value_bytes"]
