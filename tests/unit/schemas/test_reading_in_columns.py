"""Reading a batch in columns says of every message what reading it by itself says, whoever wrote it and however."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import sources
from schemas.declaration import Kind, Source
from schemas.wire.events import Message, decode, decode_one_by_one, encode, written_one_by_one
from schemas.wire.many_messages import TOO_FEW_TO_HALVE, read_at_once
from schemas.wire.refusals import LARGEST_MESSAGE, Reason
from schemas.wire.written import can_be_written_in_columns, written
from tests.contract.valid_events import frame_of, rows_of

pytestmark = pytest.mark.laws

POLICE = sources()["police_deliveries"]
ROW = {
    "mutation": "delivered",
    "dossier_number": "PL0900-2014000123",
    "suspect_number": 1,
    "person_token": "ab" * 32,
    "unit": "PL0900",
    "team": "TBKK",
    "delivered_on": date(2014, 12, 2),
    "qualifications": ["abuse", "production"],
    "transnational": False,
    "transferred_to": 'een "ander" \\ team, \u00e9\u2028 \U0001f600',
    "recorded_at": datetime(2014, 12, 3, 9, 0, 0, 250_000, tzinfo=UTC),
}
(GOOD,) = encode(POLICE, frame_of(POLICE, [ROW]))
SAID: dict[str, Any] = json.loads(GOOD.value or b"")

VALUES = [
    "", "x", "a\x00b", "\u0000", "1", "TBKK", "2014-12-02", "2014-02-30", "2014-1-02", "0000-01-01",
    "1989-12-31", "2199-12-31",
    "2200-01-01", "9999-12-31", "20141202", "2014-12-02T00:00:00Z", "2014-12-03T09:00:00Z",
    "2014-12-03T09:00:00.25+01:00",
    "2014-12-03t09:00:00z", "2014-12-03 09:00:00Z", "2014-12-03T09:00:60Z", "2014-12-03T23:59:60Z",
    "2014-12-03T24:00:00Z",
    "2014-12-03T09:00:00", "2014-12-03T09:00Z", "2014-12-03T09:00:00+0100", "2014-12-03T09:00:00+24:00",
    "2014-12-03T09:00:00-00:00",
    "2014-12-03T09:00:00.1234567890123Z", "\u0662\u0660\u0661\u0664-12-02", "1990-01-01T00:30:00+01:00",
    "2199-12-31T23:59:59.999999Z",
    None, True, False, 0, 1, -1, -0.0, 1.0, 1.5, 1e3, 2**31 - 1, 2**31, -(2**31), 2**63, 2**64, 10**30, [], [None], [1],
    ["abuse"], ["abuse", "x"], ["abuse", None], "abuse", {}, {"x": {"y": [1, {"z": None}]}}, float("inf"), "\ud800",
]  # fmt: skip
"""What a foreign producer may put where another thing belongs, or the same thing in another form."""

WRITTEN: list[Callable[[Any], str]] = [
    json.dumps,
    lambda said: json.dumps(said, sort_keys=True, separators=(",", ":")),
    lambda said: json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    lambda said: json.dumps(said, indent=2),
    lambda said: json.dumps(said) + " \r\n",
    lambda said: "\ufeff" + json.dumps(said),
    lambda said: json.dumps(said)[:-1] + ', "team": "ZEDEN"}',
    lambda said: json.dumps(said, sort_keys=True, separators=(",", ":"))[:-1] + ',"unit":"PL0600"}',
    lambda said: json.dumps(said) + json.dumps(said),
    lambda said: json.dumps(said)[1:-1],
    lambda said: json.dumps(said, separators=(",", ":")).replace('"suspect_number":1', '"suspect_number":-0'),
    lambda said: json.dumps(said, separators=(",", ":")).replace('"suspect_number":1', '"suspect_number":01'),
    lambda said: json.dumps(said, separators=(",", ":")).replace('"suspect_number":1', '"suspect_number":1e0'),
    lambda said: json.dumps(said, separators=(",", ":")).replace("TBKK", "\\u0054BKK"),
    lambda said: json.dumps(said, separators=(",", ":")).replace("TBKK", "TB\tKK"),
    lambda said: json.dumps([said]),
    lambda said: "[" * 2000 + "]" * 2000,
    lambda _said: '{"x":' * 2000 + "1" + "}" * 2000,
    lambda _said: "null",
    lambda _said: "",
    lambda _said: " ",
    lambda _said: "{}",
    lambda _said: "{",
]
BROKEN: list[bytes | None] = [
    None,
    b"\xff\xfe",
    b'{"team": "\xff"}',
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf{}",
    b"{" + b" " * LARGEST_MESSAGE + b"}",
]
HEADER_VALUES = [
    None, b"", b"1.0", b"x", b"\xff", b"x" * 255, b"x" * 256, "é".encode() * 200, b"a\x00b",
    b"application/json; charset=utf-8",
    b"APPLICATION/JSON", b"text/plain", b"nl.keten.police.delivery.v1", b"nl.keten.police.delivery.v2",
    b"nl.keten.x.v1",
]  # fmt: skip


@st.composite
def values(draw: st.DrawFn) -> bytes | None:
    said = dict(SAID)
    for name in draw(st.lists(st.sampled_from([*SAID, "a_field_of_another", "position", "event_id"]), max_size=2)):
        said[name] = draw(st.sampled_from(VALUES))
    for name in draw(st.lists(st.sampled_from(sorted(SAID)), max_size=1)):
        said.pop(name, None)
    said = dict(draw(st.permutations(sorted(said.items())))) if draw(st.booleans()) else said
    written = draw(st.sampled_from(WRITTEN))(said).encode("utf-8", "surrogatepass")
    value: bytes | None = draw(st.sampled_from([written, written, written, written, *BROKEN]))
    return value


@st.composite
def headers(draw: st.DrawFn) -> list[tuple[str, bytes | None]]:
    answer = list(GOOD.headers)
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from([*dict(answer), "traceparent", "CE_ID", "Content-Type"]))
        answer = [
            *(pair for pair in answer if pair[0] != name or draw(st.booleans())),
            (name, draw(st.sampled_from(HEADER_VALUES))),
        ]
    answer = draw(st.permutations(answer)) if draw(st.booleans()) else answer
    return [(name.upper(), value) for name, value in answer] if draw(st.booleans()) else answer


def messages() -> st.SearchStrategy[Message]:
    any_key = st.sampled_from([GOOD.key, GOOD.key, b"another", b"None", b"1", b"", None])
    foreign = st.builds(Message, any_key, values(), headers() | st.just(GOOD.headers))
    return st.just(GOOD) | foreign


def same(source: Source, batch: list[Message]) -> None:
    at_once, one_by_one = decode(source, batch), decode_one_by_one(source, batch)
    assert at_once.refusals == one_by_one.refusals
    assert at_once.events.equals(one_by_one.events, null_equal=True)
    assert at_once.events.schema == one_by_one.events.schema
    assert at_once.events.height + len(at_once.refusals) == len(batch)


@settings(max_examples=80)
@given(st.lists(messages(), max_size=6))
def test_any_batch_reads_as_its_messages_one_by_one(batch: list[Message]) -> None:
    same(POLICE, batch)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_any_value_in_any_field_reads_the_same(value: object) -> None:
    written = [json.dumps({**SAID, name: value}, sort_keys=True, separators=(",", ":")) for name in SAID]
    same(POLICE, [GOOD, *(replace(GOOD, value=text.encode("utf-8", "surrogatepass")) for text in written)])


@pytest.mark.parametrize("source", sources().values(), ids=lambda source: source.name)
@settings(max_examples=15)
@given(data=st.data())
def test_what_we_write_is_read_in_columns_whole(source: Source, data: st.DataObject) -> None:
    """Any valid event of any source, so that no message of our own is ever read by itself (control records apart)."""
    batch = list(encode(source, frame_of(source, data.draw(st.lists(rows_of(source), max_size=4)))))
    same(source, batch)
    if all(field.kind is not Kind.OFFSETS for field in source.fields):
        assert read_at_once(source, batch).height == len(batch)


@pytest.mark.parametrize("source", sources().values(), ids=lambda source: source.name)
@settings(max_examples=15)
@given(data=st.data())
def test_what_is_written_in_columns_is_written_as_row_by_row(source: Source, data: st.DataObject) -> None:
    """The same bytes and the same ids: another id would make every extract count twice."""
    events = frame_of(source, data.draw(st.lists(rows_of(source), max_size=4)))
    if can_be_written_in_columns(source):
        assert written(source, events) == written_one_by_one(source, events)


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(SAID),
        json.dumps(SAID | {"a_field_of_another": [1]}, indent=2),
        json.dumps({name: value for name, value in reversed(SAID.items()) if name != "person_token"}) + "\r\n",
        json.dumps(SAID | {"recorded_at": "2014-12-03T10:00:00+01:00"}),
    ],
    ids=["blanks", "indented, a field more", "another order, a field less", "another zone"],
)
def test_other_spellings_of_json_are_read_in_columns_too(written: str) -> None:
    other = replace(GOOD, value=written.encode(), headers=[(name.upper(), value) for name, value in GOOD.headers])
    assert read_at_once(POLICE, [GOOD, other, GOOD]).height == 3
    same(POLICE, [GOOD, other, GOOD])


def test_all_characters_are_written_alike() -> None:
    """In one go: every character that a text may hold."""
    texts = ["".join(map(chr, range(first, min(first + 4096, 0xD800)))) for first in range(0, 0xD800, 4096)]
    texts += ["".join(map(chr, range(first, first + 4096))) for first in range(0xE000, 0x10E000, 4096)]
    events = frame_of(POLICE, [{**ROW, "transferred_to": text} for text in texts])
    assert written(POLICE, events) == written_one_by_one(POLICE, events)


def test_one_bad_message_makes_few_others_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = [
        replace(GOOD, value=b"{"),
        replace(GOOD, value=b'{"team": 1}'),
        replace(GOOD, key=None),
        replace(GOOD, value=None),
    ]
    batch = [GOOD] * 2_000
    for place, message in enumerate(bad):
        batch[place * 500 + 7] = message
    at_once = read_at_once(POLICE, batch)
    assert at_once.height >= len(batch) - 2 * TOO_FEW_TO_HALVE
    decoded = decode(POLICE, batch)
    assert [(one.position, one.reason) for one in decoded.refusals] == [
        (7, Reason.NOT_JSON), (507, Reason.SCHEMA), (1007, Reason.KEY), (1507, Reason.TOMBSTONE),
    ]  # fmt: skip
    assert decoded.events.height == 1_996


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.ID_REUSED])
def test_every_reason_of_a_message_by_itself_is_reached(reason: Reason) -> None:
    answer = dict(GOOD.headers)
    examples = {
        Reason.UNREADABLE: replace(GOOD, headers=[*GOOD.headers, ("x-\udcff", b"1")]),
        Reason.TOMBSTONE: replace(GOOD, value=None),
        Reason.OVERSIZED: replace(GOOD, value=b" " * (LARGEST_MESSAGE + 1)),
        Reason.HEADER: replace(GOOD, headers=[]),
        Reason.UNKNOWN_TYPE: replace(GOOD, headers=list({**answer, "ce_type": b"x"}.items())),
        Reason.UNKNOWN_VERSION: replace(
            GOOD, headers=list({**answer, "ce_type": b"nl.keten.police.delivery.v9"}.items())
        ),
        Reason.NOT_UTF8: replace(GOOD, value=b"\xff"),
        Reason.NOT_JSON: replace(GOOD, value=b"x"),
        Reason.SCHEMA: replace(GOOD, value=b"[]"),
        Reason.IMPOSSIBLE_VALUE: replace(GOOD, value=json.dumps({**SAID, "delivered_on": "2014-12-05"}).encode()),
        Reason.KEY: replace(GOOD, key=b"another"),
    }
    (refusal,) = decode(POLICE, [GOOD, examples[reason], GOOD]).refusals
    assert refusal.reason is reason
    assert "PL0900-2014000123" not in str(refusal)


@pytest.mark.parametrize(
    ("delivered_on", "recorded_at", "holds"),
    [
        ("2014-12-04", "2014-12-03T22:59:59Z", True),
        ("2014-12-05", "2014-12-03T22:59:59Z", False),
        ("2014-12-05", "2014-12-03T23:00:00Z", True),
        ("2014-07-03", "2014-07-01T21:59:59Z", False),
        ("2014-07-03", "2014-07-01T22:00:00Z", True),
    ],
)
def test_a_row_shows_of_no_day_more_than_an_amsterdam_day_ahead(
    delivered_on: str, recorded_at: str, *, holds: bool
) -> None:
    value = json.dumps({**SAID, "delivered_on": delivered_on, "recorded_at": recorded_at}).encode()
    decoded = decode(POLICE, [replace(GOOD, value=value)])
    assert decoded.events.height == holds
    assert [one.column for one in decoded.refusals] == ([] if holds else ["delivered_on"])


def test_what_only_the_parser_forgives_is_observed() -> None:
    """Polars reads a number where a text belongs as that text; the batch reader must not."""
    forgiven = pl.read_ndjson(b'{"team":1}', schema={"team": pl.String}).item()
    assert forgiven == "1"
    (refusal,) = decode(POLICE, [replace(GOOD, value=json.dumps({**SAID, "team": 1}).encode())]).refusals
    assert (refusal.reason, refusal.column) == (Reason.SCHEMA, "team")
