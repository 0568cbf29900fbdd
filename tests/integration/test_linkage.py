"""How good links are, in a real warehouse: drawn, judged, taken; and nothing that counts is moved by it."""

import csv
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.linkage.drawing import DrawnLinks, draw_links
from ketenbalans.jobs.linkage.measuring import measure_links, read_truth
from ketenbalans.jobs.linkage.rows import COLUMNS, SHOWN
from ketenbalans.jobs.linkage.taking import JudgementsRefused, JudgementsTaken, take_judgements
from ketenbalans.jobs.reporting.report import make_report
from ketenbalans.scenarios.extract_files import as_csv
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.settings import Settings
from ketenbalans.spreadsheet_cells import STARTS_A_FORMULA, write_rows
from schemas.decisions import InvalidDecision
from schemas.link_judgements import LinkDraw
from schemas.people import InvalidHandle
from schemas.period import Period
from tests.integration.command_line import Ended, in_this_process
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.scenario_events import digits, load_scenario
from tests.integration.warehouse.rows import OM, POLICE, load_rows, om, police, tokens, with_token
from warehouse.tables.events import event_table
from warehouse.tables.linkage import LINK_JUDGEMENT

pytestmark = pytest.mark.stack

YEAR, AS_OF = Period.of_year(2014), YEAR_2014.covers[0]
SETTINGS = Settings()
POLICY = SETTINGS.read_policy()
TODAY, MOMENT = date(2015, 2, 2), datetime(2015, 1, 30, 9, tzinfo=UTC)
TRUTH = as_csv(one.cells() for one in YEAR_2014.truths())
OTHER_CASES = as_csv(
    one.cells() | ({"case_number": "18/999999-14"} if place % 9 == 0 else {})
    for place, one in enumerate(YEAR_2014.truths())
)
"""A truth in which every ninth suspect has a registration that no register knows."""
TRUE_CASES = {
    (row["dossier_number"], row["suspect_number"]): row["true_case_number"]
    for row in read_truth(OTHER_CASES, period=YEAR, as_of=AS_OF).iter_rows(named=True)
}


@pytest.fixture(scope="module")
def loaded(new_warehouse: NewWarehouse) -> Engine:
    engine = new_warehouse()
    load_scenario(engine, YEAR_2014)
    return engine


@pytest.fixture
def warehouse(loaded: Engine, copy_of: CopyOf) -> Engine:
    return copy_of(loaded)


def draw(engine: Engine, rule: int | None, *, size: int = 20, seed: int = 1) -> DrawnLinks:
    return draw_links(engine, LinkDraw(period=YEAR, as_of=AS_OF, rule=rule, size=size, seed=seed), policy=POLICY)


def filled_in(drawn: DrawnLinks, verdict_of: Callable[[dict[str, str]], str]) -> bytes:
    """The file as a Dutch spreadsheet saves it when a person has filled it in."""
    rows = list(csv.DictReader(io.StringIO(drawn.to_csv().decode("utf-8-sig"), newline="")))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0], delimiter=";")
    writer.writeheader()
    for row in rows:
        day = f"{row['delivered_on'][8:]}-{row['delivered_on'][5:7]}-{row['delivered_on'][:4]}"
        writer.writerow(row | {"delivered_on": day, "judgement": verdict_of(row)})
    return out.getvalue().encode()


def by_the_truth(row: dict[str, str]) -> str:
    """What somebody finds who knows: of a suspect with a cause whether the OM has another registration of theirs."""
    true_case = TRUE_CASES[row["dossier_number"], int(row["suspect_number"])]
    is_theirs = row["rule"] not in ("", "6") and digits(row["case_number"]) == true_case
    if row["draw"].find("unlinked") < 0:
        return "same" if is_theirs else "other"
    return "same" if true_case and not is_theirs else "other"


def take(engine: Engine, content: bytes, *, by: str = "desk-1") -> JudgementsTaken:
    return take_judgements(engine, content, by=by, on=TODAY, policy=POLICY)


def kept(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(LINK_JUDGEMENT)) or 0


def test_the_links_of_a_scenario_against_its_truth(loaded: Engine) -> None:
    measured = measure_links(loaded, period=YEAR, as_of=AS_OF, policy=POLICY, truth=TRUTH)
    found, true = measured.quality, measured.truth
    made = reconcile(loaded, SETTINGS, period=YEAR, as_of=AS_OF, policy=POLICY, keeps_breaks=False)
    assert {str(one.rule): one.links for one in found.rules} == {
        rule: links for rule, links in made.links.items() if rule != "6"
    }
    assert found.unlinked == made.gap
    assert true is not None
    assert true.false_links_in_all.of == found.links
    assert true.false_links_in_all.found == 0
    assert true.missed_links.found == 0


def test_every_row_shows_both_records_and_no_person(loaded: Engine) -> None:
    drawn = draw(loaded, 1, size=15)
    assert (len(drawn.rows), drawn.out_of > 15) == (15, True)
    text_of_file = drawn.to_csv().decode("utf-8-sig")
    assert not any(token in text_of_file for token in tokens(loaded).values() if token)
    first = drawn.rows[0]
    assert set(first) == set(COLUMNS)
    assert {name for name in SHOWN if not first[name]} <= {"cause", "transferred_to", "om_suspect_number"}
    assert (first["rule"], first["rests_on"], first["judgement"]) == ("1", "equal_tokens", "")
    delivered, registered = (date.fromisoformat(first[name]) for name in ("delivered_on", "registered_on"))
    assert int(first["days_between"]) == (registered - delivered).days


def test_a_draw_is_the_same_again_and_another_seed_gives_another(loaded: Engine) -> None:
    assert draw(loaded, 1).to_csv() == draw(loaded, 1).to_csv()
    assert draw(loaded, 1).to_csv() != draw(loaded, 1, seed=2).to_csv()
    every = draw(loaded, None, size=1000)
    assert len(every.rows) == every.out_of
    assert all(row["cause"] for row in every.rows)


def test_what_is_judged_gives_rates_and_moves_nothing_that_counts(warehouse: Engine) -> None:
    before = reconcile(warehouse, SETTINGS, period=YEAR, as_of=AS_OF, policy=POLICY, keeps_breaks=True)
    files = [filled_in(draw(warehouse, rule, size=30), by_the_truth) for rule in (1, 2, 3, 4, None)]
    taken = [take(warehouse, content) for content in files if content.count(b"\n") > 1]
    assert all(one.kept == one.judged > 0 for one in taken)
    assert kept(warehouse) == sum(one.kept for one in taken)

    measured = measure_links(warehouse, period=YEAR, as_of=AS_OF, policy=POLICY, truth=OTHER_CASES)
    found, true = measured.quality, measured.truth
    assert true is not None
    for one in found.rules:
        exact = true.false_links[one.rule].rate
        assert one.verdicts.judged == min(one.links, 30)
        assert exact is None or one.false_links.low <= exact <= one.false_links.high
    assert true.false_links_in_all.found > 0
    assert true.missed_links.found > 0
    assert found.false_links.low <= (true.false_links_in_all.rate or 0) <= found.false_links.high
    assert found.missed_links.low <= (true.missed_links.rate or 0) <= found.missed_links.high
    assert found.drawn_as_of == (AS_OF,)

    after = reconcile(warehouse, SETTINGS, period=YEAR, as_of=AS_OF, policy=POLICY, keeps_breaks=True)
    assert after == before
    with warehouse.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM balance")) == 1
        assert connection.scalar(text("SELECT count(*) FROM decision")) == 0


def test_a_report_has_the_rates_when_there_are_judgements(warehouse: Engine, tmp_path: Path) -> None:
    def reported(name: str) -> dict[str, Any]:
        make_report(warehouse, SETTINGS, period=YEAR, as_of=AS_OF, out=tmp_path / name, languages=["en"])
        (file,) = (tmp_path / name).glob("*.json")
        document: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return document

    without = reported("without")
    take(warehouse, filled_in(draw(warehouse, 1), by_the_truth))
    judged = reported("judged")
    quality = measure_links(warehouse, period=YEAR, as_of=AS_OF, policy=POLICY).quality
    assert judged.pop("link_quality") == quality.to_json()
    assert judged == without
    (page,) = (tmp_path / "judged").glob("*.en.html")
    assert "How good the links are" in page.read_text("utf-8")


def test_a_file_taken_twice_is_taken_once_also_at_the_same_moment(warehouse: Engine) -> None:
    content = filled_in(draw(warehouse, 1), by_the_truth)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: take(warehouse, content), range(2)))
    assert sorted(one.kept for one in both) == [0, 20]
    assert take(warehouse, content) == JudgementsTaken(judged=20, kept=0, not_judged=0)
    assert take(warehouse, content, by="desk-2").kept == 20  # somebody else looked too
    otherwise = filled_in(draw(warehouse, 1), lambda _: "unsure")
    assert take(warehouse, otherwise).kept == 20
    found = measure_links(warehouse, period=YEAR, as_of=AS_OF, policy=POLICY).quality
    assert (found.rules[0].verdicts.judged, found.rules[0].verdicts.unsure) == (20, 20)
    assert kept(warehouse) == 60


def test_a_row_that_nobody_judged_yet_waits(warehouse: Engine) -> None:
    drawn = draw(warehouse, 1)
    last = drawn.rows[-1]["dossier_number"]
    half = filled_in(drawn, lambda row: "" if row["dossier_number"] == last else " Same ")
    assert take(warehouse, half) == JudgementsTaken(judged=19, kept=19, not_judged=1)
    assert take(warehouse, filled_in(drawn, lambda _: "same")).kept == 1


def test_a_link_that_is_no_longer_what_was_drawn_keeps_all_from_being_taken(warehouse: Engine) -> None:
    drawn = draw(warehouse, 1, size=5)
    content = filled_in(drawn, lambda _: "same")
    moved = drawn.rows[2]
    reclassify(warehouse, digits(moved["case_number"]))
    with pytest.raises(JudgementsRefused) as refused:
        take(warehouse, content)
    assert str(refused.value).splitlines() == [
        "1 of 5 judgements cannot be taken, so nothing was kept:",
        "line 4: it is no longer what was drawn (cause was empty, is other_classification; classification was KP, is "
        "ZEDEN; om_mutation was registered, is reclassified); draw again",
    ]
    assert kept(warehouse) == 0
    others = filled_in(drawn, lambda row: "" if row["case_number"] == moved["case_number"] else "same")
    assert take(warehouse, others).kept == 4


def reclassify(engine: Engine, case: str) -> None:
    """The OM recorded before the as-of day that the case is about something else; it is loaded only now."""
    table = event_table(OM)
    with engine.connect() as connection:
        query = select(table).where(table.c.case_number == case).order_by(table.c.recorded_at.desc()).limit(1)
        row = with_token(connection.execute(query).mappings().one(), tokens(engine))
    said = {name: row[name] for name in om("", MOMENT) if name in row}
    moved = {"event_id": "moved", "recorded_at": MOMENT, "mutation": "reclassified", "classification": "ZEDEN"}
    load_rows(engine, OM, [said | moved])


def test_what_cannot_be_taken_is_named_row_by_row(loaded: Engine) -> None:
    drawn = draw(loaded, 1, size=11)
    rows = [dict(row) | {"judgement": "same"} for row in drawn.rows]
    rows[0] |= {"judgement": "yes"}
    rows[1] |= {"draw": "rule 1"}
    rows[2] |= {"case_number": ""}
    rows[3] |= {"dossier_number": rows[4]["dossier_number"], "suspect_number": rows[4]["suspect_number"]}
    rows[5] |= {"row_digest": "r0"}
    rows[6] |= {"suspect_number": "77"}
    rows[7] |= {"draw": rows[7]["draw"].replace("rule 1", "rule 2")}
    rows[9] |= {"suspect_number": "9" * 30}
    rows[10] |= {"case_number": rows[8]["case_number"]}
    rows.append(rows[8] | {"judgement": "other"})
    with pytest.raises(JudgementsRefused) as refused:
        take(loaded, write_rows(COLUMNS, rows))
    first, *lines = str(refused.value).splitlines()
    assert first == "10 of 12 judgements cannot be taken, so nothing was kept:"
    reasons = {
        2: "its judgement is none of same, other, unsure; write one of these, or nothing",
        3: "a draw is written as it was drawn, such as",
        4: "its numbers are not as they were drawn",
        5: "it is no longer what was drawn (",
        7: "it is no longer what was drawn (the row is not as it was drawn); draw again",
        8: "no such suspect is delivered in 2014 any more",
        9: "its draw is of other rows; take it from the drawn file",
        11: "its numbers are not as they were drawn",
        12: "its numbers are not as they were drawn",
        13: "it says other of what line 10 says same of",
    }
    assert len(lines) == len(reasons)
    for line, (number, reason) in zip(lines, reasons.items(), strict=True):
        assert line.startswith(f"line {number}: {reason}")
    assert kept(loaded) == 0


@pytest.mark.parametrize(
    ("by", "on", "reason"), [("A. Name", TODAY, "short handle"), ("desk-1", date(2199, 1, 1), "still to come")]
)
def test_who_and_when_are_checked(loaded: Engine, by: str, on: date, reason: str) -> None:
    with pytest.raises((InvalidDecision, InvalidHandle), match=reason):
        take_judgements(loaded, draw(loaded, 1).to_csv(), by=by, on=on, policy=POLICY)


def test_no_spreadsheet_runs_what_somebody_typed(warehouse: Engine) -> None:
    typed = '=HYPERLINK("http://127.0.0.1")'
    person = {"person_token": "c" * 64}
    delivered = {"dossier_number": "PL0900-2014999999", "delivered_on": date(2014, 5, 1), **person}
    load_rows(warehouse, POLICE, [police("injected-1", MOMENT, **delivered)])
    registered = {"case_number": "0999999914", "dossier_number_as_reported": typed, "registered_on": date(2014, 5, 2)}
    load_rows(warehouse, OM, [om("injected-2", MOMENT, **registered, **person)])
    drawn = draw(warehouse, 3, size=1000)
    assert typed in {row["om_dossier_number"] for row in drawn.rows}
    cells = [cell for line in csv.reader(io.StringIO(drawn.to_csv().decode("utf-8-sig"), newline="")) for cell in line]
    assert f"'{typed}" in cells
    assert not any(cell.startswith(STARTS_A_FORMULA) for cell in cells)
    assert take(warehouse, filled_in(drawn, lambda _: "same")).kept == len(drawn.rows)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE link_judgement SET judgement = 'same'",
        "DELETE FROM link_judgement",
        "TRUNCATE link_judgement",
        "INSERT INTO link_judgement (period_start, period_end, as_of, size, seed, dossier_number, suspect_number, "
        "row_digest, judgement, judged_by, judged_on) VALUES ('2014-01-01', '2014-12-31', '2015-01-31', 1, 1, "
        "'PL0900-2014000001', 1, 'r', 'maybe', 'desk-1', '2015-02-02')",
    ],
)
def test_judgements_are_append_only_and_of_three_words(loaded: Engine, statement: str) -> None:
    with loaded.connect() as connection, pytest.raises(DBAPIError, match=r"append-only|violates check"):
        connection.execute(text(statement))


def test_the_verbs(warehouse: Engine, tmp_path: Path) -> None:
    asked = ("--period", "2014", "--as-of", AS_OF)

    def say(*arguments: object) -> Ended:
        return in_this_process("linkage", *arguments, engine=warehouse, COLUMNS="200")

    out, truth = tmp_path / "drawn.csv", tmp_path / "truth.csv"
    truth.write_bytes(TRUTH)
    drawn = say("draw", *asked, "--rule", 4, "--size", 5, "--seed", 1, "--out", out, "--json")
    assert (drawn.code, drawn.json["drawn"]) == (0, 5)
    out.write_bytes(out.read_bytes().replace(b",\r\n", b",same\r\n"))
    assert say("take", out, "--by", "desk-1", "--json").json == {"judged": 5, "kept": 5, "not_judged": 0}
    assert say("take", out, "--by", "desk-1").out == "5 judgements by desk-1: 0 kept, 5 kept before\n"
    out.write_bytes(out.read_bytes().replace(b",same\r\n", b",simular\r\n"))
    refused = say("take", out, "--by", "desk-1")
    assert (refused.code, "5 of 5 judgements cannot be taken" in refused.err) == (3, True)
    shown = say(*asked, "--truth", truth, "--json").json
    assert shown["rules"][3]["same"] == 5
    assert shown["truth"]["false_links"]["all"]["of"] == shown["all"]["links"]
    assert "false links" in say(*asked, "--truth", truth).out
    nobody_confirmed = say("draw", *asked, "--rule", 5, "--size", 5, "--seed", 1, "--out", tmp_path / "none.csv")
    assert nobody_confirmed.out.startswith("0 of 0 links by rule 5 drawn")
    assert say("draw", *asked, "--size", 5, "--seed", 1, "--out", out).code == 2
    assert say("--period", "2013", "--as-of", "2014-06-30", "--truth", truth).code == 1
    out.write_bytes(b"nothing")
    assert say("take", out, "--by", "desk-1").code == 1
