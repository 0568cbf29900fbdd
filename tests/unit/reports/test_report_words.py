"""The two languages of a report: the same sentences, all of them said, and numbers and days as each language does."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import resources
from string import Formatter
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.reports.compose import document_of
from ketenbalans.reports.document import CellKind
from ketenbalans.reports.plain import render_csv
from ketenbalans.reports.release_document import release_document
from ketenbalans.reports.spreadsheet import render_ods
from ketenbalans.reports.words import EN_DASH, LANGUAGES, MINUS, Words, percent, words_of
from schemas.catalogue import sources
from schemas.causes import Cause, OmOnlyCause
from schemas.period import Period
from schemas.signoff import SignoffState
from schemas.verdicts import BalanceVerdict
from tests.unit.reports.a_release import all_kinds_of_releases
from tests.unit.reports.a_report import (
    MAY_COME,
    PUBLICATION,
    SINCE,
    empty_report,
    full_report,
    report_of,
    small_report,
    with_accepted,
    without_drawing,
)
from tests.unit.signoff.a_signoff import signoff

COUNTS = st.integers(min_value=0, max_value=10**6)


def sentences(texts: Mapping[str, Any], *above: str) -> Iterator[tuple[str, str]]:
    for name, text in texts.items():
        if isinstance(text, Mapping):
            yield from sentences(text, *above, name)
        else:
            yield ".".join((*above, name)), text


def places(sentence: str) -> set[str]:
    return {place for _, place, _, _ in Formatter().parse(sentence) if place is not None}


class Heard(dict[str, Any]):
    """Texts that remember which of them were said."""

    def __init__(self, texts: Mapping[str, Any], said: set[str], *above: str) -> None:
        super().__init__(texts)
        self.said, self.above = said, above

    def __getitem__(self, name: str) -> Any:
        text = super().__getitem__(name)
        if isinstance(text, Mapping):
            return Heard(text, self.said, *self.above, name)
        self.said.add(".".join((*self.above, name)))
        return text


def all_kinds_of_reports() -> Iterator[Any]:
    full = full_report()
    yield from (
        full,
        small_report(),
        empty_report(),
        with_accepted(full),
        with_accepted(small_report(), instead_of="acknowledged"),
    )
    yield full_report(since=SINCE | unmoved())
    yield full_report(
        balance={"quality": "failed"}, published=[full.published[0].to_json() | {"document": "kst-31015-193-annex"}]
    )
    yield report_of(causes={}, om_only={}, recognised=7, registered_earlier=0)
    yield report_of(causes={"missing": 1}, om_only={}, recognised=0, registered_earlier=0)
    yield report_of(causes={"joined": 2}, om_only={}, recognised=0, registered_earlier=0)
    for verdict in BalanceVerdict:
        yield small_report(balance={"verdict": verdict.value, "because": "a reason"})
    before = {"as_of": "2015-01-31", "delivered": 1460, "recognised": 1409}
    for publication in ({"status": "provisional"}, {"status": "restated", "restates": before}, {"contact": "desk"}):
        yield small_report(publication=PUBLICATION | publication)
    yield replace(small_report(), release="2014-3")
    yield small_report(sources=[full.sources[0].to_json() | {"source": name} for name in sources()])
    inside: dict[str, Any] = {"delivered_until": "2014-10-31", "target": None}
    targets: list[dict[str, Any]] = [{"target": {"suspects": 1468, "chance": chance}} for chance in (0, 999)]
    for differently in (inside, *targets):
        yield small_report(may_come=MAY_COME | differently)
    changed = signoff(SignoffState.VOID, not_judged="changed")
    states = (SignoffState.VOID, SignoffState.SUPERSEDED)
    yield replace(
        small_report(), signoffs=[changed, *(signoff(one, moves=moves) for one in states for moves in (1, 2))]
    )


def unmoved() -> dict[str, Any]:
    return {
        "delivered": {"before": 1464, "came": {}, "left": {}, "after": 1464},
        "recognised": {"before": 1410, "became": {}, "no_longer": {}, "after": 1410},
        "cases_delivered": {"before": 1464, "after": 1464},
        "moves": [],
    }


def test_both_languages_have_the_same_sentences() -> None:
    english, dutch = (dict(sentences(words_of(language).texts)) for language in LANGUAGES)
    assert set(dutch) == set(english)


def test_a_sentence_has_the_same_places_in_both_languages() -> None:
    english, dutch = (dict(sentences(words_of(language).texts)) for language in LANGUAGES)
    assert {name: places(text) for name, text in english.items()} == {name: places(dutch[name]) for name in english}


def test_no_sentence_is_empty_or_has_blanks_around_it() -> None:
    for language in LANGUAGES:
        for name, text in sentences(words_of(language).texts):
            assert text.strip() == text != "", name


@pytest.fixture(scope="module")
def never_said() -> dict[str, set[str]]:
    """Per language, the sentences that none of the reports says."""
    return {language: set(dict(sentences(words_of(language).texts))) - said_in(language) for language in LANGUAGES}


def said_in(language: str) -> set[str]:
    """The sentences that some report says, in some form of it."""
    said: set[str] = set()
    words = Words(language, Heard(words_of(language).texts, said))
    with without_drawing():
        document, *_ = [document_of(report, words) for report in all_kinds_of_reports()]
    for release in all_kinds_of_releases():
        release_document(release, words)
    for module, render in (("plain", render_csv), ("spreadsheet", render_ods)):
        with patch(f"ketenbalans.reports.{module}.words_of", lambda _: words):
            render(document)
    return said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_said_in_some_report(never_said: dict[str, set[str]], language: str) -> None:
    assert never_said[language] == set()


def test_every_label_of_a_form_is_asked_for_by_a_template() -> None:
    folder = resources.files("ketenbalans.reports") / "templates"
    templates = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir() if file.is_file())
    with without_drawing():
        labels = document_of(small_report(), words_of("en")).labels
    assert {name for name in labels if f"labels.{name}" not in templates} == set()


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(54, 480, "11.3"), (1, 3, "33.3"), (2, 3, "66.7"), (1, 2000, "0.1"), (0, 7, "0.0"), (7, 7, "100.0")],
)
def test_a_share_is_rounded_half_up(part: int, whole: int, share: str) -> None:
    assert percent(part, whole) == Decimal(share)
    assert str(percent(part, whole)) == share


@given(part=COUNTS, rest=COUNTS)
def test_a_share_is_never_further_off_than_half_a_tenth(part: int, rest: int) -> None:
    whole = part + rest
    share = percent(part, whole)
    if whole == 0:
        assert share is None
    else:
        assert share is not None
        assert -whole < 2 * (share * 10 * whole - 1000 * part) <= whole


def test_a_share_of_nothing_is_not_said() -> None:
    assert percent(0, 0) is None
    assert [words_of(language).share(0, 0) for language in LANGUAGES] == ["", ""]


@pytest.mark.parametrize(
    ("value", "kind", "english", "dutch"),
    [
        (1464, CellKind.COUNT, "1,464", "1.464"),
        (-1464, CellKind.COUNT, f"{MINUS}1,464", f"{MINUS}1.464"),
        (1234567, CellKind.COUNT, "1,234,567", "1.234.567"),
        (12, CellKind.SIGNED, "+12", "+12"),
        (0, CellKind.SIGNED, "0", "0"),
        (-1, CellKind.SIGNED, f"{MINUS}1", f"{MINUS}1"),
        (Decimal("11.3"), CellKind.SHARE, "11.3", "11,3"),
        (Decimal("100.0"), CellKind.SHARE, "100.0", "100,0"),
        (Decimal("0.1"), CellKind.POINTS, "+0.1", "+0,1"),
        (Decimal("0.0"), CellKind.POINTS, "0.0", "0,0"),
        (Decimal("-1.2"), CellKind.POINTS, f"{MINUS}1.2", f"{MINUS}1,2"),
        (None, CellKind.COUNT, "", ""),
        ("PL0600", CellKind.TEXT, "PL0600", "PL0600"),
    ],
)
def test_a_cell_is_written_as_the_language_does(
    value: int | Decimal | str | None, kind: CellKind, english: str, dutch: str
) -> None:
    assert [words_of(language).cell(value, kind) for language in LANGUAGES] == [english, dutch]


def test_days_months_and_periods_are_written_as_the_language_does() -> None:
    english, dutch = map(words_of, LANGUAGES)
    day = date(2015, 1, 31)
    assert (english.day(day), dutch.day(day)) == ("31 January 2015", "31 januari 2015")
    assert (english.month(day), dutch.month(day)) == ("Jan 2015", "jan 2015")
    assert (english.month(date(2015, 1, 5)), dutch.month(date(2015, 1, 5))) == ("5 Jan 2015", "5 jan 2015")
    assert english.period(Period.parse("2014")) == dutch.period(Period.parse("2014")) == "2014"
    assert english.period(Period.parse("2014-Q1")) == f"1 January 2014 {EN_DASH} 31 March 2014"
    assert dutch.period(Period.parse("2014-Q1")) == f"1 januari 2014 {EN_DASH} 31 maart 2014"


@given(st.lists(st.dates(date(2012, 1, 1), date(2030, 12, 31)), min_size=2, max_size=2, unique=True))
def test_two_days_are_never_written_alike(days: list[date]) -> None:
    for language in LANGUAGES:
        words = words_of(language)
        assert words.month(days[0]) != words.month(days[1])
        assert words.day(days[0]) != words.day(days[1])


def test_every_cause_has_a_name_and_a_meaning_in_both_languages() -> None:
    for language in LANGUAGES:
        words = words_of(language)
        for causes in (Cause, OmOnlyCause):
            assert len({words.label(cause) for cause in causes}) == len(causes)
            assert all(words.meaning(cause).endswith(".") for cause in causes)


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="en or nl, not in 'fr'"):
        words_of("fr")
