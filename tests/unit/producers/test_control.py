"""The control record: until which day, under which key, with which totals and offsets."""

import random
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.broker.sending import Receipt
from producers.catalogue import all_producers, producer_of
from producers.control import control_record, covers_until_of, is_declared_synthetic
from producers.errors import ChainKeyMissing, ChainKeyWeak, CoverageUnknown, NoProducer
from producers.pseudonyms import ChainKey, weakness_of
from schemas.catalogue import sources
from schemas.gate import breaches
from schemas.sources.extracts import SOURCE as EXTRACTS
from schemas.wire.events import decode, encode
from tests.unit.producers.extracts import KEY, TOTALS

NEWEST = datetime(2015, 1, 30, 23, 30, tzinfo=UTC)


def events(*recorded_at: datetime) -> pl.DataFrame:
    return pl.DataFrame({"recorded_at": recorded_at}, schema={"recorded_at": pl.Datetime("us", "UTC")})


def record_of(offsets: dict[int, int]) -> pl.DataFrame:
    return control_record("police_deliveries", TOTALS, Receipt("id", offsets), check=KEY.check, recorded_at=NEWEST)


@pytest.mark.parametrize(
    ("name", "said", "day"),
    [
        ("police-2015-06-30.csv", date(2015, 1, 1), date(2015, 1, 1)),
        ("police-2015-06-30.csv", None, date(2015, 6, 30)),
        ("2015-06-30.csv", None, date(2015, 6, 30)),
        ("police.2015-06-30", None, date(2015, 6, 30)),
        ("police.csv", None, date(2015, 1, 31)),  # half past midnight in Amsterdam
        ("police-2015-02-30.csv", None, date(2015, 1, 31)),
        ("police-12015-06-30.csv", None, date(2015, 1, 31)),
        ("police-2015-06-30-b.csv", None, date(2015, 1, 31)),
    ],
)
def test_the_day_that_an_extract_covers(name: str, said: date | None, day: date) -> None:
    assert covers_until_of(Path(name), NEWEST, said) == day


@pytest.mark.parametrize(
    ("name", "said"), [("police.csv", None), ("p-0001-01-01.csv", None), ("p.csv", date(9000, 1, 1))]
)
def test_no_day_or_an_impossible_one(name: str, said: date | None) -> None:
    with pytest.raises(CoverageUnknown, match="--covers-until"):
        covers_until_of(Path(name), None, said)


def test_the_control_record_holds_to_its_declaration() -> None:
    record = record_of({3: 12, 0: 7})
    assert breaches(EXTRACTS, record).is_empty()
    decoded = decode(EXTRACTS, list(encode(EXTRACTS, record)))
    assert decoded.refusals == []
    assert decoded.events["offsets"].to_list() == ['{"0":7,"3":12}']


def test_an_extract_without_a_row_has_no_offsets() -> None:
    record = record_of({})
    assert breaches(EXTRACTS, record).is_empty()
    assert record["offsets"].item() == "{}"


@pytest.mark.parametrize(
    ("numbers", "answer"), [([None, None], None), ([None, "SYN-1"], True), (["1"], False), (["1", "SYN-2"], True)]
)
def test_whether_an_extract_is_made_up(numbers: list[str | None], answer: object) -> None:
    cells = pl.DataFrame({"skn": numbers}, schema={"skn": pl.String})
    assert is_declared_synthetic(sources()["police_deliveries"], cells) is answer


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_without_a_chain_key_nothing_starts(text: str) -> None:
    with pytest.raises(ChainKeyMissing, match="KETENBALANS_CHAIN_KEY"):
        ChainKey.of(text)


@pytest.mark.parametrize(
    ("text", "weakness"),
    [
        ("a", "has 1 characters"),
        ("4f1d" * 7 + "4f1", "has 31 characters"),
        ("a" * 64, "repeated"),
        ("geheim" * 8, "repeated"),
        ("0123456789" * 4, "repeated"),
        ("0123456789abcde" * 3, "repeated"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabcdefg", "different characters"),
        (" " * 40 + "kort", "has 4 characters"),
    ],
)
def test_a_key_that_could_be_found_by_trying_is_refused_with_the_command_that_makes_one(
    text: str, weakness: str
) -> None:
    with pytest.raises(ChainKeyWeak, match=weakness) as refused:
        ChainKey.of(text)
    assert "secrets.token_hex(32)" in str(refused.value)
    assert text.strip() not in str(refused.value) or len(text) < 2


@given(st.one_of(st.binary(min_size=16, max_size=64).map(bytes.hex), st.text(min_size=32, max_size=80)))
def test_a_key_is_taken_when_it_is_long_and_does_not_repeat_itself(text: str) -> None:
    key = text.strip()
    repeats = any((key[:part] * len(key)).startswith(key) for part in range(1, 16))
    if len(key) >= 32 and not repeats and len(set(key)) >= 8:
        assert ChainKey.of(text).secret == text.encode()
    else:
        with pytest.raises((ChainKeyMissing, ChainKeyWeak)):
            ChainKey.of(text)


@given(st.integers())
def test_what_the_command_makes_is_taken(seed: int) -> None:
    assert weakness_of(random.Random(seed).randbytes(32).hex()) is None


def test_the_check_shows_keys_apart_and_shows_none() -> None:
    one, other = "4d1c3f5a" + "0" * 16 + "b2e69f78", "4d1c3f5a" + "1" * 16 + "b2e69f78"
    assert ChainKey.of(one).check == ChainKey.of(one).check != ChainKey.of(other).check
    assert len(KEY.check) == 16
    assert "tests" not in repr(KEY)


def test_every_source_that_hands_over_extracts_has_a_producer() -> None:
    assert set(all_producers()) == {source.name for source in sources().values() if source.command is not None}
    for name, producer in all_producers().items():
        assert producer.mappings(KEY).keys() == {field.name for field in sources()[name].fields}
        assert {mapping.column for mapping in producer.mappings(KEY).values()} == set(producer.columns)
    with pytest.raises(NoProducer, match="extracts"):
        producer_of(EXTRACTS)
