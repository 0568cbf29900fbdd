"""Whatever a scenario says: each record has one history, valid rows, its own number, and a place in every set."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ketenbalans.scenarios.extract_files import write_csv
from ketenbalans.scenarios.extract_sets import divided
from ketenbalans.scenarios.moments import AMSTERDAM, day_of
from ketenbalans.scenarios.registry import SCENARIOS
from ketenbalans.scenarios.rows import RegistrationRow
from ketenbalans.scenarios.sources import (
    AGGREGATES,
    EXTRACTS,
    HOTLINE,
    INTERVENTIONS,
    INVESTIGATIONS,
    KMAR,
    OM,
    POLICE,
)
from tests.reference.section2 import normalised
from tests.unit.scenarios.counted_by_hand import day

pytestmark = pytest.mark.laws

ROOT = Path(__file__).parents[3]
ALL = SCENARIOS["all"]
UNIT = r"PL\d\d[0-9A-Z]{2}"
DOSSIER_NUMBER = UNIT + r"-\d{10}"
DAY = r"\d\d-\d\d-\d{4}"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00"
CELLS = {
    KMAR: {
        "mutatie": "aangeleverd|overgedragen|gecorrigeerd|ingetrokken",
        "registratienummer": r"PL27[0-9A-Z]{2}-\d{10}",
        "volgnummer_verdachte": r"[1-9]\d*",
        "skn": r"(SYN-\d+)?",
        "brigade": r"PL27[0-9A-Z]{2}",
        "datum_aanlevering": DAY,
        "overgedragen_aan": f"({UNIT})?",
        "tijdstip_mutatie": MOMENT,
    },
    INTERVENTIONS: {
        "mutatie": "gerealiseerd|gecorrigeerd|ingetrokken",
        "interventienummer": r"SYN-I\d{6}",
        "soort": "proactief|regulier|eenvoudig|alternatief",
        "eenheid": UNIT,
        "datum_realisatie": DAY,
        "registratienummer": f"({DOSSIER_NUMBER})?",
        "volgnummer_verdachte": r"([1-9]\d*)?",
        "tijdstip_mutatie": MOMENT,
    },
    INVESTIGATIONS: {
        "mutatie": "gestart|gecorrigeerd|beeindigd|ingetrokken",
        "onderzoeksnummer": r"SYN-O\d{6}",
        "soort": "A|B|C",
        "eenheid": UNIT,
        "datum_start": DAY,
        "datum_einde": f"({DAY})?",
        "resultaat": "(identificatie|geen_identificatie)?",
        "tijdstip_mutatie": MOMENT,
    },
    AGGREGATES: {
        "mutatie": "opgeleverd|gecorrigeerd|ingetrokken",
        "maat": r"[a-z_]+",
        "categorie": "all|kst|B",
        "grondslag": "gezamenlijk|beeldteams|tbkk|niet_vermeld|enig",
        "periode_van": DAY,
        "periode_tot_en_met": DAY,
        "peildatum": DAY,
        "aantal": r"\d+",
        "tijdstip_mutatie": MOMENT,
    },
}
OPENING: dict[str, tuple[str, Callable[[Any], Any]]] = {
    POLICE: ("aangeleverd", lambda row: (row.dossier_number, row.suspect_number)),
    OM: ("ingeschreven", lambda row: re.sub(r"\D", "", row.case_number)),
    KMAR: ("aangeleverd", lambda row: (row.dossier_number, row.suspect_number)),
    HOTLINE: ("received", lambda row: row.report_id),
    INTERVENTIONS: ("gerealiseerd", lambda row: row.intervention_number),
    INVESTIGATIONS: ("gestart", lambda row: row.investigation_number),
    AGGREGATES: ("opgeleverd", lambda row: row.count),
}
each_scenario = pytest.mark.parametrize("name", SCENARIOS)


@each_scenario
def test_each_record_has_one_history(name: str) -> None:
    """It begins once, and its moments ascend: so no two records share a number."""
    for source, rows in SCENARIOS[name].records.rows.items():
        opening, record = OPENING[source]
        histories: defaultdict[Any, list[Any]] = defaultdict(list)
        for row in rows:
            histories[record(row)].append(row)
        for history in histories.values():
            assert [row.mutation == opening for row in history] == [True] + [False] * (len(history) - 1)
            moments = [row.recorded_at for row in history]
            assert moments == sorted(set(moments))


@each_scenario
def test_every_cell_is_valid(name: str) -> None:
    for source, rows in SCENARIOS[name].records.rows.items():
        cells = CELLS.get(source, {})
        for row in rows if cells else ():
            written = row.cells()
            assert list(written) == list(cells)
            assert [
                column
                for column, pattern in cells.items()
                if (value := written[column]) is None or not re.fullmatch(pattern, value)
            ] == []
            if source != AGGREGATES:
                assert written["mutatie"] != "beeindigd" or written["datum_einde"]
                assert written["mutatie"] != "overgedragen" or written["overgedragen_aan"]


@each_scenario
def test_nothing_is_recorded_before_it_happened(name: str) -> None:
    columns = {POLICE: "datum_aanlevering", KMAR: "datum_aanlevering", INTERVENTIONS: "datum_realisatie",
               INVESTIGATIONS: "datum_start", AGGREGATES: "peildatum"}  # fmt: skip
    for source, column in columns.items():
        for row in SCENARIOS[name].records.rows.get(source, ()):
            assert day(row.cells()[column] or "") <= day_of(row.recorded_at)
    for row in SCENARIOS[name].records.rows.get(INVESTIGATIONS, ()):
        ended = row.cells()["datum_einde"]
        assert not ended or day(row.cells()["datum_start"] or "") <= day(ended) <= day_of(row.recorded_at)


@each_scenario
def test_the_same_bytes_every_time(name: str, tmp_path: Path) -> None:
    once, again = SCENARIOS[name].write(tmp_path / "once"), replace(SCENARIOS[name]).write(tmp_path / "again")
    assert [path.name for path in once] == [path.name for path in again]
    assert all(one.read_bytes() == other.read_bytes() for one, other in zip(once, again, strict=True))


@each_scenario
def test_a_source_that_has_begun_reports_in_every_set(name: str) -> None:
    sets = SCENARIOS[name].sets()
    for before, after in pairwise(sets):
        assert before.rows.keys() <= after.rows.keys()
    assert sets[-1].rows.keys() == SCENARIOS[name].records.rows.keys()
    assert {POLICE, OM} <= sets[0].rows.keys()


def test_a_source_without_news_hands_over_its_header(tmp_path: Path) -> None:
    row = next(iter(ALL.records.chain.registrations)).rows[0]
    early = replace(row, recorded_at=datetime(2014, 2, 3, 9, tzinfo=AMSTERDAM))
    days = [date(2014, month, 28) for month in (1, 2, 3, 4)]
    sets = divided(days, {OM: [early]})
    assert [dict(one.rows) for one in sets] == [{}, {OM: [early]}, {OM: [early]}, {OM: []}]
    path = write_csv(tmp_path / "om.csv", (), columns=list(early.cells()))
    assert path.read_text(encoding="utf-8") == ";".join(early.cells()) + "\n"
    with pytest.raises(ValueError, match="no header"):
        write_csv(tmp_path / "om.csv", ())


@pytest.mark.parametrize("name", ["all", "2015-2018"])
def test_every_intervention_names_a_suspect_who_was_delivered_by_then(name: str) -> None:
    rows = SCENARIOS[name].records.rows
    delivered: dict[tuple[str, int], datetime] = {}
    gone = set()
    for row in map(vars, rows[POLICE]):
        key = (row["dossier_number"], row["suspect_number"])
        delivered.setdefault(key, row["recorded_at"])
        gone |= {key} if row["mutation"] == "ingetrokken" else set()
    files = {dossier for dossier, _ in delivered}
    with_delivery = without = 0
    for row in map(vars, rows[INTERVENTIONS]):
        dossier, suspect = row["dossier_number"], row["suspect_number"]
        with_delivery, without = with_delivery + bool(dossier), without + (not dossier)
        assert not dossier or dossier in files
        assert suspect is None or (delivered[dossier, suspect] < row["recorded_at"] and (dossier, suspect) not in gone)
    assert min(with_delivery, without) > 800


def test_each_report_has_the_owner_of_its_day_and_theme() -> None:
    owners = defaultdict(set)
    for row in ALL.records.rows[HOTLINE]:
        cells = row.cells()
        theme = "transnational" if cells["theme"] == "transnational" else "the others"
        owners[theme, cells["hotline"]].add(date.fromisoformat(cells["received_on"] or ""))
    assert set(owners) == {
        ("the others", "meldpunt"), ("the others", "eokm"),
        ("transnational", "meldpunt"), ("transnational", "eokm"), ("transnational", "dfc_ecpat"),
    }  # fmt: skip
    assert max(max(owners[theme, "meldpunt"]) for theme in ("transnational", "the others")) <= date(2016, 3, 31)
    assert min(min(owners[theme, "eokm"]) for theme in ("transnational", "the others")) >= date(2016, 4, 1)
    assert max(owners["transnational", "eokm"]) == date(2018, 5, 31)
    assert min(owners["transnational", "dfc_ecpat"]) == date(2018, 6, 1)
    assert max(owners["the others", "eokm"]) > date(2020, 1, 1)


def test_the_transnational_reports_came_in_over_two_channels() -> None:
    reports = [row.cells() for row in ALL.records.rows[HOTLINE]]
    assert {r["channel"] for r in reports if r["theme"] == "transnational"} == {"website", "anonymous_line"}
    assert len({r["channel"] for r in reports}) == 5


@pytest.mark.parametrize("name", ["all", "2013", "2015-2018", "2019"])
def test_the_kmar_delivered_what_the_om_holds_of_it_and_more(name: str) -> None:
    rows = SCENARIOS[name].records.rows
    delivered: dict[str | None, Any] = {row.cells()["registratienummer"]: row for row in rows[KMAR]}
    held: dict[str, RegistrationRow] = {}
    for row in rows[OM]:
        number = normalised(row.cells()["registratienummer_politie"] or "") or ""
        if number.startswith("PL27"):
            assert isinstance(row, RegistrationRow)
            held[number] = row
    assert held.keys() < delivered.keys()
    assert not any((row.cells()["registratienummer"] or "").startswith("PL27") for row in rows[POLICE])
    for number, registered in held.items():
        assert delivered[number].skn == registered.skn
        assert delivered[number].delivered_on < registered.registered_on


@each_scenario
def test_a_page_and_a_notice_say_what_is_published_and_what_is_assumed(name: str) -> None:
    page = (ROOT / "docs" / "scenarios" / f"{name}.md").read_text(encoding="utf-8")
    assert f"ketenbalans scenario {name} --out DIR" in page
    assert "assum" in page
    notice = SCENARIOS[name].notice
    assert all(word in notice for word in ("Synthetic", "Published", "Assumed"))
    stems = {EXTRACTS[source].stem for source in SCENARIOS[name].records.rows}
    assert set(re.findall(r"(\w+)-\*\.", notice)) == stems
