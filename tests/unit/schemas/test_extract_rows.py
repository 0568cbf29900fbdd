"""A message says which row of which extract it is: what a producer writes is read back, and nothing else counts."""

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.wire.extract_rows import EXTRACT_ID, EXTRACT_ROW, ExtractRows, extract_rows, rows_key
from schemas.wire.messages import Headers, Message

ONE, OTHER = rows_key("a" * 64, "0" * 16), rows_key("b" * 64, "f" * 16)
ENVELOPE = [("ce_specversion", b"1.0"), ("ce_id", b"x")]


def messages(rows: ExtractRows) -> list[Message]:
    return [Message(b"key", b"value", [*ENVELOPE, *headers]) for headers in rows.headers()]


@given(st.dictionaries(st.sampled_from([ONE, OTHER]), st.lists(st.integers(1, 2**31 - 1), min_size=1)))
def test_what_is_written_is_read_back_in_any_order(rows: dict[str, list[int]]) -> None:
    sent = [
        one for extract_id, numbers in rows.items() for one in messages(ExtractRows(extract_id, pl.Series(numbers)))
    ]
    random.Random(1).shuffle(sent)
    found = extract_rows([Message(b"key", b"value", ENVELOPE), *sent])
    assert {extract_id: sorted(numbers) for extract_id, numbers in found.items()} == {
        extract_id: sorted(numbers) for extract_id, numbers in rows.items()
    }


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(EXTRACT_ID, ONE.encode())],
        [(EXTRACT_ROW, b"1")],
        [(EXTRACT_ID, ONE.encode()), (EXTRACT_ROW, None)],
        [(EXTRACT_ID, None), (EXTRACT_ROW, b"1")],
        [(EXTRACT_ID, b"a" * 64), (EXTRACT_ROW, b"1")],
        *([(EXTRACT_ID, ONE.encode()), (EXTRACT_ROW, row)] for row in (b"", b"0", b"-1", b"1.0", b" 1", b"9" * 10)),
        [(EXTRACT_ID, ONE.encode()), (EXTRACT_ROW, "\u0661".encode())],
    ],
)
def test_a_message_without_both_is_of_no_extract(headers: Headers) -> None:
    assert not any(extract_rows([Message(b"key", b"value", [*ENVELOPE, *headers])]).values())


def test_headers_of_others_may_stand_between_them() -> None:
    headers = [(EXTRACT_ROW, b"7"), *ENVELOPE, (EXTRACT_ID, ONE.encode()), ("traceparent", b"00-1")]
    assert extract_rows([Message(b"key", b"value", headers)]) == {ONE: [7]}
