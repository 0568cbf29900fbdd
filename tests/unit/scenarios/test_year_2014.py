"""The scenario 2014 gives the published figures, its page says what it assumes, and its rows are valid extracts."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from ketenbalans.scenarios.moments import day_of
from ketenbalans.scenarios.numbers import within_one_edit
from ketenbalans.scenarios.registry import SCENARIOS
from tests.scenarios.counted import count_of

ROOT = Path(__file__).parents[3]
FIRST, SECOND = date(2015, 1, 31), date(2015, 6, 30)
SCENARIO = SCENARIOS["2014"]
Rows = list[dict[str, str]]

UNIT = r"PL\d\d[0-9A-Z]{2}"
DOSSIER_NUMBER = re.compile(UNIT + r"-?\d{10}(-\d{1,3})?")
DAY = r"\d\d-\d\d-\d{4}"
CASE_NUMBER = r"(?!2[0-4])(\d\d/\d{6}-\d\d|\d\d-\d{6}-\d\d|\d{10})"
POLICE_CELLS = {
    "mutatie": "aangeleverd|overgedragen|gecorrigeerd|ingetrokken",
    "registratienummer": UNIT + r"-\d{10}(-\d{1,3})?",
    "volgnummer_verdachte": r"[1-9]\d*",
    "skn": r"(SYN-\d+)?",
    "eenheid": UNIT,
    "team": "TBKK|ZEDEN",
    "datum_aanlevering": DAY,
    "kwalificaties": r"((bezit|verspreiding|productie|misbruik)(\|(?!$)|$))*",
    "kst": "J|N",
    "overgedragen_aan": r"(ZEDEN|PL\d{4})?",
    "tijdstip_mutatie": r".+\+0[12]:00",
}
OM_CELLS = {
    "mutatie": "ingeschreven|geherclassificeerd|afgedaan|vervallen|samengevoegd",
    "parketnummer": CASE_NUMBER,
    "skn": r"(SYN-\d+)?",
    "registratienummer_politie": r".*",
    "volgnummer_verdachte": r"(0[1-9])?",
    "classificatie": "KP|KST|ZEDEN|OVERIG",
    "datum_inschrijving": DAY,
    "afdoening": "(dagvaarding|strafbeschikking|sepot|voorwaardelijk_sepot|indigo)?",
    "gevoegd_bij": f"({CASE_NUMBER})?",
    "tijdstip_mutatie": r".+Z",
}
REPORT_WORDS: dict[str, set[str | None]] = {
    "mutation": {"received", "assessed"},
    "hotline": {"meldpunt"},
    "channel": {"website", "anonymous_line", "phone", "email", "other"},
    "theme": {"online_material", "transnational", "other"},
    "outcome": {
        None,
        "investigation_started",
        "added_to_investigation",
        "under_examination",
        "forwarded_abroad",
        "insufficient",
        "screened_out",
    },
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("scenario") / "2014"
    SCENARIO.write(out)
    return out


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def reports_of(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def recorded_on(row: dict[str, str]) -> date:
    return day_of(datetime.fromisoformat(row.get("tijdstip_mutatie") or row["recorded_at"]))


def normal_dossier_number(typed: str) -> str:
    cleaned = re.sub(r"[^A-Z0-9-]", "", typed.upper())
    return f"{cleaned[:6]}-{cleaned[6:].lstrip('-')[:10]}" if DOSSIER_NUMBER.fullmatch(cleaned) else ""


def newest_deliveries(written: Path, as_of: date) -> Rows:
    rows = rows_of(written / f"police-{FIRST}.csv") + rows_of(written / f"police-{SECOND}.csv")
    known = sorted(
        (r for r in rows if recorded_on(r) <= as_of), key=lambda r: datetime.fromisoformat(r["tijdstip_mutatie"])
    )
    newest = {(normal_dossier_number(r["registratienummer"]), r["volgnummer_verdachte"]): r for r in known}
    return [r for r in newest.values() if r["mutatie"] != "ingetrokken" and r["datum_aanlevering"].endswith("-2014")]


@pytest.mark.parametrize("as_of", [FIRST, SECOND])
def test_the_published_figures_come_out(written: Path, as_of: date) -> None:
    delivered = newest_deliveries(written, as_of)
    assert len(delivered) == 560
    cases = {normal_dossier_number(r["registratienummer"]) for r in delivered}
    assert len(cases) == 542
    cases_with = Counter(
        word
        for word in ("verspreiding", "productie", "misbruik")
        for _ in {r["registratienummer"][:17] for r in delivered if word in r["kwalificaties"].split("|")}
    )
    assert cases_with == {"verspreiding": 167, "productie": 78, "misbruik": 62}
    assert len({r["eenheid"] for r in delivered}) == 11
    truth = rows_of(written / "truth.csv")
    ours = [r for r in truth if (r["side"], r["period"], r["as_of"]) == ("police", "2014", as_of.isoformat())]
    assert Counter(r["recognised"] for r in ours) == {"true": 516, "false": 44}
    assert {r["dossier_number"] for r in ours} == cases


@pytest.mark.parametrize(("column", "as_of"), [(0, FIRST), (1, SECOND)])
def test_the_page_says_the_split(column: int, as_of: date) -> None:
    page = (ROOT / "docs" / "scenarios" / "2014.md").read_text(encoding="utf-8")
    said = {m[1]: int(m[2 + column]) for m in re.finditer(r"^\| `(\w+)` \| (\d+) \| (\d+) \|$", page, re.MULTILINE)}
    truths = SCENARIO.truths()
    found = count_of(truths, side="police", period=2014, as_of=as_of)
    found |= count_of(truths, side="om", period=2014, as_of=as_of)
    del found[""]
    assert found == {cause: suspects for cause, suspects in said.items() if suspects}


def test_the_page_says_what_was_known_on_the_last_day_of_the_year() -> None:
    page = (ROOT / "docs" / "scenarios" / "2014.md").read_text(encoding="utf-8")
    last_day = date(2014, 12, 31)
    found = count_of(SCENARIO.truths([last_day]), side="police", period=2014, as_of=last_day)
    assert f"{sum(found.values())} delivered and {found['']} recognised" in page


@pytest.mark.parametrize(("source", "cells"), [("police", POLICE_CELLS), ("om", OM_CELLS)])
@pytest.mark.parametrize("covers", [FIRST, SECOND])
def test_every_row_is_valid(written: Path, source: str, cells: dict[str, str], covers: date) -> None:
    rows = rows_of(written / f"{source}-{covers}.csv")
    assert list(rows[0]) == list(cells)
    wrong = [(column, row[column]) for row in rows for column in cells if not re.fullmatch(cells[column], row[column])]
    assert wrong == []
    assert all(row["overgedragen_aan"] for row in rows if row["mutatie"] == "overgedragen")
    assert all(row["gevoegd_bij"] for row in rows if row["mutatie"] == "samengevoegd")
    days = [row.get("datum_aanlevering") or row["datum_inschrijving"] for row in rows]
    assert all(date(int(day[6:]), int(day[3:5]), int(day[:2])) for day in days)
    assert {row["mutatie"] for row in rows} == set(cells["mutatie"].split("|"))


@pytest.mark.parametrize("covers", [FIRST, SECOND])
def test_every_report_is_valid(written: Path, covers: date) -> None:
    for report in reports_of(written / f"hotline-{covers}.jsonl"):
        assert all(report[name] in words for name, words in REPORT_WORDS.items())
        assert report["report_id"].startswith("SYN-")
        assert date.fromisoformat(report["received_on"]) <= recorded_on(report)
        assert (report["outcome"] is None) == (report["mutation"] == "received")


@pytest.mark.parametrize(
    ("name", "read"), [("police-{}.csv", rows_of), ("om-{}.csv", rows_of), ("hotline-{}.jsonl", reports_of)]
)
def test_the_second_set_begins_where_the_first_ends(written: Path, name: str, read: Callable[[Path], Rows]) -> None:
    first, second = read(written / name.format(FIRST)), read(written / name.format(SECOND))
    assert max(map(recorded_on, first)) <= FIRST
    repeated = [row for row in second if recorded_on(row) <= FIRST]
    assert 0 < len(repeated) < 30
    assert all(row in first for row in repeated)
    assert max(map(recorded_on, second)) <= SECOND


def test_a_moment_that_is_january_in_utc_only_is_in_the_second_set(written: Path) -> None:
    (row,) = [r for r in rows_of(written / f"om-{SECOND}.csv") if r["tijdstip_mutatie"] == "2015-01-31T23:10:00Z"]
    assert row not in rows_of(written / f"om-{FIRST}.csv")


def test_registrations_carry_what_makes_normalising_matter(written: Path) -> None:
    typed = [row["registratienummer_politie"] for row in rows_of(written / f"om-{FIRST}.csv")]
    assert any(" " in number and normal_dossier_number(number) for number in typed)
    assert any(re.search(r"\d-\d{1,3}$", number) for number in typed)
    assert any(number.startswith("pl") for number in typed)
    assert "" in typed
    assert any(number and not normal_dossier_number(number) for number in typed)


def test_no_two_dossier_numbers_are_within_one_edit(written: Path) -> None:
    columns = [("police", "registratienummer"), ("om", "registratienummer_politie")]
    numbers = {
        normal_dossier_number(row[column])
        for source, column in columns
        for covers in (FIRST, SECOND)
        for row in rows_of(written / f"{source}-{covers}.csv")
    } - {""}
    serials = {number[-6:] for number in numbers}
    assert len(serials) == len(numbers)
    assert all(within_one_edit(serial) & serials == {serial} for serial in serials)


def test_the_bytes_are_the_same_every_time(written: Path, tmp_path: Path) -> None:
    write = (
        "import sys, pathlib, ketenbalans.scenarios.registry as r; r.SCENARIOS['2014'].write(pathlib.Path(sys.argv[1]))"
    )
    for hash_seed in ("1", "2"):
        out = tmp_path / hash_seed
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
        subprocess.run([sys.executable, "-c", write, str(out)], check=True, cwd=ROOT, env=environment)
        assert {p.name: p.read_bytes() for p in out.iterdir()} == {p.name: p.read_bytes() for p in written.iterdir()}


def test_writing_names_its_files_in_order_and_says_synthetic(tmp_path: Path) -> None:
    names = [path.name for path in SCENARIO.write(tmp_path / "deep" / "down")]
    sets = [f"{source}-{day}.{kind}" for day in (FIRST, SECOND) for source, kind in
            (("police", "csv"), ("om", "csv"), ("hotline", "jsonl"))]  # fmt: skip
    assert names == [*sets, "truth.csv", "SYNTHETIC.txt"]
    notice = (tmp_path / "deep" / "down" / "SYNTHETIC.txt").read_text(encoding="utf-8")
    assert all(word in notice for word in ("Synthetic", "Assumed", "kst-31015-112", "560", "516", "542"))
