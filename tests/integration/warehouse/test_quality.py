"""The suites over real tables: silent on good rows, right on bad ones, and without a value in what they say."""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from jobs.check_quality import check_quality
from jobs.quality_runs import SuiteFailed, check_quality_of
from tests.integration.warehouse.rows import (
    EXTRACTS,
    HOTLINE,
    MOMENT,
    OM,
    POLICE,
    control,
    load_rows,
    om,
    police,
    report,
)
from warehouse.offsets import positions
from warehouse.quality_results import quality_of, stored_quality_results
from warehouse.tables import event_table

pytestmark = [
    pytest.mark.stack,
    # Great Expectations imports them; they are gone in Python 3.13, as it is told.
    pytest.mark.filterwarnings("ignore:module 'sre_(constants|parse)' is deprecated:DeprecationWarning"),
]

TOKEN = "e" * 64


def found_in(engine: Engine, source: Any) -> set[tuple[str | None, str, int | None]]:
    result = check_quality(source, engine=engine)
    return {(finding.column, finding.expectation.split(" ")[0], finding.rows) for finding in result.findings}


def test_good_rows_pass_and_the_result_says_which_rows_it_is_about(engine: Engine) -> None:
    load_rows(
        engine, POLICE, [police("a", qualifications=["abuse"], person_token=TOKEN), police("b", suspect_number=2)]
    )
    load_rows(engine, OM, [om("a", person_token=TOKEN), om("b", MOMENT + timedelta(days=1), mutation="lapsed")])
    load_rows(engine, EXTRACTS, [control("a", POLICE.name, date(2100, 1, 1), topic_id="T", offsets="{}")])
    for source in (POLICE, OM, EXTRACTS):
        assert check_quality(source, engine=engine).success
    with engine.connect() as connection:
        at = positions(connection)
        assert quality_of(connection, at) == {POLICE.name: "passed", OM.name: "passed"}
        (kept,) = stored_quality_results(connection, POLICE)
    assert kept.positions == at[POLICE.name]
    load_rows(engine, OM, [om("c", case_number="0900000214")])
    with engine.connect() as connection:
        assert quality_of(connection, positions(connection)) == {POLICE.name: "passed", OM.name: "not_checked"}


def test_two_rows_of_one_moment_are_a_contradiction_in_the_source(engine: Engine) -> None:
    load_rows(engine, OM, [om("a"), om("b", classification="ZEDEN"), om("c", mutation="disposed")])
    assert found_in(engine, OM) == {("case_number, recorded_at, mutation", "says", 2)}


def test_a_report_under_another_owner_than_that_of_its_day_is_told_of_and_not_refused(engine: Engine) -> None:
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
    assert check_quality(HOTLINE, engine=engine).success
    wrong = [("transnational", "eokm"), ("online_material", "dfc_ecpat"), ("transnational", "meldpunt")]
    for place, (theme, owner) in enumerate(wrong):
        named = {"report_id": f"wrong {place}", "theme": theme, "hotline": owner, "received_on": date(2018, 6, 1)}
        load_rows(engine, HOTLINE, [report(f"wrong {place}", datetime(2018, 6, 1, 12, tzinfo=UTC), **named)])
    result = check_quality(HOTLINE, engine=engine)
    assert {(one.column, one.rows) for one in result.findings} == {("hotline", 2), ("hotline", 1)}
    assert all("where received_on lies from 2018-06-01" in one.expectation for one in result.findings)


def test_every_kind_of_bad_row_is_found_and_no_value_is_told(
    engine: Engine, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
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
    assert found_in(engine, POLICE) == {
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
    for said in (as_stored, output.out, output.err, caplog.text, repr(kept)):
        assert "GEHEIM" not in said
    assert (output.out, output.err) == ("", "")


def _put_behind_the_gate(engine: Engine, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows that no gate would let through."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE police_deliveries ALTER dossier_number DROP NOT NULL"))
        connection.execute(insert(event_table(POLICE)), list(rows))


def test_a_suite_that_fails_fails_its_task_after_all_were_run_and_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    monkeypatch.setattr("os.nice", lambda _: 0)
    load_rows(engine, OM, [om("a"), om("b", classification="ZEDEN")])
    load_rows(engine, POLICE, [police("a")])
    with pytest.raises(SuiteFailed, match=r"om_registrations does not meet its declaration: .*2 rows") as caught:
        check_quality_of([OM.name, POLICE.name])
    assert POLICE.name not in str(caught.value)
    with engine.connect() as connection:
        assert quality_of(connection, positions(connection)) == {POLICE.name: "passed", OM.name: "failed"}
    assert check_quality_of([POLICE.name]).keys() == {POLICE.name}
