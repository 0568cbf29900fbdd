"""The suites that are derived from the declarations, without Great Expectations."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.quality.suite import expectations, references
from ketenbalans.scenarios.hotline import owner_on
from schemas.catalogue import sources
from schemas.declaration import PLAIN_TEXT, SHORT_TEXT, Field, Source
from schemas.policy import InvalidPolicy
from schemas.quality import QualityPolicy
from schemas.sources.hotline_reports import OWNERS
from schemas.sources.police_deliveries import SOURCE as POLICE
from schemas.vocabulary import Theme
from warehouse.unexpected import pattern_in_postgresql

ALL = list(sources().values())


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
def test_every_rule_of_a_declaration_is_expected_of_the_table(source: Source) -> None:
    expected = expectations(source)
    filled = {one.column for one in expected if one.rule == "is filled"}
    assert filled == {"event_source", "event_id", "ingested_at"} | {
        field.name for field in source.fields if field.required
    }
    about = {one.column for one in expected if one.rule != "is filled"}
    for field in source.fields:
        assert field.name in about or field.kind.name in ("BOOLEAN", "OFFSETS")
    assert "event_source, event_id" in about
    assert ", ".join(dict.fromkeys([*source.record_key, "recorded_at"])) in {
        column.removesuffix(", mutation") for column in about
    }


def test_a_new_field_is_expected_without_another_line() -> None:
    grown = replace(POLICE, fields=(*POLICE.fields, Field(name="grown", meaning="new", required=False, pattern="^x$")))
    new = [one for one in expectations(grown) if one not in expectations(POLICE)]
    assert [(one.column, one.rule, one.arguments["regex"]) for one in new] == [("grown", "matches ^x$", "^x$")]


@given(st.dates(date(2012, 1, 1), date(2021, 12, 31)), st.sampled_from(Theme))
def test_one_owner_is_expected_of_a_report_of_any_day_and_theme(day: date, theme: Theme) -> None:
    expected = [
        one.word
        for one in OWNERS
        if (one.first or day) <= day <= (one.last or day) and (one.where is None or theme in one.where[1])
    ]
    assert expected == [owner_on(day, theme)]


def test_patterns_name_no_zero_byte_in_postgresql() -> None:
    assert pattern_in_postgresql(PLAIN_TEXT) == "^.+$"
    assert pattern_in_postgresql(SHORT_TEXT) == r"^[^\x01-\x1f]{1,255}$"
    for source in ALL:
        for field in source.fields:
            assert not re.search(r"\\x00", pattern_in_postgresql(field.text_pattern or ""))


def test_great_expectations_is_not_imported_before_it_is_needed() -> None:
    program = "import ketenbalans.jobs.quality.check_quality, sys; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_what_a_field_refers_to_is_a_field_and_is_expected_once_its_source_has_reported_of_a_day() -> None:
    referring: dict[str, list[str]] = {}
    for source in ALL:
        for field in source.fields:
            for name in field.refers_to:
                other, _, column = name.partition(".")
                assert sources()[other].field(column).kind is field.kind
                referring.setdefault(source.name, []).append(field.name)
    assert referring.keys() == {"om_registrations", "interventions"}
    covered = dict.fromkeys(sources(), date(2015, 1, 31))
    for source in ALL:
        expected = references(source, covered=covered, awaited_days=60)
        assert [one.column for one in expected] == sorted(set(referring.get(source.name, [])))
        assert references(source, covered={}, awaited_days=60) == []


def test_the_policy_of_quality_names_a_number_that_is_wrong() -> None:
    assert QualityPolicy.parse("[quality]\nawaited_days = 60").awaited_days == 60
    for text in ("", "[quality]\nawaited_days = 0", "[quality]\nawaited_days = 60\nmore = 1"):
        with pytest.raises(InvalidPolicy, match=r"\[quality\] (awaited_days|more): "):
            QualityPolicy.parse(text)
