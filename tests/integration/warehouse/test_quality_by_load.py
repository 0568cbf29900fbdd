"""A check after a load looks at what that load brought, and comes to what a check of all rows comes to."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from ketenbalans.cli.main import app
from ketenbalans.jobs.quality.check_quality import check_quality, docs_of
from ketenbalans.jobs.quality.runs import kept_results
from ketenbalans.quality.suite import Expected, digest_of, expectations
from ketenbalans.settings import Settings
from schemas.quality import Concern
from tests.integration.warehouse.rows import EXTRACTS, MOMENT, OM, POLICE, control, load_covered, load_rows, om, police
from warehouse.quality_results import (
    LoadsCovered,
    QualityFinding,
    QualityResult,
    passed_up_to,
    sources_to_check,
    store_quality_result,
)

pytestmark = [
    pytest.mark.stack,
    # Great Expectations imports them; they are gone in Python 3.13, as it is reported.
    pytest.mark.filterwarnings("ignore:module 'sre_(constants|parse)' is deprecated:DeprecationWarning"),
]

TOKEN = "e" * 64
BAD = QualityFinding(expectation="is filled", column="unit", rows=1)


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def kept(engine: Engine, covers: LoadsCovered, *findings: QualityFinding, suite: str = "suite") -> int:
    """Keep a result of the police as if a run had come to it, and say from where the next run would go on."""
    result = QualityResult(
        source=POLICE.name,
        success=not findings,
        positions={},
        expectations=1,
        findings=findings,
        covers=covers,
        suite=suite,
    )
    with engine.begin() as connection:
        store_quality_result(connection, result)
        return passed_up_to(connection, POLICE, suite="suite")


def test_a_run_goes_on_from_the_last_one_that_passed_and_never_past_one_that_failed(engine: Engine) -> None:
    assert kept(engine, LoadsCovered(0, 10)) == 10
    assert kept(engine, LoadsCovered(10, 11), BAD) == 10
    assert kept(engine, LoadsCovered(10, 12), BAD) == 10, "what failed is looked at until it passes"
    assert kept(engine, LoadsCovered(10, 13)) == 13
    assert kept(engine, LoadsCovered(0, 13), BAD) == 0, "what failed may lie before the load that passed"
    assert kept(engine, LoadsCovered(13, 14), BAD) == 0
    assert kept(engine, LoadsCovered(0, 14)) == 14


def test_what_a_record_refers_to_is_asked_of_all_records_in_every_run(engine: Engine) -> None:
    dangling = replace(BAD, concern=Concern.REFERENCE.value)
    assert kept(engine, LoadsCovered(0, 10), dangling) == 10
    assert kept(engine, LoadsCovered(10, 11), dangling, BAD) == 10
    assert kept(engine, LoadsCovered(10, 12), dangling) == 12


def test_another_suite_and_a_run_that_kept_no_load_begin_anew(engine: Engine) -> None:
    assert kept(engine, LoadsCovered(0, None)) == 0
    assert kept(engine, LoadsCovered(0, 10), suite="other") == 0
    assert kept(engine, LoadsCovered(0, 11)) == 11
    assert kept(engine, LoadsCovered(11, 12), suite="other") == 0


@pytest.mark.parametrize(
    ("covers", "words"),
    [
        (LoadsCovered(0, None), "all"),
        (LoadsCovered(0, 9), "all"),
        (LoadsCovered(11, 12), "load 12"),
        (LoadsCovered(11, 14), "loads 12 to 14"),
        (LoadsCovered(14, 14), "no new load"),
    ],
)
def test_which_rows_a_run_covers_is_said_in_words(covers: LoadsCovered, words: str) -> None:
    assert str(covers) == words


def test_a_suite_is_another_one_when_anything_in_it_is() -> None:
    suite = expectations(POLICE)
    more = Expected("is odd", "suspect_number", "ExpectColumnValuesToBeInSet", {"value_set": [1]})
    digests = {digest_of(one) for one in (suite, suite[:-1], [*suite, more], expectations(OM))}
    assert len(digests) == 4
    assert digest_of(expectations(POLICE)) == digest_of(suite)


def test_the_sources_to_check_are_those_of_which_something_came_in(engine: Engine, settings: Settings) -> None:
    def due() -> list[str]:
        with engine.connect() as connection:
            return sources_to_check(connection)

    assert due() == []
    load_rows(engine, POLICE, [police("a")])
    load_rows(engine, OM, [om("a")])
    assert due() == [OM.name, POLICE.name]
    check_quality(POLICE, engine=engine, settings=settings)
    assert due() == [OM.name]
    load_rows(engine, POLICE, [police("a")])  # known already: the offsets moved, and nothing was loaded
    assert due() == [OM.name, POLICE.name]
    assert str(check_quality(POLICE, engine=engine, settings=settings).covers) == "no new load"
    assert due() == [OM.name]
    with engine.begin() as connection:  # a run from before loads were kept
        connection.execute(text("UPDATE quality_result SET up_to_load = NULL, suite = NULL"))
    assert due() == [OM.name, POLICE.name]


def test_an_earlier_red_is_not_hidden_by_later_good_rows(engine: Engine, settings: Settings) -> None:
    load_rows(engine, POLICE, [police("a")])
    assert check_quality(POLICE, engine=engine, settings=settings).covers == LoadsCovered(0, 1)
    load_rows(engine, POLICE, [police("b", suspect_number=2, person_token="not a token")])
    load_rows(engine, POLICE, [police("c", suspect_number=3, person_token=TOKEN)])
    for last in (3, 4):
        result = check_quality(POLICE, engine=engine, settings=settings)
        assert (result.success, result.covers) == (False, LoadsCovered(1, last))
        assert [(one.column, one.rows) for one in result.findings] == [("person_token", 1)]
        load_rows(engine, POLICE, [police(f"d{last}", suspect_number=last + 1)])
    page = (docs_of(settings, POLICE) / "index.html").read_text(encoding="utf-8")
    assert "the rows of loads 2 to 4" in page
    (newest,) = kept_results(engine, [POLICE], settings=settings, history=False)
    assert newest.to_dict()["covers"] == "loads 2 to 4"
    with_all = check_quality(POLICE, engine=engine, settings=settings, all_rows=True)
    assert (with_all.success, str(with_all.covers)) == (False, "all")
    assert "all rows" in (docs_of(settings, POLICE) / "index.html").read_text(encoding="utf-8")
    assert check_quality(POLICE, engine=engine, settings=settings).covers.is_all, "what failed may be anywhere"


def test_a_new_row_is_held_against_the_old_ones(engine: Engine, settings: Settings) -> None:
    until = MOMENT.date() + timedelta(days=30)
    joined = om("b", case_number="0900000214", mutation="joined", joined_into="0900000399")
    load_covered(engine, OM, [om("a"), joined], until=until)
    assert check_quality(OM, engine=engine, settings=settings).success
    load_rows(engine, OM, [om("c", classification="ZEDEN")])
    load_rows(engine, OM, [om("d", case_number="0900000314")])
    result = check_quality(OM, engine=engine, settings=settings)
    assert result.covers == LoadsCovered(1, 3)
    assert [(one.column, one.rows) for one in result.findings] == [("case_number, recorded_at, mutation", 2)]
    load_covered(engine, OM, [], until=until + timedelta(days=60))
    result = check_quality(OM, engine=engine, settings=settings)
    assert {one.column for one in result.findings} == {"case_number, recorded_at, mutation", "joined_into"}
    assert result.covers == LoadsCovered(1, 3), "the record that refers to nothing came before them"


def test_a_person_checks_what_came_in_or_all_rows(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    monkeypatch.setattr("ketenbalans.jobs.quality.runs.give_way", lambda _: None)

    def check(*options: str) -> tuple[int, str]:
        ended = CliRunner().invoke(app, ["quality", "check", "police", *options, "--json"])
        (result,) = json.loads(ended.stdout)
        return ended.exit_code, result["covers"]

    load_rows(engine, POLICE, [police("a")])
    assert check() == (0, "all")
    load_rows(engine, POLICE, [police("b", suspect_number=2)])
    assert [check(), check("--all")] == [(0, "load 2"), (0, "all")]
    load_rows(engine, POLICE, [police("c", suspect_number=3, person_token="not a token")])
    assert check() == (1, "load 3")


@pytest.mark.parametrize("seed", range(2))
def test_load_by_load_a_run_passes_when_a_run_over_all_rows_does(
    engine: Engine, settings: Settings, seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    load_rows(engine, EXTRACTS, [control("a", POLICE.name, date(2100, 1, 1), topic_id="T", offsets="{}")])
    verdicts = []
    for number in range(4):
        load_rows(engine, POLICE, [_row(chance, f"{number}-{place}", bad=number > 1) for place in range(3)])
        by_load = check_quality(POLICE, engine=engine, settings=settings)
        whole = check_quality(POLICE, engine=engine, settings=Settings(home=tmp_path / "whole"), all_rows=True)
        _forget_the_newest(engine)  # the next run goes on from the one by load
        assert by_load.success == whole.success, (by_load.findings, whole.findings)
        verdicts.append(by_load.success)
    assert verdicts[0]


def _forget_the_newest(engine: Engine) -> None:
    newest = "(SELECT max(quality_result_id) FROM quality_result)"
    with engine.begin() as connection:
        connection.execute(text(f"DELETE FROM quality_result WHERE quality_result_id = {newest}"))


def _row(chance: random.Random, event: str, *, bad: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {"suspect_number": chance.randint(1, 10_000), "person_token": chance.choice([None, TOKEN])}
    if bad and chance.random() < 0.2:
        fields |= chance.choice([{"person_token": "x"}, {"unit": ""}, {"delivered_on": date(1900, 1, 1)}])
    return police(event, **fields)
