"""What control records say: each decision with its nearest neighbour, and the laws that all of them keep."""

import dataclasses
import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ketenbalans.incidents.checks import ChainKeyDiffers, CoversLess, IngestIncident, TotalsDiffer
from ketenbalans.incidents.extract_checks import covering_less, other_chain_keys, wrong_totals
from ketenbalans.incidents.kept import Decided
from warehouse.extracts import ControlRecord

POLICE, OM, HOTLINE = "police_deliveries", "om_registrations", "hotline_reports"
TOPIC_ID = "topic-1"
USUAL, OTHER = "a" * 16, "b" * 16
APRIL, MAY, JUNE = date(2015, 4, 30), date(2015, 5, 31), date(2015, 6, 30)
NUMBERS = itertools.count(1)


def record(source: str, covers_until: date, **said: Any) -> ControlRecord:
    """A control record, each behind the one that was made before it on their topic."""
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
        "recorded_at": datetime(2015, 7, 1, tzinfo=UTC) - timedelta(minutes=number),  # whatever a clock says
        "arrival": number,
        "topic_id": TOPIC_ID,
        "offsets": {},
        "is_read": True,
        "is_let_be": False,
        **said,
    }
    return ControlRecord(**{"arrived": values["published"], **values})


def waits(record: ControlRecord) -> ControlRecord:
    """The same before its rows were read."""
    return dataclasses.replace(record, arrived=0, is_read=False)


def resumed(source: str, kind: type[IngestIncident], *parts: str) -> dict[str, Decided]:
    return {source: Decided(accepted={str(kind.incident_kind): frozenset(parts)})}


def in_order() -> list[ControlRecord]:
    """Two months of three sources, all published before what the tests add."""
    asked = itertools.product((APRIL, MAY), (POLICE, OM, HOTLINE))
    return [record(source, month, arrival=place - 6) for place, (month, source) in enumerate(asked)]


def found(records: list[ControlRecord], decided: dict[str, Decided] | None = None) -> list[tuple[Any, ...]]:
    """What every decision finds, as source, kind and evidence."""
    known = decided or {}
    all_found = [
        *other_chain_keys(records, known),
        *wrong_totals(records, known),
        *covering_less(records, known),
    ]
    return [(one.source, type(one.incident), one.incident.mark) for one in all_found]


BROKEN: dict[type[IngestIncident], dict[str, Any]] = {
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
    wrong = broken(kind, source)
    wrong = wrong if is_loaded else waits(wrong)
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
    records = in_order()
    came_before = record(POLICE, JUNE)
    wrong = broken(kind)
    mended = {ChainKeyDiffers: wrong.extract_id, TotalsDiffer: wrong.extract_id, CoversLess: "f" * 64}[kind]
    right = record(POLICE, JUNE, extract_id=mended)
    assert found([*records, wrong, right]) == []
    came_before = dataclasses.replace(came_before, extract_id=mended)
    assert (POLICE, kind, wrong.event_id) in found([*records, came_before, wrong])


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
    many = [waits(record(OM, MAY, chain_key_check=OTHER)) for _ in range(5)]
    assert {source for source, _, _ in found([record(POLICE, MAY), *many])} == {OM}


@pytest.mark.parametrize("source", [POLICE, HOTLINE])
def test_every_row_that_was_published_has_arrived_once_all_is_read(source: str) -> None:
    short = record(source, JUNE, arrived=7)
    expected = [(source, TotalsDiffer, f"{short.extract_id}-{USUAL} lacks 2")]
    assert found([*in_order(), short]) == expected
    assert found([*in_order(), dataclasses.replace(short, is_read=False)]) == [], "what is not read is awaited"


def test_no_surplus_of_one_extract_hides_what_another_one_lacks() -> None:
    """A producer that was killed had sent rows and no control record; a foreign message belongs to no extract."""
    surplus = record(POLICE, JUNE, arrived=900)
    short = record(POLICE, JUNE, arrived=8)
    assert found([*in_order(), surplus, short]) == [(POLICE, TotalsDiffer, f"{short.extract_id}-{USUAL} lacks 1")]


def test_an_extract_that_lacks_rows_is_awaited_again_when_it_is_published_again() -> None:
    records = in_order()
    short = record(POLICE, JUNE, arrived=8)
    again = record(POLICE, JUNE, extract_id=short.extract_id, arrived=8)
    assert found([*records, short, dataclasses.replace(again, is_read=False)]) == []
    assert found([*records, short, again]) == [(POLICE, TotalsDiffer, f"{short.extract_id}-{USUAL} lacks 1")]
    whole = [dataclasses.replace(one, arrived=9) for one in (short, again)]
    assert found([*records, *whole]) == []


def test_the_same_file_under_another_key_is_other_rows() -> None:
    """Its events have other tokens, so they are other events."""
    records = in_order()
    other = record(HOTLINE, JUNE, chain_key_check=OTHER, arrived=0)
    again = record(HOTLINE, JUNE, extract_id=other.extract_id)
    assert found([*records, other, again]) == [(HOTLINE, TotalsDiffer, f"{other.extract_id}-{OTHER} lacks 9")]


def test_two_keys_are_linked_only_once_the_right_extract_is_loaded() -> None:
    """Its source goes on as soon as the control record is there, so that its rows can be loaded."""
    records = [*in_order(), broken(ChainKeyDiffers)]
    right = waits(record(POLICE, JUNE))
    assert found([*records, right]) == []
    assert other_chain_keys([*records, right], {}, mended_by=records) != []
    assert other_chain_keys([*records, right], {}, mended_by=[*records, right]) == []


def test_rows_that_a_person_let_be_are_reported_again_when_more_lack() -> None:
    short = record(POLICE, JUNE, arrived=8, is_let_be=True)
    assert short.is_loaded
    assert found([*in_order(), short]) == []
    more = dataclasses.replace(short, arrived=7, is_let_be=False)
    assert not more.is_loaded
    assert found([*in_order(), more]) == [(POLICE, TotalsDiffer, f"{short.extract_id}-{USUAL} lacks 2")]


def test_the_same_extract_again_covers_no_less() -> None:
    records = in_order()
    again = record(POLICE, APRIL, extract_id=records[0].extract_id)
    assert found([*records, again]) == []


def test_an_extract_covers_less_only_than_one_that_is_loaded() -> None:
    first, second = record(POLICE, JUNE), record(POLICE, MAY)
    assert found([waits(first), second]) == []
    assert found([first, second]) != []


def test_no_message_shows_more_than_numbers_days_and_sources() -> None:
    records = [*in_order(), *(broken(kind) for kind in BROKEN)]
    for one in (*other_chain_keys(records, {}), *wrong_totals(records, {}), *covering_less(records, {})):
        assert not any(record.extract_id in str(one.incident) for record in records)
        assert USUAL not in str(one.incident)
