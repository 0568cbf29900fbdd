"""Versions of one type live on one topic: each is read for good, and an event keeps its identity over all of them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import sources
from schemas.contracts.asyncapi import asyncapi
from schemas.contracts.compatibility import IncompatibleContract, check_compatible
from schemas.contracts.json_schema import contract_of
from schemas.declaration import Source
from schemas.wire.events import Message, decode, encode
from schemas.wire.versions import WrongUpcast, decode_versions, encode_versions
from tests.contract.valid_events import events_of, frame_of, rows_of
from tests.contract.versions import FERRIES, FIRST, SECOND

pytestmark = pytest.mark.laws

REPOSITORY = Path(__file__).parents[2]
V1, V2, V3 = FERRIES.versions
STANDARD = json.loads((Path(__file__).parent / "asyncapi" / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8"))


def ids(messages: list[Message]) -> list[str]:
    return [(dict(message.headers)["ce_id"] or b"").decode() for message in messages]


def newest(place: int, events: pl.DataFrame) -> pl.DataFrame:
    for version in FERRIES.earlier[place:]:
        events = version.upcast(events)
    return events.select([field.name for field in FERRIES.fields])


def test_the_versions_of_a_source_are_sources() -> None:
    assert [one.event_type[-2:] for one in FERRIES.versions] == ["v1", "v2", "v3"]
    assert [len(one.earlier) for one in FERRIES.versions] == [0, 1, 2]
    assert {(one.name, one.topic, one.ce_source) for one in FERRIES.versions} == {
        ("ferry_deliveries", "ferry.deliveries", "/ketenbalans/ferry_deliveries")
    }
    assert V3 is FERRIES


@given(data=st.data())
@settings(max_examples=25)
def test_a_topic_of_all_versions_is_read_as_one(data: st.DataObject) -> None:
    """Interleaved in any order, with what is wrong in between: every message is a row or a refusal, in its place."""
    sent: list[tuple[Message, dict[str, Any] | None]] = []
    for _ in range(data.draw(st.integers(0, 8))):
        place = data.draw(st.integers(0, 3))
        if place == 3:
            other = data.draw(st.sampled_from([b"nl.keten.ferry.delivery.v4", b"another", b""]))
            (message,) = encode(V3, frame_of(V3, [data.draw(rows_of(V3))]))
            headers = [(name, other if name == "ce_type" else value) for name, value in message.headers]
            sent.append((replace(message, headers=headers), None))
            continue
        version = FERRIES.versions[place]
        events = frame_of(version, [data.draw(rows_of(version))])
        (message,) = encode(version, events)
        is_spoilt = data.draw(st.booleans())
        sent.append(
            (replace(message, key=b"?"), None) if is_spoilt else (message, newest(place, events).row(0, named=True))
        )
    read = decode_versions(FERRIES, [message for message, _ in sent])
    assert [refusal.position for refusal in read.refusals] == [
        place for place, (_, row) in enumerate(sent) if row is None
    ]
    assert read.events.drop("event_source", "event_id").to_dicts() == [row for _, row in sent if row is not None]
    assert read.events["event_id"].to_list() == ids([message for message, row in sent if row is not None])
    assert read.events.schema == decode(FERRIES, []).events.schema


@pytest.mark.parametrize("place", [0, 1, 2])
@given(data=st.data())
@settings(max_examples=15)
def test_what_was_sent_by_an_earlier_version_keeps_its_id(place: int, data: st.DataObject) -> None:
    """Publishing an old extract with newer code changes nothing."""
    version = FERRIES.versions[place]
    events = data.draw(events_of(version))
    before = list(encode_versions(version, events))
    after = list(encode_versions(FERRIES, newest(place, events)))
    assert ids(after) == ids(before)
    assert [message.key for message in after] == [message.key for message in before]
    assert {dict(message.headers)["ce_type"] for message in after} <= {FERRIES.event_type.encode()}
    assert decode_versions(FERRIES, after).events.equals(decode_versions(FERRIES, before).events)


@given(row=rows_of(FERRIES))
@settings(max_examples=40)
def test_what_no_earlier_version_could_say_has_an_id_of_its_own(row: dict[str, Any]) -> None:
    events = frame_of(FERRIES, [row])
    (event_id,) = ids(list(encode_versions(FERRIES, events)))
    by_second = SECOND.downcast(events)
    by_first = FIRST.downcast(by_second)
    said = {
        place: ids(list(encode(one, made)))[0]
        for place, one, made in ((0, V1, by_first), (1, V2, by_second), (2, V3, events))
    }
    oldest = 2 if row["armed"] is not None else 0 if row["crossings"] is None or len(row["crossings"]) == 1 else 1
    assert event_id == said[oldest]


@given(events=events_of(V1))
@settings(max_examples=10)
def test_a_source_of_one_version_is_read_and_written_as_ever(events: pl.DataFrame) -> None:
    sent = list(encode_versions(V1, events))
    assert sent == list(encode(V1, events))
    assert decode_versions(V1, sent).events.equals(decode(V1, sent).events)


def contracts_of(source: Source) -> dict[str, Any]:
    return {one.event_type: contract_of(one) for one in source.versions}


def test_each_version_has_its_contract_and_stays() -> None:
    check_compatible(contracts_of(V2), contracts_of(FERRIES))
    forgetful = replace(FERRIES, earlier=(SECOND,))
    with pytest.raises(IncompatibleContract, match=r"delivery\.v1`, `x-event-type`: is no longer declared"):
        check_compatible(contracts_of(FERRIES), contracts_of(forgetful))


def test_the_document_has_them_on_one_channel() -> None:
    document = asyncapi([FERRIES], contracts_of(FERRIES))
    assert [error.message for error in jsonschema_rs.validator_for(STANDARD).iter_errors(document)] == []
    types = [one.event_type for one in FERRIES.versions]
    assert list(document["channels"]["ferry_deliveries"]["messages"]) == types
    assert document["operations"]["publish_ferry_deliveries"]["messages"] == [
        {"$ref": f"#/channels/ferry_deliveries/messages/{FERRIES.event_type}"}
    ]
    assert "messages" not in document["operations"]["ingest_ferry_deliveries"]


@pytest.mark.parametrize(
    ("upcast", "matched"),
    [
        (
            lambda events: SECOND.upcast(events).with_columns(suspect_number=pl.lit(0, pl.Int32)),
            "suspect_number is a whole",
        ),
        (lambda events: SECOND.upcast(events).head(0), "it loses or adds rows"),
    ],
)
def test_an_upcast_that_is_wrong_is_said(upcast: Any, matched: str) -> None:
    wrong = replace(FERRIES, earlier=(FIRST, replace(SECOND, upcast=upcast)))
    row = {"mutation": "delivered", "file_number": "DN14-000123", "suspect_number": 1}
    message = Message(
        b"DN14-000123",
        json.dumps(row | {"recorded_at": "2014-03-05T12:00:00Z"}).encode(),
        [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/x"), ("ce_type", SECOND.event_type.encode())],
    )
    with pytest.raises(WrongUpcast, match=rf"upcast of .*\.v2 to .*\.v3 is wrong: .*{matched}"):
        decode_versions(wrong, [message])


@pytest.mark.parametrize("changed", [{"event_type": "nl.keten.other.v1"}, {"fields": FIRST.fields[2:]}])
def test_a_version_of_another_record_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is no version of nl\.keten\.ferry\.delivery with its keys"):
        replace(FERRIES, earlier=(replace(FIRST, **changed),))


def test_the_first_source_with_versions_is_read_and_written_as_such() -> None:
    have_versions = [source.name for source in sources().values() if source.earlier]
    code = "".join(
        (REPOSITORY / file).read_text("utf-8")
        for file in ("ketenbalans/jobs/loading/ingest.py", "ketenbalans/broker/sending.py")
    )
    uses_them = "decode_versions" in code and "encode_versions" in code
    assert uses_them or not have_versions, (
        "import both of schemas.wire.versions in place of decode and encode (ADR 0020)"
    )
