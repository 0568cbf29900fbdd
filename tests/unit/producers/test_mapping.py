"""Every rule by which a cell becomes a field, with its example."""

import hmac
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.mapping import DateForm, FieldMapping, by_kind, moment
from schemas.declaration import Field, Kind
from tests.unit.producers.extracts import KEY, SKN, outcome_of_row

pytestmark = pytest.mark.laws


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "extract.csv"


@pytest.mark.parametrize(
    ("source", "column", "cell", "field", "value"),
    [
        ("police", "mutatie", "gecorrigeerd", "mutation", "corrected"),
        ("police", "registratienummer", "PL0900-2014000123", "dossier_number", "PL0900-2014000123"),
        ("police", "registratienummer", "pl09 00.2014000123-12", "dossier_number", "PL0900-2014000123"),
        ("police", "volgnummer_verdachte", "007", "suspect_number", 7),
        ("police", "volgnummer_verdachte", "0000000000000000000000000002147483647", "suspect_number", 2**31 - 1),
        ("police", "skn", "", "person_token", None),
        ("police", "team", " ZEDEN\t", "team", "ZEDEN"),
        ("police", "datum_aanlevering", "29-02-2012", "delivered_on", date(2012, 2, 29)),
        ("police", "kwalificaties", "productie|misbruik", "qualifications", ["production", "abuse"]),
        ("police", "kwalificaties", " ", "qualifications", None),
        ("police", "kst", "J", "transnational", True),
        ("police", "overgedragen_aan", "Team «Noord» ", "transferred_to", "Team «Noord»"),
        ("om", "parketnummer", "16-123456-14", "case_number", "1612345614"),
        ("om", "parketnummer", "1612345614", "case_number", "1612345614"),
        ("om", "registratienummer_politie", "pl0900/2014000123", "dossier_number", "PL0900-2014000123"),
        ("om", "registratienummer_politie", "pl0900/2014000123", "dossier_number_as_reported", "pl0900/2014000123"),
        ("om", "registratienummer_politie", "onbekend", "dossier_number", None),
        ("om", "registratienummer_politie", "onbekend", "dossier_number_as_reported", "onbekend"),
        ("om", "registratienummer_politie", "", "dossier_number_as_reported", None),
        ("om", "volgnummer_verdachte", "02", "suspect_number", 2),
        ("om", "afdoening", "voorwaardelijk_sepot", "disposal", "conditional_dismissal"),
        ("om", "gevoegd_bij", "05/000001-13", "joined_into", "0500000113"),
    ],
)
def test_a_cell_becomes_a_field(  # noqa: PLR0917 (a row of the table)
    file: Path, source: str, column: str, cell: str, field: str, value: Any
) -> None:
    found = outcome_of_row(source, file, **{column: cell})
    assert found.rejected == []
    assert found.events[field].to_list() == [value]


APPEAL = "is not the number of an appeal (20 to 24): the case would be counted twice"
DATE = "is a date, dd-mm-yyyy"
MOMENT = "is a moment with its offset, such as 2015-01-31T17:45:00+01:00 or 2015-01-31T16:45:00Z"
NUL = "holds no NUL character"
NUMBER = "is a registration number such as PL0900-2014000123"
WHOLE = "is a whole number from 1 to 2147483647"
CASE = "is a case number: PP/NNNNNN-YY, PP-NNNNNN-YY or ten digits"
LIST = "is a list of which each, between |, is one of bezit, verspreiding, productie, misbruik"
WORD = "is one of aangeleverd, overgedragen, gecorrigeerd, ingetrokken"


@pytest.mark.parametrize(
    ("source", "column", "cell", "rule"),
    [
        ("police", "mutatie", "", "is filled"),
        ("police", "mutatie", "Aangeleverd", WORD),
        ("police", "mutatie", "delivered", WORD),
        ("police", "registratienummer", "", "is filled"),
        ("police", "registratienummer", "PL0900-201400012", NUMBER),
        ("police", "registratienummer", "PL0900-2014000123-1234", NUMBER),
        ("police", "volgnummer_verdachte", "", "is filled"),
        ("police", "volgnummer_verdachte", "0", "is a whole number of 1 or more"),
        ("police", "volgnummer_verdachte", "-1", WHOLE),
        ("police", "volgnummer_verdachte", "+1", WHOLE),
        ("police", "volgnummer_verdachte", "1.0", WHOLE),
        ("police", "volgnummer_verdachte", "٣", WHOLE),
        ("police", "volgnummer_verdachte", "2147483648", WHOLE),
        ("police", "volgnummer_verdachte", "9" * 60, WHOLE),
        ("police", "skn", "a\x00b", NUL),
        ("police", "eenheid", "PL09", "matches ^PL[0-9]{2}[0-9A-Z]{2}$"),
        ("police", "eenheid", "pl0900", "matches ^PL[0-9]{2}[0-9A-Z]{2}$"),
        ("police", "team", "tbkk", "is one of TBKK, ZEDEN"),
        ("police", "datum_aanlevering", "", "is filled"),
        ("police", "datum_aanlevering", "30-02-2014", DATE),
        ("police", "datum_aanlevering", "1-2-2014", DATE),
        ("police", "datum_aanlevering", "2014-02-01", DATE),
        ("police", "datum_aanlevering", "01-02-14", DATE),
        ("police", "datum_aanlevering", "01-02-0014", "lies between 1990-01-01 and 2199-12-31"),
        ("police", "kwalificaties", "bezit|", LIST),
        ("police", "kwalificaties", "|", LIST),
        ("police", "kwalificaties", "bezit|Productie", LIST),
        ("police", "kwalificaties", "bezit | productie", LIST),
        ("police", "kst", "j", "is J or N"),
        ("police", "kst", "", "is filled"),
        ("police", "overgedragen_aan", "a\x00b", NUL),
        ("police", "overgedragen_aan", "x" * 32_769, "has at most 32768 characters"),
        ("police", "tijdstip_mutatie", "", "is filled"),
        ("police", "tijdstip_mutatie", "2014-03-05T12:00:00", MOMENT),
        ("om", "parketnummer", "16123456-14", CASE),
        ("om", "parketnummer", "20/123456-14", APPEAL),
        ("om", "parketnummer", "2412345614", APPEAL),
        ("om", "gevoegd_bij", "21/123456-14", APPEAL),
        ("om", "gevoegd_bij", "ergens", CASE),
        ("om", "classificatie", "kp", "is one of KP, KST, ZEDEN, OVERIG"),
    ],
)
def test_a_cell_that_breaks_a_rule(file: Path, source: str, column: str, cell: str, rule: str) -> None:
    found = outcome_of_row(source, file, **{column: cell})
    assert found.events.height == 0
    answer = dict(zip(found.rejected[0][1].split("|"), _rules(found.rejected[0][2]), strict=True))
    assert found.rejected[0][0] == 2
    assert answer[column] == rule
    assert len(answer) == 1


def _rules(text: str) -> list[str]:
    return [rule.replace("between ,", "between |,") for rule in text.replace("between |,", "between ,").split("|")]


@pytest.mark.parametrize(
    ("source", "cells", "column", "rule"),
    [
        ("police", {"mutatie": "overgedragen"}, "overgedragen_aan", "is filled when mutatie is overgedragen"),
        ("om", {"mutatie": "samengevoegd"}, "gevoegd_bij", "is filled when mutatie is samengevoegd"),
        ("om", {"mutatie": "samengevoegd", "gevoegd_bij": "22/123456-14"}, "gevoegd_bij", APPEAL),
    ],
)
def test_a_field_that_a_mutation_needs(file: Path, source: str, cells: dict[str, str], column: str, rule: str) -> None:
    assert outcome_of_row(source, file, **cells).rejected == [(2, column, rule)]


def test_all_breaches_of_a_row_are_reported_in_the_order_of_the_columns(file: Path) -> None:
    found = outcome_of_row("police", file, kst="x", mutatie="", eenheid="?", tijdstip_mutatie="gisteren")
    assert found.rejected[0][1] == "mutatie|eenheid|kst|tijdstip_mutatie"


def test_the_token_is_an_hmac_of_the_number_under_the_key(file: Path) -> None:
    token = hmac.new(KEY.secret, SKN.encode(), "sha256").hexdigest()
    assert outcome_of_row("police", file, skn=f" {SKN} ").events["person_token"].to_list() == [token]
    assert outcome_of_row("om", file).events["person_token"].to_list() == [token]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014-03-05T12:00Z", datetime(2014, 3, 5, 12, tzinfo=UTC)),
        ("2014-03-05T12:00+01:00", datetime(2014, 3, 5, 11, tzinfo=UTC)),
        ("2014-03-05T00:30:15+0130", datetime(2014, 3, 4, 23, 0, 15, tzinfo=UTC)),
        ("2014-12-31T23:59:59.5-02:00", datetime(2015, 1, 1, 1, 59, 59, 500_000, tzinfo=UTC)),
        ("2014-03-05T12:00:00.000001Z", datetime(2014, 3, 5, 12, 0, 0, 1, tzinfo=UTC)),
        ("2014-03-05T12:00:00", None),
        ("2014-03-05 12:00:00Z", None),
        ("2014-03-05", None),
        ("2014-03-05T12Z", None),
        ("2014-02-29T12:00:00Z", None),
        ("2014-03-05T24:00:00Z", None),
        ("2014-03-05T12:00:60Z", None),
        ("2014-03-05T12:00:00.Z", None),
        ("2014-03-05T12:00:00.1234567Z", datetime(2014, 3, 5, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("2014-03-05T12:00:00,5Z", datetime(2014, 3, 5, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2014-03-05T12:00:00+01", datetime(2014, 3, 5, 11, tzinfo=UTC)),
        ("2014-03-05T12:00:00z", None),
        ("2014-03-05T12:00:00+1", None),
        ("2014-03-05T12:00:00+25:00", None),
        ("2014-03-05T12:00:00Z\n", None),
        ("٢014-03-05T12:00:00Z", None),
        (None, None),
    ],
)
def test_moments(text: str | None, expected: datetime | None) -> None:
    assert pl.DataFrame({"t": [text]}, schema={"t": pl.String}).select(moment(pl.col("t"))).item() == expected


OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    st.lists(
        st.datetimes(datetime(1990, 1, 2), datetime(2199, 1, 1), timezones=OFFSETS),  # noqa: DTZ001 (they get one)
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=25)
def test_every_moment_that_python_writes_is_read(moments: list[datetime]) -> None:
    cells = pl.DataFrame({"t": [there.isoformat() for there in moments]})
    assert cells.select(moment(pl.col("t"))).to_series().to_list() == moments


@given(st.lists(st.dates(date(1990, 1, 1), date(2199, 12, 31)), min_size=1, max_size=20))
@settings(max_examples=25)
def test_every_day_is_read_in_both_forms(days: list[date]) -> None:
    declared = Field(name="day", column="dag", kind=Kind.DATE, meaning="a day")
    for form in DateForm:
        mapping = by_kind(declared, dates=form, key=KEY)
        cells = pl.DataFrame({"dag": [day.strftime(form.value[1]) for day in days]})
        assert cells.select(mapping.value).to_series().to_list() == days


@pytest.mark.parametrize(
    "declared",
    [Field(name="derived", meaning="from elsewhere"), Field(name="o", column="o", kind=Kind.OFFSETS, meaning="none")],
)
def test_a_field_that_no_column_can_hold(declared: Field) -> None:
    with pytest.raises(ValueError, match=declared.name):
        by_kind(declared, dates=DateForm.ISO, key=KEY)


def test_a_mapping_without_a_rule_never_rejects() -> None:
    assert FieldMapping(column="c", value=pl.lit(None), rule=None).refused == ()


@pytest.mark.parametrize(
    ("source", "column", "cell"),
    [
        ("police", "datum_aanlevering", "07-03-2014"),
        ("om", "datum_inschrijving", "01-01-2190"),
    ],
)
def test_a_row_that_shows_of_a_later_day_is_rejected_in_the_extracts_words(
    source: str, column: str, cell: str, file: Path
) -> None:
    rejected = outcome_of_row(source, file, **{column: cell}).rejected
    assert rejected == [(2, column, "lies at most a day after tijdstip_mutatie")]
