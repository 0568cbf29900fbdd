"""The laws of a balance as it is answered: a document comes back as it was written, of whatever year, or is refused."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.answer import COUNTS, BalanceAnswer, InvalidAnswer, ShownBalance
from schemas.answer_parts import Bridge, MonthBridge, PartyBridge, PublishedBeside
from schemas.causes import Cause, OmOnlyCause
from schemas.period import Period
from schemas.verdicts import BalanceVerdict, Judgement
from schemas.vocabulary import Qualification
from tests.unit.an_answer import answer_of

BEFORE_OTHER_PARTIES = """{"period": ["2014-01-01", "2014-12-31"], "as_of": "2015-01-31", "unit": "suspects", \
"delivered": 4, "recognised": 2, "gap": 2, "cases_delivered": 3, "causes": {"joined": 0, "lapsed": 1, "missing": 1}, \
"registered_earlier": 0, "om_count": 3, "om_only": {"duplicate_registration": 0, "other_deliverer": 1}, \
"links": {"1": 2, "2": 1, "3": 0, "4": 0}, "closes": true, "by_unit": [{"unit": "PL0100", "delivered": 4, \
"recognised": 2, "gap": 2, "cases_delivered": 3, "causes": {"joined": 0, "lapsed": 1, "missing": 1}}]}"""
"""As the first version wrote it: the units last, no other parties, no qualifications, fewer causes and rules."""

WITH_QUALIFICATIONS = f'{BEFORE_OTHER_PARTIES[:-1]}, "qualifications": {{"possession": 3, "distribution": 1}}}}'
"""As it was written when the qualifications had come, and the other parties had not."""

WITH_OTHER_PARTIES = """{"period": ["2014-01-01", "2014-12-31"], "as_of": "2015-01-31", "unit": "suspects", \
"delivered": 4, "recognised": 2, "gap": 2, "cases_delivered": 3, "causes": {"joined": 0, "lapsed": 1, "missing": 1}, \
"by_unit": [{"unit": "PL0100", "delivered": 4, "recognised": 2, "gap": 2, "cases_delivered": 3, \
"causes": {"joined": 0, "lapsed": 1, "missing": 1}}], "registered_earlier": 0, "om_count": 3, \
"om_only": {"duplicate_registration": 0, "other_deliverer": 1}, "links": {"1": 2, "2": 1, "3": 0, "4": 0}, \
"closes": true, "other_parties": [{"party": "kmar", "delivered": 1, "recognised": 0, "gap": 1, "cases_delivered": 1, \
"causes": {"joined": 0, "lapsed": 0, "missing": 1}, "by_unit": []}], \
"qualifications": {"possession": 3, "distribution": 1}}"""

OF_TODAY = """{"period": ["2014-01-01", "2014-01-31"], "as_of": "2015-01-31", "unit": "suspects", \
"delivered": 4, "recognised": 2, "gap": 2, "registered": 3, "cases_delivered": 3, \
"causes": {"joined": 0, "lapsed": 1, "missing": 1}, "by_unit": [{"unit": "PL0100", "delivered": 4, "recognised": 2, \
"gap": 2, "registered": 3, "cases_delivered": 3, "causes": {"joined": 0, "lapsed": 1, "missing": 1}}], \
"registered_earlier": 0, "om_count": 3, "om_only": {"duplicate_registration": 0, "other_deliverer": 1}, \
"links": {"1": 2, "2": 1, "3": 0, "4": 0}, "closes": true, "other_parties": [{"party": "kmar", \
"delivered": 1, "recognised": 0, "gap": 1, "registered": 1, "cases_delivered": 1, \
"causes": {"joined": 0, "lapsed": 0, "missing": 1}, "by_unit": []}], \
"qualifications": {"possession": 3, "distribution": 1}, \
"by_month": [{"month": "2014-01", "delivered": 4, "recognised": 2, "gap": 2}]}"""

KEPT = {
    "the first": BEFORE_OTHER_PARTIES,
    "with qualifications": WITH_QUALIFICATIONS,
    "with other parties": WITH_OTHER_PARTIES,
    "of today": OF_TODAY,
}
SHOWN = {
    "synthetic": True,
    "quality": "passed",
    "published": {"delivered": {"value": 560, "document": "kst-31015-112", "as_of": "2015-01-31"}},
    "policy": {"of_a_later_version": ["PL27"]},
    "code_version": "0.1.0",
    "input_fingerprint": "f" * 64,
    "made_at": "2026-11-30T14:00:00.123456+01:00",
    "verdict": "open",
    "because": "1 break is open: 1 missing",
}

counts = st.integers(0, 10**7)
days = st.dates(date(2000, 1, 1), date(2040, 1, 1))
bridges = st.builds(
    Bridge,
    unit=st.sampled_from(["PL0100", "PL27RD"]),
    delivered=counts,
    recognised=counts,
    cases_delivered=counts,
    causes=st.fixed_dictionaries({cause.value: counts for cause in Cause}),
    registered=st.none() | counts,
)
months = st.builds(MonthBridge, month=st.sampled_from(["2014-01", "2014-02"]), delivered=counts, recognised=counts)
parties = st.builds(
    PartyBridge,
    party=st.sampled_from(["kmar", "customs"]),
    total=bridges.map(lambda bridge: replace(bridge, unit=None)),
    by_unit=st.lists(bridges, max_size=2).map(tuple),
)
fields: dict[str, Any] = {
    "period": days.flatmap(lambda first: st.builds(Period, st.just(first), st.dates(first, date(2041, 1, 1)))),
    "as_of": days,
    "police": parties.map(lambda party: replace(party, party="police")),
    "registered_earlier": counts,
    "om_count": counts,
    "om_only": st.fixed_dictionaries({cause.value: counts for cause in OmOnlyCause}),
    "links": st.fixed_dictionaries({str(rule): counts for rule in range(1, 7)}),
    "closes": st.booleans(),
    "other_parties": st.none() | st.lists(parties, max_size=2).map(tuple),
    "qualifications": st.none() | st.fixed_dictionaries({one.value: counts for one in Qualification}),
    "by_month": st.none() | st.lists(months, max_size=2).map(tuple),
}
answers = st.builds(BalanceAnswer, **fields)
shown = st.builds(
    ShownBalance,
    **fields,
    synthetic=st.booleans(),
    quality=st.sampled_from(["passed", "failed", "not_checked"]),
    published=st.dictionaries(
        st.sampled_from(COUNTS),
        st.builds(PublishedBeside, value=counts, document=st.text(max_size=5), as_of=st.none() | days),
        max_size=2,
    ),
    policy=st.dictionaries(st.text(max_size=5), counts | st.lists(st.text(max_size=5), max_size=2), max_size=2),
    code_version=st.text(max_size=5),
    input_fingerprint=st.text(max_size=5),
    made_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    judgement=st.none() | st.builds(Judgement, st.sampled_from(BalanceVerdict), st.text(max_size=9)),
)


@given(answers)
def test_an_answer_comes_back_from_what_was_written(answer: BalanceAnswer) -> None:
    assert BalanceAnswer.from_json(json.loads(json.dumps(answer.to_json()))) == answer


@given(shown)
def test_what_is_shown_comes_back_from_what_was_printed(balance: ShownBalance) -> None:
    assert ShownBalance.from_json(json.loads(json.dumps(balance.to_json()))) == balance


@pytest.mark.parametrize("version", KEPT)
def test_a_kept_document_of_each_version_has_the_same_bytes_again(version: str) -> None:
    document = json.loads(KEPT[version])
    assert json.dumps(BalanceAnswer.from_json(document).to_json()) == KEPT[version]
    printed = {**document, **SHOWN}
    assert json.dumps(ShownBalance.from_json(printed).to_json()) == json.dumps(printed)
    in_a_report = {name: value for name, value in printed.items() if name != "made_at"}
    assert json.dumps(replace(ShownBalance.from_json(printed), made_at=None).to_json()) == json.dumps(in_a_report)


def test_what_was_not_counted_then_is_not_said_to_be_none() -> None:
    first, today = (BalanceAnswer.from_json(json.loads(KEPT[version])) for version in ("the first", "of today"))
    assert (first.other_parties, first.qualifications, first.registered, first.by_month) == (None,) * 4
    assert (today.registered, [month.gap for month in today.by_month or ()]) == (3, [2])
    assert [party.party for party in first.parties] == ["police"]
    assert [party.party for party in today.parties] == ["police", "kmar"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"gap": 3}, "gap"),
        ({"unit": "cases"}, "unit"),
        ({"of_a_later_version": 1}, "of_a_later_version"),
        ({"by_unit": [{"delivered": 1}]}, "recognised"),
        ({"period": ["2014-12-31", "2014-01-01"]}, "period"),
        ({"as_of": None}, "as_of"),
        ({"causes": 4}, "causes"),
    ],
)
def test_a_document_that_would_not_come_back_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidAnswer, match=named):
        BalanceAnswer.from_json({**json.loads(OF_TODAY), **change})


@pytest.mark.parametrize("key", json.loads(BEFORE_OTHER_PARTIES))
def test_a_document_without_one_of_the_first_keys_is_refused(key: str) -> None:
    document = json.loads(OF_TODAY)
    del document[key]
    with pytest.raises(InvalidAnswer, match=key):
        BalanceAnswer.from_json(document)


@given(answers)
def test_a_figure_is_what_the_json_has_under_its_key(answer: BalanceAnswer) -> None:
    document = answer.to_json()
    for key in COUNTS:
        assert answer.figure(key) == document[key]
    for name in ("causes", "om_only"):
        assert {key: answer.figure(f"{name}.{key}") for key in document[name]} == document[name]


@pytest.mark.parametrize("key", ["closes", "period", "causes", "causes.of_nobody", "police", "links.1", "delivered.x"])
def test_what_is_no_figure_is_refused(key: str) -> None:
    with pytest.raises(KeyError):
        BalanceAnswer.from_json(json.loads(OF_TODAY)).figure(key)


def test_an_answer_counts_something_whoever_delivered_or_registered() -> None:
    empty = answer_of(delivered=0, causes={}, period=Period.of_year(2014), as_of=date(2015, 1, 31))
    kmar = BalanceAnswer.from_json(json.loads(OF_TODAY)).parties[1]
    assert not empty.counts_anything
    assert replace(empty, om_count=1).counts_anything
    assert replace(empty, other_parties=(kmar,)).counts_anything
    assert not replace(empty, other_parties=None).counts_anything


def test_a_moment_keeps_its_zone() -> None:
    balance = ShownBalance.from_json({**json.loads(OF_TODAY), **SHOWN})
    assert balance.made_at == datetime(2026, 11, 30, 13, 0, 0, 123456, tzinfo=UTC)
    assert balance.to_json()["made_at"] == SHOWN["made_at"]
