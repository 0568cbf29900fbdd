"""What control records say: each decision with its nearest neighbour, and the laws that all of them keep."""

import dataclasses
import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from jobs.extract_checks import covering_less, other_chain_keys, wrong_totals
from jobs.incidents import ChainKeyDiffers, CoversLess, IngestIncident, TotalsDiffer
from jobs.incidents_kept import Decided
from warehouse.extracts import ControlRecord

POLICE, OM, HOTLINE = "police_deliveries", "om_registrations", "hotline_reports"
USUAL, OTHER = "a" * 16, "b" * 16
APRIL, MAY, JUNE = date(2015, 4, 30), date(2015, 5, 31), date(2015, 6, 30)
NUMBERS = itertools.count(1)


def record(source: str, covers_until: date, **said: Any) -> ControlRecord:
    """A control record, each published a minute after the one that was made before it."""
    number = next(NUMBERS)
    values = {
        "source": source,
        "event_id": f"event-{number}",
        "extract_id": f"{number:064x}",
        "covers_until": covers_until,
        "rows": 10,
        "published": 9,
        "rejected": 1,
        "chain_key_check": USUAL,
        "recorded_at": datetime(2015, 7, 1, tzinfo=UTC) + timedelta(minutes=number),
        "is_loaded": True,
        **said,
    }
    return ControlRecord(**values)


def resumed(source: str, kind: type[IngestIncident], *parts: str) -> dict[str, Decided]:
    return {source: Decided(accepted={kind.__name__: frozenset(parts)})}


def in_order() -> list[ControlRecord]:
    """Two months of three sources, all published before what the tests add."""
    months = ((APRIL, datetime(2015, 5, 1, tzinfo=UTC)), (MAY, datetime(2015, 6, 1, tzinfo=UTC)))
    return [record(source, month, recorded_at=at) for month, at in months for source in (POLICE, OM, HOTLINE)]


def found(records: list[ControlRecord], read: int = 1000, decided: dict[str, Decided] | None = None) -> list[tuple]:
    """What every decision finds, as source, kind and evidence."""
    known, accounted = decided or {}, dict.fromkeys((POLICE, OM, HOTLINE), read)
    all_found = [
        *other_chain_keys(records, known),
        *wrong_totals(records, accounted, known),
        *covering_less(records, known),
    ]
    return [(one.source, type(one.incident), one.incident.mark) for one in all_found]


BROKEN = {
    ChainKeyDiffers: {"chain_key_check": OTHER, "covers_until": JUNE},
    TotalsDiffer: {"rows": 11, "covers_until": JUNE},
    CoversLess: {"covers_until": APRIL},
}


def broken(kind: type[IngestIncident], source: str = POLICE, **said: Any) -> ControlRecord:
    return record(source, **{**BROKEN[kind], **said})


def test_what_is_in_order_is_no_incident() -> None:
    assert found(in_order()) == []
    assert found([]) == []


@pytest.mark.parametrize("is_loaded", [True, False])
@pytest.mark.parametrize("source", [POLICE, OM])
@pytest.mark.parametrize("kind", BROKEN)
def test_each_kind_is_found_at_its_source_alone_loaded_or_not(
    kind: type[IngestIncident],
    source: str,
    is_loaded: bool,  # noqa: FBT001
) -> None:
    wrong = broken(kind, source, is_loaded=is_loaded)
    assert found([*in_order(), wrong]) == [(source, kind, wrong.event_id)]


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_found_does_not_depend_on_the_order_in_which_it_is_read(kind: type[IngestIncident]) -> None:
    records = [*in_order(), broken(kind)]
    assert found(records[::-1]) == found(records) != []


@pytest.mark.parametrize("kind", BROKEN)
def test_what_was_resumed_is_found_no_more_and_what_is_new_is(kind: type[IngestIncident]) -> None:
    first, second = broken(kind), broken(kind)
    decided = resumed(POLICE, kind, first.event_id)
    assert found([*in_order(), first], decided=decided) == []
    assert found([*in_order(), first, second], decided=decided) == [(POLICE, kind, second.event_id)]
    assert found([*in_order(), first], decided=resumed(OM, kind, first.event_id)) != []


@pytest.mark.parametrize("kind", BROKEN)
def test_a_right_extract_that_comes_later_mends_it(kind: type[IngestIncident]) -> None:
    wrong = broken(kind)
    mended = {ChainKeyDiffers: wrong.extract_id, TotalsDiffer: wrong.extract_id, CoversLess: "f" * 64}[kind]
    right = record(POLICE, JUNE, extract_id=mended)
    assert found([*in_order(), wrong, right]) == []
    came_before = dataclasses.replace(right, recorded_at=wrong.recorded_at - timedelta(days=1))
    assert (POLICE, kind, wrong.event_id) in found([*in_order(), came_before, wrong])


def test_the_next_month_under_the_right_key_does_not_mend_the_one_before() -> None:
    wrong = broken(ChainKeyDiffers)
    assert found([*in_order(), wrong, record(POLICE, date(2015, 7, 31))]) == [(POLICE, ChainKeyDiffers, wrong.event_id)]
    assert found([*in_order(), wrong, record(POLICE, JUNE)]) == [], "another file for the same day does"


def test_no_chain_key_is_asked_of_a_source_that_is_not_linked() -> None:
    assert found([*in_order(), broken(ChainKeyDiffers, HOTLINE)]) == []


@pytest.mark.parametrize(("first", "odd"), [(POLICE, OM), (OM, POLICE)])
def test_of_two_keys_that_are_as_common_the_one_that_came_first_is_the_usual_one(first: str, odd: str) -> None:
    records = [record(first, MAY), record(odd, MAY, chain_key_check=OTHER)]
    assert [(source, kind) for source, kind, _ in found(records)] == [(odd, ChainKeyDiffers)]


def test_what_is_not_loaded_yet_does_not_say_which_key_is_usual() -> None:
    many = [record(OM, MAY, chain_key_check=OTHER, is_loaded=False) for _ in range(5)]
    assert {source for source, _, _ in found([record(POLICE, MAY), *many])} == {OM}


@pytest.mark.parametrize(("read", "short"), [(18, 0), (17, 1), (99, 0)])
def test_every_event_that_was_published_was_read(read: int, short: int) -> None:
    """More may be read than was published: a producer that was killed had sent rows, and no control record."""
    expected = [(source, TotalsDiffer, f"short of {short}") for source in (HOTLINE, OM, POLICE)] if short else []
    assert sorted(found(in_order(), read)) == expected
    not_loaded = [*in_order(), record(POLICE, JUNE, is_loaded=False)]
    assert sorted(found(not_loaded, read)) == expected, "what is not loaded is not awaited"


def test_a_shortage_that_was_resumed_is_told_again_when_it_grows() -> None:
    decided = {name: resumed(name, TotalsDiffer, "short of 1")[name] for name in (POLICE, OM, HOTLINE)}
    assert found(in_order(), 17, decided) == []
    assert {mark for _, _, mark in found(in_order(), 16, decided)} == {"short of 2"}


def test_the_same_extract_again_covers_no_less() -> None:
    records = in_order()
    again = record(POLICE, APRIL, extract_id=records[0].extract_id)
    assert found([*records, again]) == []


def test_an_extract_covers_less_only_than_one_that_is_loaded() -> None:
    waits = record(POLICE, JUNE, is_loaded=False)
    assert found([waits, record(POLICE, MAY)]) == []
    assert found([dataclasses.replace(waits, is_loaded=True), record(POLICE, MAY)]) != []


def test_no_message_shows_more_than_numbers_days_and_sources() -> None:
    records = [*in_order(), *(broken(kind) for kind in BROKEN)]
    for one in (*other_chain_keys(records, {}), *wrong_totals(records, {}, {}), *covering_less(records, {})):
        assert not any(record.extract_id in str(one.incident) for record in records)
        assert USUAL not in str(one.incident)
