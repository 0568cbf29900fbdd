"""A dead letter on its topic: the message as it came, why in Connect's words, and a place that can be read back."""

from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.broker.dead_letter_records import PLACE, ROOM_BYTES, place_in, record_of
from schemas.dead_letters import LetterForm
from schemas.sources.police_deliveries import SOURCE
from schemas.wire.connect_headers import FORM, HEADER_NAMES, LAST_OFFSET, NULL_HEADERS, VALUE_BYTES
from schemas.wire.events import Message
from schemas.wire.refusals import Reason
from warehouse.dead_letters import Place, StoredLetter

LAWS = settings(derandomize=True, database=None, deadline=None, max_examples=60)
LARGEST = 1_000_000

NAMES = st.sampled_from(["own", *PLACE, "__connect.errors.topic", NULL_HEADERS, VALUE_BYTES])
MESSAGES = st.builds(
    Message,
    st.none() | st.binary(max_size=9),
    st.none() | st.binary(max_size=9),
    st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=9)), max_size=4),
)
PLACES = st.builds(Place, st.text("abcXYZ-_019", min_size=1), st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1))


def letter(**fields: Any) -> StoredLetter:
    plain = StoredLetter(
        dead_letter_id=7,
        topic="police.deliveries",
        place=Place("T", 3, 41),
        message=Message(b"k", b"v", [("own", b"1")]),
        form=LetterForm.MESSAGE,
        last_offset=None,
        reason="schema",
        column="team",
        rule="is one of TBKK, ZEDEN",
    )
    return replace(plain, **fields)


@LAWS
@given(MESSAGES, PLACES)
def test_what_came_goes_on_unchanged_and_its_place_is_read_back(message: Message, place: Place) -> None:
    record = record_of(SOURCE, letter(message=message, place=place), largest_bytes=LARGEST)
    assert (record.key, record.value) == (message.key, message.value)
    own = record.headers[: len(message.headers)]
    assert [(name, value or None) for name, value in own] == [(name, value or None) for name, value in message.headers]
    ours = dict(record.headers[len(message.headers) :])
    empty = [number for number, (_, value) in enumerate(message.headers) if value is None]
    assert [int(number) for number in ours.get(NULL_HEADERS, b"").split(b",") if number] == empty
    assert place_in(record.headers) == place


@LAWS
@given(st.lists(st.binary(max_size=5), max_size=4))
def test_the_name_of_a_header_is_text_there_and_its_bytes_stand_beside_it(names: list[bytes]) -> None:
    headers = [(name.decode(errors="surrogateescape"), b"1") for name in names]
    record = record_of(SOURCE, letter(message=Message(b"k", b"v", headers)), largest_bytes=LARGEST)
    sent = [name.encode() for name, _ in record.headers]
    answer = dict(record.headers[len(names) :]).get(HEADER_NAMES, b"").decode()
    others = dict(one.split("=", 1) for one in answer.split(",") if one)
    back = [b64decode(others[str(at)]) if str(at) in others else name for at, name in enumerate(sent[: len(names)])]
    assert back == names


def test_what_could_not_be_read_says_what_it_is() -> None:
    batch = letter(message=Message(None, b"bytes", []), form=LetterForm.BATCH, last_offset=60, reason="unreadable")
    answer = dict(record_of(SOURCE, batch, largest_bytes=LARGEST).headers)
    assert (answer[FORM], answer[LAST_OFFSET]) == (b"batch", b"60")
    assert answer["__connect.errors.class.name"] == b"ketenbalans.broker.batch_reading"
    assert (
        not {FORM, LAST_OFFSET, HEADER_NAMES} & dict(record_of(SOURCE, letter(), largest_bytes=LARGEST).headers).keys()
    )


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_reported_in_connects_words_with_column_and_rule(reason: Reason) -> None:
    record = record_of(SOURCE, letter(reason=reason.value), largest_bytes=LARGEST)
    said = {name.removeprefix("__connect.errors."): value.decode() for name, value in record.headers[1:-1]}
    assert said == {
        "topic": "police.deliveries",
        "partition": "3",
        "offset": "41",
        "connector.name": "ingest_police_deliveries",
        "task.id": "0",
        "stage": said["stage"],
        "class.name": "schemas.wire.events.decode",
        "exception.class.name": f"schemas.wire.refusals.Reason.{reason.name}",
        "exception.message": f"{reason.value}: team is one of TBKK, ZEDEN",
    }
    assert said["stage"] in ("KEY_CONVERTER", "HEADER_CONVERTER", "VALUE_CONVERTER")


def test_a_rule_about_no_field_is_reported_alone() -> None:
    bare = letter(reason="not_json", column=None, rule="the value is JSON")
    headers = dict(record_of(SOURCE, bare, largest_bytes=LARGEST).headers)
    assert headers["__connect.errors.exception.message"] == b"not_json: the value is JSON"


@pytest.mark.parametrize(("spare", "goes"), [(0, True), (-1, False)])
def test_a_value_goes_as_long_as_the_topic_takes_it(spare: int, goes: bool) -> None:  # noqa: FBT001
    whole = record_of(SOURCE, letter(), largest_bytes=LARGEST)
    just = whole.size_bytes + ROOM_BYTES + 10 * len(whole.headers)
    record = record_of(SOURCE, letter(), largest_bytes=just + spare)
    assert record.value == (b"v" if goes else None)
    assert dict(record.headers).get(VALUE_BYTES) == (None if goes else b"1")
    assert place_in(record.headers) == Place("T", 3, 41)


@pytest.mark.parametrize("value", [None, b"", b"-1", b"one"])
def test_what_somebody_else_put_there_is_of_no_letter(value: bytes | None) -> None:
    headers = [(name, b"1") for name in PLACE]
    assert place_in(headers) == Place("1", 1, 1)
    assert place_in([]) is None
    assert place_in([*headers, (PLACE[2], value)]) is None
