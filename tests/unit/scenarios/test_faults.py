"""Each fault changes what it is about and nothing else, and what it says is a valid history of every record."""

import pickle
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ketenbalans.scenarios.extract_sets import ExtractSet
from ketenbalans.scenarios.moments import day_of
from ketenbalans.scenarios.ordinary import ORDINARY, ordinary
from ketenbalans.scenarios.rows import GONE, Registration
from ketenbalans.scenarios.sources import HOTLINE, OM, POLICE
from tests.scenarios.extract_sets import distinct_rows, redistributed
from tests.scenarios.fault_rows import case_of, dossier_numbers_of_cases, suspect_of, wrong_then_mended
from tests.scenarios.faults import FAULTS, MENDED_FROM, Fault, a_year_earlier, om_of, police_of

PAGE = Path(__file__).parents[3] / "docs" / "scenarios" / "ordinary.md"
SETS = ORDINARY.sets()
SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = 9, 10, 11, 12
SOURCES = {
    "unit_falls_silent": {POLICE},
    "extract_sent_twice": {POLICE},
    "half_an_extract": {OM},
    "classification_mapped_wrongly": {OM},
    "persons_missing": {POLICE},
    "another_chain_key": {OM},
    "wrong_year": {OM},
    "team_files_transferred": {POLICE, OM},
    "late_burst": {OM},
    "hotline_owner_changes": {HOTLINE},
}
NEVER_REPAIRED = {"another_chain_key", "unit_falls_silent", "team_files_transferred", "late_burst",
                  "hotline_owner_changes"}  # fmt: skip
each_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))


def answer(name: str) -> list[ExtractSet]:
    return FAULTS[name].generate(SETS)


def newest(rows: Sequence[Any], record: Any) -> dict[Any, Any]:
    return {record(row): row for row in sorted(rows, key=lambda row: row.recorded_at)}


def report_of(row: Any) -> str:
    return str(row.report_id)


def test_there_are_ten_and_each_says_what_it_wants() -> None:
    assert set(FAULTS) == set(SOURCES)
    assert len(FAULTS) == 10
    page = PAGE.read_text(encoding="utf-8")
    for name, fault in FAULTS.items():
        assert fault.name == name
        assert fault.description
        alerts = ", ".join(f"`{rule}` `{subject}`" for rule, subject in fault.alerts)
        assert f"| `{name}` | {fault.description} | {alerts} |" in page.splitlines()


@each_fault
def test_nothing_before_it_begins_differs(fault: Fault) -> None:
    began = [one.covers for one in SETS].index(fault.begins)
    found = fault.generate(SETS)
    assert [one.covers for one in found] == [one.covers for one in SETS]
    assert found[:began] == SETS[:began]
    assert found[began] != SETS[began]
    assert fault.begins == (date(2014, 8, 31) if fault.name == "late_burst" else date(2014, 10, 31))


@each_fault
def test_it_is_pure(fault: Fault) -> None:
    before = pickle.loads(pickle.dumps(SETS))  # a copy to the last cell, ten times as fast as deepcopy
    assert fault.generate(SETS) == fault.generate(tuple(SETS))
    assert before == SETS


@each_fault
def test_only_the_sources_it_is_about_differ(fault: Fault) -> None:
    changed = {
        source
        for old, new in zip(SETS, fault.generate(SETS), strict=True)
        for source in old.rows
        if old.rows[source] != new.rows[source]
    }
    assert changed == SOURCES[fault.name]
    for one in fault.generate(SETS):
        odd = {OM} if fault.name == "another_chain_key" and one.covers.month == OCTOBER else set()
        assert one.other_chain_key == odd
        assert set(one.received.values()) == {1}


@cache
def sets_of(seed: int | None) -> Sequence[ExtractSet]:
    return SETS if seed is None else ordinary(seed).sets()


@each_fault
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_every_record_has_one_history(fault: Fault, seed: int | None) -> None:
    sets = sets_of(seed)
    found = fault.generate(sets)
    for field, record in (("police", suspect_of), ("om", case_of), ("hotline", report_of)):
        moments = defaultdict(list)
        for one in found:
            rows = getattr(one, field)
            assert rows
            assert len(set(rows)) == len(rows)
            if not (fault.name == "extract_sent_twice" and field == "police"):
                assert rows == sorted(rows, key=lambda row: row.recorded_at)
            assert all(day_of(row.recorded_at) <= one.covers for row in rows)
        for row in distinct_rows(getattr(one, field) for one in found):
            moments[record(row)].append(row.recorded_at)
        assert all(len(set(of_one)) == len(of_one) for of_one in moments.values()), "told in two ways"
        assert all(of_one == sorted(of_one) for of_one in moments.values())
    for row in om_of(found):
        assert day_of(row.recorded_at) >= row.registered_on - timedelta(days=1)
    for row in police_of(found):
        assert day_of(row.recorded_at) >= row.delivered_on
        assert row.transferred_to or row.mutation != "overgedragen"
    firsts: dict[str, str] = {}
    for row in om_of(found):
        firsts.setdefault(row.case_number, row.mutation)
    assert set(firsts.values()) == {"ingeschreven"}


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in NEVER_REPAIRED])
def test_november_repairs_it(name: str) -> None:
    found = answer(name)
    for rows_of, record in ((police_of, suspect_of), (om_of, case_of)):
        right, mended = newest(rows_of(SETS[: NOVEMBER + 1]), record), newest(rows_of(found[: NOVEMBER + 1]), record)
        assert {k: replace(r, recorded_at=MENDED_FROM, mutation="") for k, r in mended.items()} == {
            k: replace(r, recorded_at=MENDED_FROM, mutation="") for k, r in right.items()
        }
        assert {k for k, r in mended.items() if r.mutation in GONE} == {
            k for k, r in right.items() if r.mutation in GONE
        }
    assert found[DECEMBER] == SETS[DECEMBER]


def test_the_silent_unit_is_nowhere() -> None:
    assert all(row.unit != "PL0600" for one in answer("unit_falls_silent")[OCTOBER:] for row in one.police)
    assert any(row.unit == "PL0600" for row in SETS[OCTOBER].police)


def test_the_file_of_september_comes_again() -> None:
    found = answer("extract_sent_twice")
    assert found[OCTOBER].police == SETS[SEPTEMBER].police
    assert set(found[NOVEMBER].police) == {*SETS[OCTOBER].police, *SETS[NOVEMBER].police}


def test_the_first_half_comes_and_november_brings_the_rest() -> None:
    found, whole = answer("half_an_extract"), SETS[OCTOBER].om
    assert found[OCTOBER].om == whole[: len(whole) // 2]
    assert set(found[NOVEMBER].om) >= {*whole[len(whole) // 2 :], *SETS[NOVEMBER].om}


def test_every_row_of_the_file_says_overig_and_each_record_is_mended() -> None:
    found = answer("classification_mapped_wrongly")
    assert {row.classification for row in found[OCTOBER].om} == {"OVERIG"}
    wrong = {row.case_number for row in SETS[OCTOBER].om if row.recorded_at > MENDED_FROM - timedelta(days=33)
             and row.recorded_at < MENDED_FROM and row.classification != "OVERIG"}  # fmt: skip
    mending = [
        row for row in found[NOVEMBER].om if row.mutation == "geherclassificeerd" and row not in SETS[NOVEMBER].om
    ]
    assert {row.case_number for row in mending} >= wrong & {row.case_number for row in found[OCTOBER].om}


def test_no_row_of_the_file_has_a_person_and_each_record_is_mended() -> None:
    found = answer("persons_missing")
    assert {row.skn for row in found[OCTOBER].police} == {""}
    mending = [
        row for row in found[NOVEMBER].police if row not in SETS[NOVEMBER].police and row not in found[OCTOBER].police
    ]
    assert {row.mutation for row in mending} == {"gecorrigeerd"}
    assert all(row.skn for row in mending)


def test_no_row_is_reported_under_two_keys() -> None:
    found = answer("another_chain_key")
    odd = set(found[OCTOBER].om)
    assert odd
    assert not odd & {row for place, one in enumerate(found) if place != OCTOBER for row in one.om}
    assert distinct_rows(one.om for one in found) == distinct_rows(one.om for one in SETS)


def test_what_october_registered_first_is_a_year_early_until_november() -> None:
    found = answer("wrong_year")
    first_on: dict[str, date] = {}
    for row in om_of(SETS):
        first_on.setdefault(row.case_number, day_of(row.recorded_at))
    for row in found[OCTOBER].om:
        if day_of(row.recorded_at).month == OCTOBER:
            assert (row.registered_on.year == 2013) == (first_on[row.case_number].month == OCTOBER) or (
                first_on[row.case_number].year == 2013
            )
    assert a_year_earlier(date(2012, 2, 29)) == date(2011, 2, 28)
    assert a_year_earlier(date(2014, 10, 31)) == date(2013, 10, 31)


def test_the_team_hands_over_enough_and_none_of_it_is_registered() -> None:
    found = answer("team_files_transferred")
    ours = {suspect_of(row) for row in police_of(SETS) if row.mutation == "overgedragen"}
    moves = [row for row in police_of(found) if row.mutation == "overgedragen" and suspect_of(row) not in ours]
    assert {(row.unit, row.transferred_to) for row in moves} == {("PL0600", "ZEDEN")}
    in_october = [row for row in moves if day_of(row.recorded_at) <= date(2014, 10, 31)]
    assert len(in_october) >= 8
    assert all(day_of(row.recorded_at) >= date(2014, 10, 16) for row in moves)
    assert all((day_of(row.recorded_at) - row.delivered_on).days <= 7 for row in moves if row.delivered_on.month > 10)
    handed_over = {row.dossier_number for row in moves}
    assert not handed_over & set(dossier_numbers_of_cases(police_of(found), om_of(found)).values())
    assert all(row.transferred_to for key, row in newest(police_of(found), suspect_of).items() if key[0] in handed_over)


def test_the_files_of_cases_are_those_of_the_truth() -> None:
    found = dossier_numbers_of_cases(police_of(SETS), om_of(SETS))
    true = {
        one.rows[0].case_number: one.delivery.newest.dossier_number
        for one in ORDINARY.records.chain.registrations
        if one.delivery and day_of(one.rows[0].recorded_at) <= SETS[-1].covers
    }
    assert found == true


def test_a_share_of_every_larger_unit_comes_in_october() -> None:
    right, found = (first_rows(om_of(sets)) for sets in (SETS, answer("late_burst")))
    late = {case for case, row in found.items() if row.recorded_at != right[case].recorded_at}
    window = {case for case, row in right.items()
              if date(2014, 8, 4) <= day_of(row.recorded_at) <= date(2014, 9, 30)}  # fmt: skip
    assert late < window
    assert 0.40 < len(late) / len(window) < 0.48
    assert set(found) == set(right)
    for case in late:
        assert day_of(found[case].recorded_at).month == found[case].registered_on.month == OCTOBER
    deliveries = newest(police_of(SETS), lambda row: row.dossier_number)
    files = dossier_numbers_of_cases(police_of(SETS), om_of(SETS))
    units = [Counter(deliveries[files[case]].unit for case in cases if case in files) for cases in (window, late)]
    assert all(units[1][unit] for unit, cases in units[0].items() if cases >= 4)
    delivered_on = {case: deliveries[files[case]].delivered_on for case in late}
    too_long = {case for case in late if (found[case].registered_on - delivered_on[case]).days > 55}
    assert all(found[case].registered_on == date(2014, 10, 1) for case in too_long)
    assert all(delivered_on[case] + timedelta(days=55) < date(2014, 10, 1) for case in too_long)
    assert len(too_long) <= 0.2 * len(late)
    assert min(day_of(right[case].recorded_at) for case in late).month == 8


def first_rows(rows: Sequence[Any]) -> dict[str, Any]:
    firsts: dict[str, Any] = {}
    for row in rows:
        firsts.setdefault(row.case_number, row)
    return firsts


def test_every_report_from_october_on_names_the_new_owner() -> None:
    found = answer("hotline_owner_changes")
    assert {row.cells()["hotline"] for one in found[OCTOBER:] for row in one.hotline} == {"eokm"}
    assert {row.cells()["hotline"] for one in found[:OCTOBER] for row in one.hotline} == {"meldpunt"}


def test_reporting_the_same_rows_again_gives_the_same_sets() -> None:
    reports = distinct_rows(one.hotline for one in SETS)
    assert redistributed(SETS, {POLICE: police_of(SETS), OM: om_of(SETS), HOTLINE: reports}) == SETS


def test_mending_a_case_that_lapsed_lets_it_lapse_again() -> None:
    lapsed = next(one for one in ORDINARY.records.chain.registrations if one.newest.mutation == "vervallen")
    rows = [replace(row, recorded_at=MENDED_FROM - timedelta(days=9 - place)) for place, row in enumerate(lapsed.rows)]
    wrong = {row: replace(row, classification="OVERIG") for row in rows}
    history = Registration(wrong_then_mended(rows, wrong, record=case_of, mutation="geherclassificeerd",
                                             since=MENDED_FROM))  # fmt: skip
    assert [row.mutation for row in history.rows[-2:]] == ["geherclassificeerd", "vervallen"]
    assert history.newest.classification == rows[-1].classification
