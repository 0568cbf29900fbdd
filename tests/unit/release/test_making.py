"""What every release keeps, whatever the counts and the key."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.release.audit.consistency import faults_of
from ketenbalans.release.counts import CountsDiffer, ExactCounts
from ketenbalans.release.making import OF_A_WHOLE_YEAR, ReleaseRefused, make_release
from ketenbalans.release.offsets import Offsets, ReleaseKey, ReleaseKeyWeak
from ketenbalans.release.rounded import rounded_cells
from schemas.period import Period
from schemas.release import NATIONAL_LINES, ROUNDING, ROW_LINES, Release, ReleaseGroup
from tests.unit.release.made_up import KEY, PERIOD, TERMS, THRESHOLD, counts_of, keys, releases_of, years

WIDE = counts_of([(97, 31), (41, 7), (12, 3), (8, 2)], om_only=[9, 1, 2, 0, 3], earlier=2)


def rows_of(release: Release, table: str) -> Iterator[tuple[str, dict[str, int]]]:
    found: dict[str, dict[str, int]] = {}
    for cell in release.tables[table]:
        found.setdefault(cell.key[table], {})[cell.key["line"]] = cell.value
    yield from found.items()


def national_of(release: Release, line: str) -> dict[str, int]:
    return {cell.key.get("cause", line): cell.value for cell in release.tables["national"] if cell.key["line"] == line}


@given(counts=years(), key=keys)
@settings(max_examples=40, deadline=None)
def test_every_table_adds_up_to_its_exact_total(counts: ExactCounts, key: ReleaseKey) -> None:
    release = make_release(counts, key=key, terms=TERMS, earlier=[])
    for group in OF_A_WHOLE_YEAR:
        if group.value not in release.withheld:
            rows = dict(rows_of(release, group.value))
            assert {line: sum(row[line] for row in rows.values()) for line in ROW_LINES} == {
                line: counts.national[line] for line in ROW_LINES
            }
            assert all(row["delivered"] - row["gap"] == row["recognised"] for row in rows.values())
    if "causes" not in release.withheld:
        assert sum(national_of(release, "cause").values()) == counts.national["gap"]
    if "om" not in release.withheld:
        elsewhere = sum(national_of(release, "om_only").values()) - sum(
            national_of(release, "registered_earlier").values()
        )
        assert elsewhere == counts.national["om_count"] - counts.national["recognised"]
    assert {line: release.value("national", line=line) for line in NATIONAL_LINES} == counts.national


@given(counts=years(), key=keys)
@settings(max_examples=40, deadline=None)
def test_a_count_is_a_multiple_less_than_a_threshold_away(counts: ExactCounts, key: ReleaseKey) -> None:
    release = make_release(counts, key=key, terms=TERMS, earlier=[])
    for table, rows in (("unit", counts.units), ("month", counts.months)):
        for name, found in rows_of(release, table):
            if name == ROUNDING:
                assert all(abs(value) <= THRESHOLD for value in found.values())
                continue
            assert all(value >= 0 and value % THRESHOLD == 0 for value in found.values())
            assert abs(found["gap"] - rows[name].gap) < THRESHOLD
            assert abs(found["delivered"] - rows[name].delivered) < THRESHOLD
    for cause, value in national_of(release, "cause").items():
        if cause != ROUNDING:
            assert value % THRESHOLD == 0
            assert abs(value - counts.causes[cause]) < THRESHOLD


@given(suspects=st.integers(0, 400), key=keys)
def test_rounding_is_unbiased_over_keys(suspects: int, key: ReleaseKey) -> None:
    class Fixed(Offsets):
        def of(self, row: str, line: str) -> int:
            return int(row)

    offsets = Fixed(key=key, period=PERIOD, table="unit", draw=0, threshold=THRESHOLD)
    assert mean(offsets.rounded(str(u), "gap", suspects) for u in range(THRESHOLD)) == suspects


def test_offsets_are_spread_evenly_over_keys_cells_and_draws() -> None:
    drawn = [
        Offsets(key=ReleaseKey(bytes([key]) * 32), period=PERIOD, table="unit", draw=draw, threshold=THRESHOLD).of(
            row, line
        )
        for key in range(40)
        for draw in range(10)
        for row in ("PL0100", "PL0900")
        for line in ("delivered", "gap")
    ]
    expected = len(drawn) / THRESHOLD
    chi_square = sum((drawn.count(u) - expected) ** 2 / expected for u in range(THRESHOLD))
    assert set(drawn) == set(range(THRESHOLD))
    assert chi_square < 18.5, "one in a thousand of evenly spread ones, and these are always the same"


@given(counts=years())
def test_counts_come_back_as_they_were_kept(counts: ExactCounts) -> None:
    assert ExactCounts.from_json(counts.to_json()) == counts


def test_units_and_months_are_withheld_before_the_period_ends() -> None:
    early = replace(WIDE, as_of=date(2014, 12, 30))
    ((first, later)) = releases_of([early, WIDE])
    assert first.release.withheld == ("unit", "month")
    assert first.release.draw["unit"] is None
    assert first.release.tables["unit"] == ()
    assert later.release.withheld == ()
    assert later.release.earlier == ("2014-1",)


def test_a_group_that_no_draw_can_hide_is_withheld() -> None:
    of_one = counts_of([(1, 1), (1, 0), (1, 0), (1, 1), (60, 20)])  # a unit that has a row delivered at least one
    assert "unit" in make_release(of_one, key=KEY, terms=TERMS, earlier=[]).withheld


def test_an_exact_line_that_moved_a_little_is_flagged() -> None:
    one_more = counts_of([(98, 31), (41, 7), (12, 3), (8, 2)], om_only=[9, 1, 2, 0, 3], earlier=2)
    flags = releases_of([WIDE, one_more])[-1].release.flags
    assert {(flag.line, flag.since, flag.change) for flag in flags} == {
        ("delivered", "2014-1", 1),
        ("recognised", "2014-1", 1),
        ("om_count", "2014-1", 1),
    }


def test_what_may_not_be_published_is_refused() -> None:
    with pytest.raises(ReleaseRefused, match="gap of 2014 as known on"):
        make_release(counts_of([(90, 3)]), key=KEY, terms=TERMS, earlier=[])
    month = Period.parse("2014-12")
    of_a_month = replace(WIDE, period=month, months={"2014-12": next(iter(WIDE.months.values()))._replace(
        delivered=WIDE.national["delivered"], gap=WIDE.national["gap"])})  # fmt: skip
    with pytest.raises(ReleaseRefused, match="no calendar year"):
        make_release(of_a_month, key=KEY, terms=TERMS, earlier=[])
    with pytest.raises(ReleaseRefused, match="beside them would give counts away"):
        make_release(WIDE, key=KEY, terms=replace(TERMS, threshold=THRESHOLD + 1), earlier=releases_of([WIDE]))


def test_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(CountsDiffer, match="unit"):
        replace(WIDE, units={})
    with pytest.raises(CountsDiffer, match="om"):
        replace(WIDE, registered_earlier=1)


def test_a_key_that_could_be_tried_is_refused_and_none_is_shown() -> None:
    with pytest.raises(ReleaseKeyWeak, match="at least 32 bytes"):
        ReleaseKey(b"short")
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)


def test_another_key_gives_other_offsets() -> None:
    other = ReleaseKey(bytes(32))
    tables = [
        rounded_cells(
            WIDE,
            ReleaseGroup.UNIT,
            Offsets(key=key, period=PERIOD, table="unit", draw=0, threshold=THRESHOLD),
        )
        for key in (KEY, other)
    ]
    assert tables[0] != tables[1]
    assert KEY.check != other.check


@given(counts=years(), key=keys, place=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_a_cell_that_is_moved_by_one_is_found_without_the_key(counts: ExactCounts, key: ReleaseKey, place: int) -> None:
    release = make_release(counts, key=key, terms=TERMS, earlier=[])
    assert faults_of(release) == []
    table = [name for name, cells in release.tables.items() if cells][place % 2 - 1]
    cells = list(release.tables[table])
    moved = place % len(cells)
    cells[moved] = replace(cells[moved], value=cells[moved].value + 1)
    changed = replace(release, tables={**release.tables, table: tuple(cells)})
    if cells[moved].key != {"line": "om_count"} or "om" not in release.withheld:
        assert faults_of(changed)
