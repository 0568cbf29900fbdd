"""The suites over real tables: silent on good rows, right on bad ones, and without a value in what they say."""

import json
import logging
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ketenbalans.jobs.quality.check_quality import check_quality
from ketenbalans.jobs.quality.numbers import numbers_of
from ketenbalans.jobs.quality.runs import SuiteFailed, check_quality_of, kept_results
from ketenbalans.quality.suite import references
from ketenbalans.settings import Settings
from schemas.declaration import Source
from schemas.quality import Concern
from schemas.sources.kmar_deliveries import SOURCE as KMAR
from tests.integration.warehouse.rows import (
    EXTRACTS,
    HOTLINE,
    INTERVENTIONS,
    MOMENT,
    OM,
    POLICE,
    control,
    intervention,
    load_covered,
    load_rows,
    om,
    police,
    report,
)
from warehouse.database import snapshot
from warehouse.extracts import covered_until
from warehouse.offsets import positions
from warehouse.quality_results import QualityResult, quality_of, store_quality_result, stored_quality_results

pytestmark = [
    pytest.mark.stack,
    # Great Expectations imports them; they are gone in Python 3.13, as it is reported.
    pytest.mark.filterwarnings("ignore:module 'sre_(constants|parse)' is deprecated:DeprecationWarning"),
]

TOKEN = "e" * 64


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def site_of(settings: Settings) -> str:
    """All the data docs as one text."""
    pages = sorted((settings.home / "quality").rglob("*"))
    return "".join(page.read_text(encoding="utf-8") for page in pages if page.suffix in (".html", ".css", ".json"))


def found_in(engine: Engine, source: Any, settings: Settings) -> set[tuple[str | None, str, int | None]]:
    result = check_quality(source, engine=engine, settings=settings)
    return {(finding.column, finding.expectation.split(" ")[0], finding.rows) for finding in result.findings}


def test_good_rows_pass_and_the_result_says_which_rows_it_is_about(engine: Engine, settings: Settings) -> None:
    load_rows(
        engine, POLICE, [police("a", qualifications=["abuse"], person_token=TOKEN), police("b", suspect_number=2)]
    )
    load_rows(engine, OM, [om("a", person_token=TOKEN), om("b", MOMENT + timedelta(days=1), mutation="lapsed")])
    load_rows(engine, EXTRACTS, [control("a", POLICE.name, date(2100, 1, 1), topic_id="T", offsets="{}")])
    for source in (POLICE, OM, EXTRACTS):
        assert check_quality(source, engine=engine, settings=settings).success
    with engine.connect() as connection:
        at = positions(connection)
        assert quality_of(connection, at) == {POLICE.name: "passed", OM.name: "passed"}
        (kept,) = stored_quality_results(connection, POLICE)
    assert kept.positions == at[POLICE.name]
    load_rows(engine, OM, [om("c", case_number="0900000214")])
    with engine.connect() as connection:
        assert quality_of(connection, positions(connection)) == {POLICE.name: "passed", OM.name: "not_checked"}


def test_two_rows_of_one_moment_are_a_contradiction_in_the_source(engine: Engine, settings: Settings) -> None:
    load_rows(engine, OM, [om("a"), om("b", classification="ZEDEN"), om("c", mutation="disposed")])
    assert found_in(engine, OM, settings) == {("case_number, recorded_at, mutation", "says", 2)}


def test_a_report_under_another_owner_than_that_of_its_day_is_reported_of_and_not_refused(
    engine: Engine, settings: Settings
) -> None:
    days = [date(2016, 3, 31), date(2016, 4, 1), date(2018, 5, 31), date(2018, 6, 1)]
    owners = ["meldpunt", "eokm", "eokm", "dfc_ecpat"]
    reports = [
        report(
            f"{theme} {day}",
            datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            report_id=f"{theme} {day}",
            received_on=day,
            theme=theme,
            hotline="eokm" if owner == "dfc_ecpat" and theme != "transnational" else owner,
        )
        for day, owner in zip(days, owners, strict=True)
        for theme in ("transnational", "online_material", "other")
    ]
    load_rows(engine, HOTLINE, reports)
    assert check_quality(HOTLINE, engine=engine, settings=settings).success
    wrong = [("transnational", "eokm"), ("online_material", "dfc_ecpat"), ("transnational", "meldpunt")]
    for place, (theme, owner) in enumerate(wrong):
        named = {"report_id": f"wrong {place}", "theme": theme, "hotline": owner, "received_on": date(2018, 6, 1)}
        load_rows(engine, HOTLINE, [report(f"wrong {place}", datetime(2018, 6, 1, 12, tzinfo=UTC), **named)])
    result = check_quality(HOTLINE, engine=engine, settings=settings)
    assert {(one.column, one.rows) for one in result.findings} == {("hotline", 2), ("hotline", 1)}
    assert all("where received_on lies from 2018-06-01" in one.expectation for one in result.findings)


def test_every_kind_of_bad_row_is_found_and_no_value_is_reported(
    engine: Engine, settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    _put_behind_the_gate(
        engine,
        [
            police("a", person_token="GEHEIM"),
            police("b", suspect_number=0, mutation="vanished", unit=""),
            police("c", suspect_number=3, qualifications=["GEHEIM"], delivered_on=date(1900, 1, 1)),
            police("d", suspect_number=4, mutation="transferred", recorded_at=datetime(2014, 5, 30, 21, tzinfo=UTC)),
            police("e", suspect_number=5, dossier_number=None),
        ],
    )
    assert found_in(engine, POLICE, settings) == {
        ("person_token", "matches", 1),
        ("suspect_number", "is", 1),
        ("mutation", "is", 1),
        ("unit", "matches", 1),
        ("qualifications", "is", 1),
        ("delivered_on", "lies", 1),
        ("delivered_on", "tells", 1),
        ("transferred_to", "is", 1),
        ("dossier_number", "is", 1),
    }
    with engine.connect() as connection:
        (kept,) = stored_quality_results(connection, POLICE)
        as_stored = json.dumps(connection.execute(text("SELECT to_jsonb(q) FROM quality_result q")).scalar_one())
    assert not kept.success
    assert kept.unsuccessful == 9
    output = capfd.readouterr()
    site = site_of(settings)
    assert "PL0900-2014000001" not in site
    assert "transferred_to is filled when the mutation is transferred" in site
    assert "http" not in site.replace("http-equiv", "")
    for said in (as_stored, output.out, output.err, caplog.text, repr(kept), site):
        assert "GEHEIM" not in said
    assert (output.out, output.err) == ("", "")


def _put_behind_the_gate(engine: Engine, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows that no gate would let through."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE police_deliveries ALTER dossier_number DROP NOT NULL"))
    load_rows(engine, POLICE, rows)


def test_a_suite_that_fails_fails_its_task_after_all_were_run_and_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    monkeypatch.setattr("ketenbalans.jobs.quality.runs.give_way", lambda _: None)
    load_rows(engine, OM, [om("a"), om("b", classification="ZEDEN")])
    load_rows(engine, POLICE, [police("a")])
    said: list[str] = []
    with pytest.raises(SuiteFailed, match=r"om_registrations does not meet its declaration: .*2 rows") as caught:
        check_quality_of(Settings(), [OM.name, POLICE.name], all_rows=False, say=said.append)
    assert POLICE.name not in str(caught.value)
    instruction, *lines = said
    for source, line in zip((OM, POLICE), lines, strict=True):
        assert f"(/plugin/ketenbalans/ketenbalans/files/quality/{source.name}/index.html)" in line
        assert (tmp_path / "quality" / source.name / "index.html").is_file()
    assert "What to do" in instruction
    with engine.connect() as connection:
        assert quality_of(connection, positions(connection)) == {POLICE.name: "passed", OM.name: "failed"}
    assert check_quality_of(Settings(), [POLICE.name], all_rows=False, say=said.append).keys() == {POLICE.name}


def test_each_result_is_kept_and_the_newest_is_found_with_its_docs(engine: Engine, settings: Settings) -> None:
    passed = QualityResult(source=OM.name, success=True, positions={}, expectations=7, findings=())
    with engine.begin() as connection:
        numbers = [store_quality_result(connection, passed) for _ in range(3)]
        stored = [one.quality_result_id for one in stored_quality_results(connection, OM)]
        assert stored == sorted(numbers, reverse=True)
    (newest,) = kept_results(engine, [OM, POLICE], settings=settings, history=False)
    assert (newest.result.quality_result_id, newest.data_docs) == (max(numbers), None)
    page = settings.home.absolute() / "quality" / OM.name / "index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    kept = kept_results(engine, [OM, POLICE], settings=settings, history=True)
    assert [one.data_docs for one in kept] == [page] * 3
    json.dumps([one.to_dict() for one in kept])


JOINED: dict[str, Any] = {"mutation": "joined", "joined_into": "0900000199"}


def dangling(engine: Engine, source: Source, settings: Settings) -> list[tuple[str, int]]:
    """What refers to nothing, asked as the suite asks it, without Great Expectations."""
    days = settings.read_quality_policy().awaited_days
    with engine.connect() as connection:
        expected = references(source, covered=covered_until(connection), awaited_days=days)
        asked = [
            (one.column, one.arguments["unexpected_rows_query"].format(batch=f"(SELECT * FROM {source.name}) AS a"))
            for one in expected
        ]
        return [(column, len(connection.execute(text(query)).all())) for column, query in asked]


@pytest.mark.parametrize(("age_days", "found"), [(59, 0), (60, 1)])
def test_a_case_that_was_joined_into_exists_or_is_awaited(
    engine: Engine, settings: Settings, age_days: int, found: int
) -> None:
    until = MOMENT.date() + timedelta(days=age_days)
    load_covered(engine, OM, [om("a", **JOINED), om("b", case_number="0900000214")], until=until)
    assert dangling(engine, OM, settings) == [("joined_into", found)]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_order_of_the_rows_each_record_that_refers_to_nothing_is_counted_once(
    engine: Engine, settings: Settings, seed: int
) -> None:
    chance = random.Random(seed)
    cases = [f"09000001{number:02}" for number in range(12)]
    newest: dict[str, str | None] = {}
    rows = []
    for case in cases:
        for place in range(chance.randint(1, 3)):
            into = chance.choice([None, chance.choice(cases), "0900009914", "0900009814"])
            at = MOMENT + timedelta(days=place)
            word = "registered" if into is None else "joined"
            rows.append(om(f"{case} {place}", at, case_number=case, mutation=word, joined_into=into))
            newest[case] = into
    chance.shuffle(rows)
    load_rows(engine, OM, rows[:9])
    load_covered(engine, OM, rows[9:], until=MOMENT.date() + timedelta(days=200))
    expected = sum(into is not None and into not in cases for into in newest.values())
    assert dangling(engine, OM, settings) == [("joined_into", expected)]


def test_a_reference_that_is_mended_or_comes_late_is_one(engine: Engine, settings: Settings) -> None:
    until = MOMENT.date() + timedelta(days=400)
    mended = om("b", MOMENT + timedelta(days=1), mutation="reclassified")
    load_covered(engine, OM, [om("a", **JOINED), mended], until=until)
    assert dangling(engine, OM, settings) == [("joined_into", 0)]
    load_rows(engine, OM, [om("c", case_number="0900000214", **JOINED)])
    assert dangling(engine, OM, settings) == [("joined_into", 1)]
    load_rows(engine, OM, [om("d", case_number="0900000199")])
    assert dangling(engine, OM, settings) == [("joined_into", 0)]


def test_an_intervention_names_a_file_that_was_delivered_or_is_awaited(engine: Engine, settings: Settings) -> None:
    ours, other = "PL0900-2014000001", "PL0900-2014000002"
    answer = [
        intervention("a", dossier_number=ours),
        intervention("b", intervention_number="I-2", dossier_number=other),
        intervention("c", intervention_number="I-3"),
    ]
    load_rows(engine, INTERVENTIONS, answer)
    assert dangling(engine, INTERVENTIONS, settings) == [], "nobody has told what was delivered"
    load_covered(engine, POLICE, [police("a")], until=MOMENT.date() + timedelta(days=90))
    assert dangling(engine, INTERVENTIONS, settings) == [("dossier_number", 1)]
    load_covered(engine, KMAR, [], until=MOMENT.date() + timedelta(days=30))
    assert dangling(engine, INTERVENTIONS, settings) == [("dossier_number", 0)], "the KMar may still bring it"


def test_a_source_that_covers_less_than_another_is_unusual(engine: Engine, settings: Settings) -> None:
    policy = settings.read_alert_policy()
    longest = policy.may_be_silent_days(POLICE.name)
    load_covered(engine, POLICE, [police("a")], until=date(2014, 6, 30))
    for more in (0, 1):
        load_covered(engine, OM, [], until=date(2014, 6, 30) + timedelta(days=longest + more))
        with snapshot(engine) as connection:
            covered = covered_until(connection)
            (number,) = numbers_of(connection, POLICE, covered=covered, policy=policy)
        assert (number.concern, number.counted, number.highest) == (Concern.FRESHNESS, longest + more, longest)


def test_rows_and_numbers_are_reported_together_and_what_is_unusual_is_not_wrong(
    engine: Engine, settings: Settings
) -> None:
    """A year with two registrations a working day; in the last month one unit is silent, and no token is filled."""
    days = [date(2014, 1, 1) + timedelta(days=place) for place in range(365)]
    rows = []
    for day in (day for day in days if day.weekday() < 5):
        for unit in ("PL0600", "PL0900"):
            if (unit, day.month) != ("PL0900", 12):
                number = f"{unit}-2014{day.month:02}{day.day:02}00"
                token = None if day.month == 12 else TOKEN
                at = datetime(2014, day.month, day.day, 9, tzinfo=UTC)
                row = police(number, at, dossier_number=number, unit=unit, delivered_on=day, person_token=token)
                rows.append(row)
    load_covered(engine, POLICE, rows, until=date(2014, 12, 31))
    load_covered(engine, POLICE, [], until=date(2014, 11, 30))
    load_covered(engine, OM, [om("a", **JOINED)], until=date(2014, 12, 31))
    result = check_quality(POLICE, engine=engine, settings=settings)
    assert result.success
    assert {(one.concern, one.subject, one.counted) for one in result.unusual} == {
        ("volume", f"{POLICE.name}/PL0900", 0),
        ("drift", f"{POLICE.name}.person_token", 0),
    }
    site = site_of(settings)
    assert "filled among 23 new records" in site
    assert not any(secret in site for secret in (TOKEN, "-201412", "joined_into"))
    with engine.connect() as connection:
        (kept,) = stored_quality_results(connection, POLICE)
    assert kept.measures == result.measures
    result = check_quality(OM, engine=engine, settings=settings)
    assert [(one.column, one.rows, one.concern) for one in result.findings] == [("joined_into", 1, "reference")]
    assert JOINED["joined_into"] not in site_of(settings)
