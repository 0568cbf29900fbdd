"""What the warehouse decides without a database: the end of a day, what covers what, what a message may say."""

from datetime import UTC, date, datetime

import pytest

from schemas.catalogue import sources
from schemas.wire.events import Message
from warehouse.errors import WarehouseUnreachable, described, first_line
from warehouse.loading import Loaded, headers_as_json
from warehouse.offsets import have_reached
from warehouse.state import end_of_day
from warehouse.tables.events import EVENT_KEY, event_table


@pytest.mark.parametrize(
    ("day", "end_in_utc"),
    [
        (date(2014, 12, 31), datetime(2014, 12, 31, 23, tzinfo=UTC)),
        (date(2014, 6, 30), datetime(2014, 6, 30, 22, tzinfo=UTC)),
        (date(2014, 3, 29), datetime(2014, 3, 29, 23, tzinfo=UTC)),
        (date(2014, 3, 30), datetime(2014, 3, 30, 22, tzinfo=UTC)),
        (date(2014, 10, 25), datetime(2014, 10, 25, 22, tzinfo=UTC)),
        (date(2014, 10, 26), datetime(2014, 10, 26, 23, tzinfo=UTC)),
        (date(9999, 12, 31), datetime(2199, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_in_amsterdam(day: date, end_in_utc: datetime) -> None:
    assert end_of_day(day) == end_in_utc


def test_offsets_cover_others_when_every_partition_is_at_least_as_far() -> None:
    at = {"P": {"0": 3, "1": 5}, "Q": {"0": 1}}
    assert have_reached(at, at)
    assert have_reached(at, {})
    assert have_reached(at, {"P": {"1": 5}})
    assert have_reached({}, {"P": {"0": 0}})
    assert not have_reached(at, {"P": {"0": 4}})
    assert not have_reached(at, {"P": {"2": 1}})
    assert not have_reached(at, {"R": {"0": 1}})


def test_every_event_table_has_its_key() -> None:
    for source in sources().values():
        table = event_table(source)
        assert table.name == source.name
        assert [column.name for column in table.primary_key.columns] == list(EVENT_KEY)
        assert {column.name for column in table.columns if column.nullable} == {
            field.stored_as for field in source.fields if not field.required
        }


def test_what_was_loaded_adds_up() -> None:
    one, other = Loaded(read=3, inserted=2, duplicates=1), Loaded(read=2, inserted=1, dead_letters=1)
    assert (one + other).numbers == {"read": 5, "inserted": 3, "duplicates": 1, "dead_letters": 1}


def test_headers_are_kept_in_order_and_without_loss() -> None:
    headers = [("a", b"\xff\x00"), ("a", None), ("", b"")]
    assert headers_as_json(Message(None, None, headers)) == [["a", "/wA="], ["a", None], ["", ""]]


def test_an_error_names_the_place_and_only_the_first_line() -> None:
    answer = str(WarehouseUnreachable(described("h", 5432, "d"), first_line(ValueError("gone\nDETAIL: a value"))))
    assert "at h:5432/d cannot be reached (gone)" in answer
    assert "value" not in answer
    assert described(None, None, None) == "the local socket/"
