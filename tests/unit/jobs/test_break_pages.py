"""Standing breaks in memory are bounded, and both records beside each other say what differs."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from ketenbalans.jobs.breaks import standing
from ketenbalans.jobs.breaks.side_by_side import side_by_side
from ketenbalans.jobs.breaks.standing import StandingBreaks, StandingMemory
from schemas.answer_breaks import ShownBreak
from warehouse.breaks import BreakMoment

DELIVERED: dict[str, Any] = {
    "source": "police_deliveries",
    "event_id": "p1",
    "recorded_at": datetime(2014, 6, 1, 9, tzinfo=UTC),
    "mutation": "delivered",
    "dossier_number": "PL0900-2014000001",
    "suspect_number": 1,
    "unit": "PL0900",
    "delivered_on": date(2014, 6, 1),
    "person": "A",
}
REGISTERED: dict[str, Any] = {
    "source": "om_registrations",
    "event_id": "o1",
    "recorded_at": datetime(2014, 6, 9, 9, tzinfo=UTC),
    "mutation": "registered",
    "dossier_number": "PL0900-2014000009",
    "dossier_number_as_reported": "PL0900 2014000009",
    "case_number": "0900000114",
    "registered_on": date(2014, 5, 31),
    "person": "A",
}


def shown(*events: dict[str, Any]) -> ShownBreak:
    open_ended = dict.fromkeys(
        ("due_on", "resolved_on", "resolved_by", "owner", "note", "acknowledged_by", "accepted_by", "accepted_until")
    )
    return ShownBreak(
        **open_ended,
        break_id="2014-police-PL0900-2014000001-1",
        side="police",
        dossier_number="PL0900-2014000001",
        suspect_number=1,
        case_number="0900000114",
        unit="PL0900",
        link_rule=6,
        cause="suggested",
        state="open",
        opened_on=date(2014, 12, 31),
        age_days=0,
        as_of=date(2014, 12, 31),
        cause_means="",
        rule=None,
        resolved_when="",
        policy={},
        events=events,
        decisions=(),
        history=(),
    )


def test_what_both_say_and_do_not_say_alike_differs_and_nothing_else_does() -> None:
    fields = {one.name: one for one in side_by_side(shown(DELIVERED, REGISTERED))}
    assert [name for name, one in fields.items() if one.differs] == ["dossier_number"]
    assert (fields["person"].delivered, fields["person"].registered) == ("A", "A")
    assert fields["dossier_number_as_reported"].registered == "PL0900 2014000009"
    assert fields["day"].remark == "registered 1 day before"


def test_the_newest_event_of_each_record_is_what_it_says() -> None:
    corrected = DELIVERED | {"mutation": "corrected", "dossier_number": "PL0900-2014000009", "unit": "PL1300"}
    fields = {one.name: one for one in side_by_side(shown(DELIVERED, REGISTERED, corrected))}
    assert not any(one.differs for one in fields.values())
    assert (fields["unit"].delivered, fields["newest event"].delivered) == ("PL1300", "corrected")


def test_a_break_with_one_record_has_one_side() -> None:
    fields = side_by_side(shown(DELIVERED))
    assert all(one.registered is None and not one.differs for one in fields)
    assert {one.name for one in fields} == {"dossier_number", "suspect_number", "person", "day", "unit", "newest event"}


class OneBreakAMoment:
    """Stands in for what the warehouse has: a moment more each time, with ten breaks."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def standing(self, _connection: object, moment: BreakMoment, _before: object) -> StandingBreaks:
        self.read.append(moment.look)
        rows = pl.DataFrame({"break_id": [f"2014-om-{number}" for number in range(10)]})
        year: Any = type("Year", (), {"rows": rows})
        return StandingBreaks(moment=moment, years=[year], suggestions=rows.clear())


def test_a_moment_is_read_once_and_the_least_recently_asked_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext  # noqa: PLC0415

    engine: Any = type("Engine", (), {"url": "postgresql://here"})
    warehouse = OneBreakAMoment()
    monkeypatch.setattr(standing, "snapshot", nullcontext)
    monkeypatch.setattr(standing, "_read", warehouse.standing)
    now = [1]
    monkeypatch.setattr(
        standing,
        "break_moment",
        lambda _connection, up_to: BreakMoment(
            look=up_to[0] if up_to else now[0], observation=0, decision=0, made_by=(None, None)
        ),
    )
    memory = StandingMemory(rows_in_memory=25)
    for look in (1, 1, 2, 1, 3, 1):
        now[0] = look
        assert memory.read(engine).moment.look == look
    assert warehouse.read == [1, 2, 3], "the second was asked least recently when the third came"
    assert memory.read(engine, up_to=(2, 0, 0)).moment.look == 2
    assert warehouse.read == [1, 2, 3, 2]
    now[0] = 3
    assert memory.read(engine).moment.look == 3
    assert warehouse.read == [1, 2, 3, 2], "an earlier moment that somebody asks takes the last one from nobody"
    small = StandingMemory(rows_in_memory=1)
    assert small.read(engine) is small.read(engine), "the last moment is kept, however large it is"
