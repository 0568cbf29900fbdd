"""Any text in any cell: the row becomes an event that decodes to itself, or it is rejected; nothing raises."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.catalogue import all_producers
from producers.check import NO_INVISIBLE_SIGN
from schemas.catalogue import source_named
from schemas.declaration import Source
from schemas.wire.events import decode, encode
from tests.unit.producers.extracts import GOOD, HOTLINE, SKN, csv_text, json_text, outcome_of, outcome_of_row

pytestmark = pytest.mark.laws

MOMENTS = st.builds(
    "{}-{}-{}T{}:{}{}".format,
    st.sampled_from(["0000", "0001", "1989", "1990", "2014", "2199", "2200", "2262", "9999"]),
    st.sampled_from(["01", "12", "13"]),
    st.sampled_from(["01", "31", "32"]),
    st.sampled_from(["00:00", "23:59", "24:00"]),
    st.sampled_from(["00", "59", "60", "59.999999", "59.9999999"]),
    st.sampled_from(["Z", "+00:00", "+01:00", "-01:00", "+23:59", "-23:59", "+24:00", ""]),
)
DAYS = st.builds(
    "{}{}".format, st.sampled_from(["01-01-", "31-12-", "00-00-"]), st.sampled_from(["0000", "9999", "2199"])
)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
IMPOSSIBLE = "lies between 1990-01-01 and 2199-12-31"
IMPOSSIBLE_MOMENTS = [
    f"{day}T{time}{offset}"
    for day, time in (("9999-12-31", "23:59:59"), ("9999-12-31", "23:59:59.999999"), ("0000-01-01", "00:00:00"),
                      ("0000-12-31", "23:59:59"), ("0001-01-01", "00:00:00"), ("9999-12-31", "00:00"))
    for offset in ("Z", "+01:00", "-01:00", "+23:59", "-23:59")
]  # fmt: skip


@pytest.mark.parametrize("source", ["police", "om"])
@given(data=st.data())
@settings(max_examples=20)
def test_a_csv_row_becomes_an_event_that_decodes_to_itself_or_is_rejected(source: str, data: st.DataObject) -> None:
    good = GOOD[source]
    cells = st.dictionaries(st.sampled_from(sorted(good)), MOMENTS | DAYS | ANYTHING, min_size=1, max_size=3)
    changed = data.draw(st.lists(cells, min_size=1, max_size=8))
    assert_law(source, csv_text([{**good, **one} for one in changed], tuple(good)), rows=len(changed))


@given(
    st.lists(
        st.dictionaries(st.sampled_from(sorted(HOTLINE)), MOMENTS | ANYTHING | st.none(), min_size=1, max_size=3),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=20)
def test_a_json_row_becomes_an_event_that_decodes_to_itself_or_is_rejected(changed: list[dict[str, Any]]) -> None:
    assert_law("hotline", json_text(*({**HOTLINE, **one} for one in changed)), rows=len(changed))


def assert_law(source_name: str, text: str, *, rows: int) -> None:
    source = source_named(source_name)
    with TemporaryDirectory() as folder:
        found = outcome_of(source_name, Path(folder, "x"), text)
    assert found.extract.rows == found.events.height + len(found.rejected)
    assert found.extract.rows == rows
    assert found.extract.published == found.events.height
    decoded = decode(source, list(encode(source, found.events)))
    assert decoded.refusals == []
    assert decoded.events.drop("event_source", "event_id").equals(found.events)


@pytest.mark.parametrize("moment", IMPOSSIBLE_MOMENTS)
def test_an_impossible_moment_rejects_its_row_alone(moment: str, tmp_path: Path) -> None:
    rows = [GOOD["police"], {**GOOD["police"], "tijdstip_mutatie": moment}]
    found = outcome_of("police", tmp_path / "x.csv", csv_text(rows))
    assert found.events.height == 1
    assert (3, "tijdstip_mutatie", IMPOSSIBLE) in split(found.rejected)
    hotline = outcome_of("hotline", tmp_path / "x.jsonl", json_text(HOTLINE, {**HOTLINE, "recorded_at": moment}))
    assert hotline.events.height == 1
    assert (2, "recorded_at", IMPOSSIBLE) in split(hotline.rejected)


def split(rejected: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    return [
        (line, column, rule)
        for line, columns, rules in rejected
        for column, rule in zip(columns.split("|"), rules.split("|"), strict=True)
    ]


def test_an_impossible_moment_says_nothing_of_what_an_extract_covers(tmp_path: Path) -> None:
    rows = [GOOD["police"], {**GOOD["police"], "tijdstip_mutatie": "9999-12-31T23:59:59-01:00"}]
    newest = outcome_of("police", tmp_path / "x.csv", csv_text(rows)).extract.newest_recorded_at
    assert newest is not None
    assert newest.isoformat() == "2014-03-05T11:00:00+00:00"


HIDDEN = {
    "zero-width space": "\u200b", "zero-width joiner": "\u200d", "word joiner": "\u2060", "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff", "right to left": "\u202e", "isolate": "\u2066", "Arabic letter mark": "\u061c",
    "tag": "\U000e0041", "variation selector": "\ufe0f", "grapheme joiner": "\u034f", "Hangul filler": "\u3164",
    "line separator": "\u2028", "control": "\x01", "delete": "\x7f", "C1": "\x9b", "annotation": "\ufff9",
}  # fmt: skip


@pytest.mark.parametrize("sign", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize(
    ("source", "column", "text"),
    [
        ("police", "skn", SKN),
        ("police", "registratienummer", "PL0900-2014000123"),
        ("om", "skn", SKN),
        ("om", "parketnummer", "16/123456-14"),
        ("om", "registratienummer_politie", "pl0900 2014000123"),
        ("om", "gevoegd_bij", "05/000001-13"),
    ],
)
def test_a_key_with_a_sign_that_nobody_sees_is_rejected_by_a_rule_that_says_so(
    source: str, column: str, text: str, sign: str, tmp_path: Path
) -> None:
    hidden = f"{text[:4]}{sign}{text[4:]}"
    rejected = outcome_of_row(source, tmp_path / "x.csv", **{column: hidden}).rejected
    assert rejected == [(2, column, NO_INVISIBLE_SIGN)]


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\ufeff", "\u202e"])
def test_the_hotlines_own_number_holds_none_either(sign: str, tmp_path: Path) -> None:
    rejected = outcome_of("hotline", tmp_path / "x", json_text({**HOTLINE, "report_id": f"M-{sign}1"})).rejected
    assert rejected == [(1, "report_id", NO_INVISIBLE_SIGN)]


def test_free_text_may_hold_any_sign(tmp_path: Path) -> None:
    found = outcome_of_row("police", tmp_path / "x.csv", overgedragen_aan="Team \u2066Noord\u2069")
    assert (found.rejected, found.events["transferred_to"].to_list()) == ([], ["Team \u2066Noord\u2069"])


@pytest.mark.parametrize("name", sorted(all_producers()))
def test_every_text_that_identifies_is_named_as_such_by_its_declaration(name: str) -> None:
    source: Source = all_producers()[name].source
    texts = {field.name for field in source.fields if field.text_pattern is not None}
    keys = {source.partition_key, *source.record_key} & texts
    personal = {field.name for field in source.fields if field.is_personal}
    assert keys | personal <= set(source.identifiers) <= texts


@pytest.mark.parametrize("letter", ["ß", "ŉ", "ﬀ", "ﬃ", "ı", "ſ", "ǰ"])  # noqa: RUF001 (capitals of these are or hold A to Z)
def test_a_letter_that_grows_into_capitals_makes_no_other_number(letter: str, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    assert outcome_of_row("police", file, registratienummer=f"PL09{letter}-2014000123").events.height == 0
    beside = outcome_of_row("police", file, registratienummer=f"pl0900{letter}2014000123")
    assert beside.events["dossier_number"].to_list() == ["PL0900-2014000123"]
    assert outcome_of_row("om", file, skn=f"SYN-{letter}").ids != outcome_of_row("om", file, skn="SYN-SS").ids
