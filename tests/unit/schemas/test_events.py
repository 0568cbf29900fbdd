"""Events on the wire: every message becomes a row or a refusal, and a bad one costs itself only."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import sources
from schemas.frame_types import frame_types
from schemas.wire.events import Message, decode, decode_one_by_one, encode

pytestmark = pytest.mark.laws

POLICE = sources()["police_deliveries"]
TOKEN = "ab" * 32
ROW = {
    "mutation": "delivered",
    "dossier_number": "PL0900-2014000123",
    "suspect_number": 1,
    "person_token": TOKEN,
    "unit": "PL0900",
    "team": "TBKK",
    "delivered_on": date(2014, 12, 2),
    "qualifications": ["abuse", "production"],
    "transnational": False,
    "transferred_to": None,
    "recorded_at": datetime(2014, 12, 3, 9, 0, 0, 250_000, tzinfo=UTC),
}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=frame_types(POLICE))


GOOD = next(encode(POLICE, frame(ROW)))


def with_value(**changes: object) -> Message:
    row = orjson.loads(GOOD.value or b"") | changes
    key = str(row.get("dossier_number")).encode()
    return replace(
        GOOD, value=orjson.dumps({name: value for name, value in row.items() if value != "LEFT OUT"}), key=key
    )


def with_header(name: str, value: bytes | None) -> Message:
    headers = [(key, old) for key, old in GOOD.headers if key != name]
    return replace(GOOD, headers=headers if value is None else [*headers, (name, value)])


BAD = {
    "tombstone": (replace(GOOD, value=None), "tombstone", None),
    "not JSON": (replace(GOOD, value=b"{"), "not_json", None),
    "not UTF-8": (replace(GOOD, value=b'{"team": "\xff"}'), "not_utf8", None),
    "no object": (replace(GOOD, value=b"[]"), "schema", None),
    "no version of CloudEvents": (with_header("ce_specversion", None), "header", "ce_specversion"),
    "no id": (with_header("ce_id", None), "header", "ce_id"),
    "a long id": (with_header("ce_id", b"x" * 256), "header", "ce_id"),
    "an id that is no text": (with_header("ce_id", b"\xff"), "header", "ce_id"),
    "no source": (with_header("ce_source", b""), "header", "ce_source"),
    "another content type": (with_header("content-type", b"text/plain"), "header", "content-type"),
    "another type": (with_header("ce_type", b"nl.keten.om.registration.v1"), "unknown_type", "ce_type"),
    "no type": (with_header("ce_type", None), "unknown_type", "ce_type"),
    "a later version": (with_header("ce_type", b"nl.keten.police.delivery.v2"), "unknown_version", "ce_type"),
    "another key": (replace(GOOD, key=b"PL0900-2014000124"), "key", "dossier_number"),
    "no key": (replace(GOOD, key=None), "key", "dossier_number"),
    "a field left out": (with_value(team="LEFT OUT"), "schema", "team"),
    "a number as text": (with_value(suspect_number="1"), "schema", "suspect_number"),
    "a broken number": (with_value(suspect_number=1.5), "schema", "suspect_number"),
    "a large number": (with_value(suspect_number=2**31), "schema", "suspect_number"),
    "zero": (with_value(suspect_number=0), "schema", "suspect_number"),
    "no date": (with_value(delivered_on="2014-02-30"), "schema", "delivered_on"),
    "a date of another century": (with_value(delivered_on="1814-02-03"), "impossible_value", "delivered_on"),
    "no offset": (with_value(recorded_at="2014-12-03T09:00:00"), "schema", "recorded_at"),
    "an unknown word": (with_value(team="XYZ"), "schema", "team"),
    "an unknown word in a list": (with_value(qualifications=["abuse", "x"]), "schema", "qualifications"),
    "nothing in a list": (with_value(qualifications=[None]), "schema", "qualifications"),
    "another pattern": (with_value(dossier_number="PL0900-201400012"), "schema", "dossier_number"),
    "a token in capitals": (with_value(person_token="AB" * 32), "schema", "person_token"),
    "a text with a NUL": (with_value(transferred_to="a\x00b"), "schema", "transferred_to"),
    "transferred to nobody": (with_value(mutation="transferred"), "schema", "transferred_to"),
}


@pytest.mark.parametrize("name", BAD)
def test_every_way_to_be_wrong_is_reported_by_column_and_rule_and_costs_itself_only(name: str) -> None:
    message, reason, column = BAD[name]
    decoded = decode(POLICE, [GOOD, message, GOOD])
    assert decoded.events.height == 2
    (refusal,) = decoded.refusals
    assert (refusal.position, refusal.reason, refusal.column) == (1, reason, column)
    assert refusal.rule
    assert TOKEN not in str(refusal).lower()


@pytest.mark.parametrize("offset", ["Z", "+01:00", "-01:00", "+23:59", "-23:59"])
@pytest.mark.parametrize("moment", ["0000-01-01T00:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"])
def test_an_event_of_a_moment_that_cannot_be_is_a_refusal_and_costs_itself_only(moment: str, offset: str) -> None:
    messages = [GOOD, with_value(recorded_at=moment + offset), GOOD]
    for decoded in (decode(POLICE, messages), decode_one_by_one(POLICE, messages)):
        (refusal,) = decoded.refusals
        assert (refusal.position, refusal.reason) == (1, "impossible_value")
        assert refusal.column in ("recorded_at", "delivered_on")  # of year 0 the day lies after it too
        assert decoded.events.height == 2


def test_what_is_written_is_read_back() -> None:
    decoded = decode(POLICE, [GOOD])
    assert decoded.refusals == []
    assert decoded.events.drop("event_source", "event_id").equals(frame(ROW))


@pytest.mark.parametrize(
    "changes",
    [
        {"person_token": "LEFT OUT", "qualifications": "LEFT OUT", "transferred_to": "LEFT OUT"},
        {"qualifications": None},
        {"qualifications": []},
        {"suspect_number": 1.0},
        {"recorded_at": "2014-12-03T10:00:00.25+01:00"},
        {"a_field_of_a_later_version": {"x": 1}},
    ],
    ids=str,
)
def test_what_other_producers_may_write_is_read_too(changes: dict[str, Any]) -> None:
    decoded = decode(POLICE, [with_value(**changes)])
    assert decoded.refusals == []
    assert decoded.events["recorded_at"].to_list() == [ROW["recorded_at"]]


@given(st.lists(st.sampled_from(["good", *BAD]), max_size=30))
@settings(max_examples=40)
def test_every_message_is_a_row_or_a_refusal_never_both_never_neither(names: list[str]) -> None:
    messages = [GOOD if name == "good" else BAD[name][0] for name in names]
    decoded = decode(POLICE, messages)
    assert decoded.events.height == names.count("good")
    assert [refusal.position for refusal in decoded.refusals] == [n for n, name in enumerate(names) if name != "good"]


@given(st.permutations(range(4)))
def test_an_id_depends_on_the_row_alone(order: list[int]) -> None:
    rows = [ROW | {"suspect_number": number + 1} for number in range(4)]
    ids = [dict(message.headers)["ce_id"] for message in encode(POLICE, frame(*rows))]
    again = [dict(message.headers)["ce_id"] for message in encode(POLICE, frame(*(rows[n] for n in order)))]
    assert again == [ids[n] for n in order]
    assert len(set(ids)) == 4


@pytest.mark.parametrize("field", sorted(ROW))
def test_any_other_content_is_another_id(field: str) -> None:
    other = {
        "mutation": "corrected",
        "dossier_number": "PL0900-2014000124",
        "suspect_number": 2,
        "person_token": None,
        "unit": "PL0600",
        "team": "ZEDEN",
        "delivered_on": date(2014, 12, 1),
        "qualifications": None,
        "transnational": True,
        "transferred_to": "PL0600",
        "recorded_at": datetime(2014, 12, 3, 9, tzinfo=UTC),
    }
    one, two = encode(POLICE, frame(ROW, ROW | {field: other[field]}))
    assert dict(one.headers)["ce_id"] != dict(two.headers)["ce_id"]
