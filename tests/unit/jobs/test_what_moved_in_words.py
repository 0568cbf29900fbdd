"""What moved a figure, in one sentence: three records by name, and always how many there are."""

from datetime import UTC, datetime

import pytest

from ketenbalans.jobs.reporting.what_moved import NAMED_AT_MOST, Moved, MovedRecord

SINCE = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def some(count: int, movement: str = "changed") -> tuple[MovedRecord, ...]:
    return tuple(
        MovedRecord(
            source="police_deliveries",
            record=f"PL0900-2014{number:06}/1",
            movement=movement,
            break_id=f"2014-police-PL0900-2014{number:06}-1",
            cause="missing",
        )
        for number in range(1, min(count, NAMED_AT_MOST) + 1)
    )


@pytest.mark.parametrize("count", [1, 2, 3, 4, NAMED_AT_MOST, 45])
@pytest.mark.parametrize("since", [SINCE, None])
def test_three_are_named_and_the_others_counted(count: int, since: datetime | None) -> None:
    records = some(count, "changed" if since else "break")
    said = Moved(since=since, records=records, in_all=count).in_words()
    assert tuple(one for one in records if str(one.break_id) in said) == records[:3]
    assert all((one.record in said) == (since is not None) for one in records[:3])
    assert said.endswith(f"; {count - 3} more") == (count > 3)


def test_each_is_named_with_its_break_or_without_one() -> None:
    came = MovedRecord(source="police_deliveries", record="PL0900-2014000009/2", movement="came")
    assert Moved(since=SINCE, records=(*some(1), came), in_all=2).in_words() == (
        "since 2026-03-04 05:06 UTC, when it came out as published: PL0900-2014000001/1 changed, break "
        "2014-police-PL0900-2014000001-1 (missing); PL0900-2014000009/2 came, no break"
    )


def test_nothing_loaded_is_not_nothing_known() -> None:
    assert "no record moved it, so the code or the policy did" in Moved(since=SINCE, records=(), in_all=0).in_words()
    assert Moved(since=None, records=(), in_all=0).in_words() == ""


def test_as_json_it_says_since_when_and_how_many() -> None:
    assert Moved(since=SINCE, records=some(1), in_all=45).to_json() == {
        "since": "2026-03-04T05:06:07+00:00",
        "records_in_all": 45,
        "records": [
            {
                "source": "police_deliveries",
                "record": "PL0900-2014000001/1",
                "movement": "changed",
                "break_id": "2014-police-PL0900-2014000001-1",
                "cause": "missing",
            }
        ],
    }
    assert Moved(since=None, records=(), in_all=0).to_json() == {"since": None, "records": [], "records_in_all": 0}
