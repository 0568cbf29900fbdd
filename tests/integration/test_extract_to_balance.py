"""From an extract to a balance through everything that is real: producers, Kafka, Airflow and PostgreSQL.

The tests build on each other, in the order in which they stand: one stack, one history.
"""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text

from ketenbalans.jobs.audit.checkpoints import read_checkpoints
from ketenbalans.jobs.servers.addresses import warehouse_url
from ketenbalans.reconciliation.balance import balance_of
from ketenbalans.settings import Settings
from schemas.causes import Cause, OmOnlyCause
from schemas.period import Period
from schemas.policy import Policy
from schemas.vocabulary import Vocabulary
from tests.integration.airflow_stack import FIRST, SECOND, publish
from tests.integration.command_line import CommandLine
from tests.integration.warehouse.state_by_sql import read_deliveries, read_registrations
from warehouse.database import connect, snapshot

pytestmark = [pytest.mark.stack, pytest.mark.airflow]

POLICY = Path(__file__).parents[2] / "policy.toml"


def made_by_airflow(command: CommandLine, period: str, as_of: date) -> dict[str, Any]:
    """The balance that the DAGs make of all that was published, without anybody touching anything."""
    ended = command("balance", "--period", period, "--as-of", as_of, "--wait", 120, "--json")
    assert ended.code == 0, ended.err
    balance: dict[str, Any] = ended.json
    return balance


def truth_of(extracts: Path, *, side: str, period: str, as_of: date) -> list[dict[str, str]]:
    with (extracts / "truth.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    return [row for row in rows if (row["side"], row["period"], row["as_of"]) == (side, period, str(as_of))]


def expected_counts(extracts: Path, *, side: str, causes: type[Vocabulary], as_of: date) -> dict[str, int]:
    answer = Counter(row["cause"] for row in truth_of(extracts, side=side, period="2014", as_of=as_of))
    return {cause.value: answer.get(cause.value, 0) for cause in causes}


@pytest.mark.timeout(240)
def test_a_published_set_becomes_the_published_figures(ketenbalans: CommandLine, extracts: Path) -> None:
    balance = made_by_airflow(ketenbalans, "2014", FIRST)
    figures = {key: balance[key] for key in ("delivered", "recognised", "gap", "cases_delivered", "closes")}
    assert figures == {"delivered": 560, "recognised": 516, "gap": 44, "cases_delivered": 542, "closes": True}
    assert balance["causes"] == expected_counts(extracts, side="police", causes=Cause, as_of=FIRST)
    assert balance["om_only"] == expected_counts(extracts, side="om", causes=OmOnlyCause, as_of=FIRST)
    assert list(balance["causes"]) == [cause.value for cause in Cause]
    assert len(balance["by_unit"]) == 11
    assert balance["synthetic"] is True
    assert {key: (figure["value"], figure["document"]) for key, figure in balance["published"].items()} == {
        "delivered": (560, "kst-31015-112"),
        "recognised": (516, "kst-31015-112"),
        "cases_delivered": (542, "kst-31015-112"),
    }


def test_every_suspect_and_every_registration_has_its_true_cause(
    ketenbalans: CommandLine, extracts: Path, airflow_home: Path
) -> None:
    deliveries, registrations = states(airflow_home, FIRST)
    balance = balance_of(
        deliveries, registrations, period=Period.of_year(2014), as_of=FIRST, policy=Policy.parse(POLICY.read_text())
    )
    suspects = balance.suspects.select("dossier_number", "suspect_number", pl.col("cause").fill_null("")).rows()
    answer = truth_of(extracts, side="police", period="2014", as_of=FIRST)
    assert sorted(suspects) == sorted(
        (row["dossier_number"], int(row["suspect_number"]), row["cause"]) for row in answer
    )
    answer = truth_of(extracts, side="om", period="2014", as_of=FIRST)
    assert sorted(balance.om_only.select("case_number", "cause").rows()) == sorted(
        (row["case_number"], row["cause"]) for row in answer if row["cause"]
    )


def test_the_qualifications_are_those_that_were_published(ketenbalans: CommandLine, airflow_home: Path) -> None:
    deliveries, _ = states(airflow_home, FIRST)
    of_2014 = deliveries.filter(
        pl.col("delivered_on").is_between(date(2014, 1, 1), date(2014, 12, 31)), pl.col("mutation") != "withdrawn"
    )
    by_case = of_2014.explode("qualifications").group_by("qualifications").agg(pl.col("dossier_number").n_unique())
    assert dict(by_case.rows()).items() >= {"distribution": 167, "production": 78, "abuse": 62}.items()


@pytest.mark.parametrize(
    "question", [("2014", "2014-12-31"), ("2014-12", "2015-01-31"), ("2013", "2015-01-31"), ("2015-Q1", "2015-01-31")]
)
def test_any_other_question_closes_as_well(ketenbalans: CommandLine, question: tuple[str, ...]) -> None:
    period, as_of = question
    balance = ketenbalans("reconcile", "--period", period, "--as-of", as_of, "--json").json
    assert balance["closes"]
    assert balance["delivered"] - sum(balance["causes"].values()) == balance["recognised"]
    counted = balance["recognised"] - balance["registered_earlier"] + sum(balance["om_only"].values())
    assert counted == balance["om_count"]


def test_the_defaults_are_the_last_day_that_both_registers_cover_and_its_year(ketenbalans: CommandLine) -> None:
    balance = ketenbalans("reconcile", "--json").json
    assert (balance["as_of"], balance["period"]) == ("2015-01-31", ["2015-01-01", "2015-12-31"])


def test_publishing_a_set_again_changes_no_figure(ketenbalans: CommandLine, extracts: Path) -> None:
    before = made_by_airflow(ketenbalans, "2014", FIRST)
    publish(ketenbalans, extracts, FIRST)
    after = made_by_airflow(ketenbalans, "2014", FIRST)
    changing = {"made_at", "quality"}
    assert {key: value for key, value in after.items() if key not in changing} == {
        key: value for key, value in before.items() if key not in changing
    }


def test_one_new_row_is_in_the_balance_without_anybody_touching_anything(
    ketenbalans: CommandLine, extracts: Path, tmp_path: Path
) -> None:
    header, first, *_ = (extracts / f"police-{FIRST}.csv").read_text(encoding="utf-8").splitlines()
    row = dict(zip(header.split(";"), first.split(";"), strict=True)) | {
        "mutatie": "aangeleverd",
        "registratienummer": "PL0900-2013999999",
        "volgnummer_verdachte": "1",
        "skn": "SYN-999999",
        "datum_aanlevering": "02-12-2013",
        "overgedragen_aan": "",
        "tijdstip_mutatie": "2015-01-30T12:00:00+01:00",
    }
    before = made_by_airflow(ketenbalans, "2013", FIRST)
    extract = tmp_path / f"police-{FIRST}.csv"
    extract.write_text(f"{header}\n{';'.join(row.values())}\n", encoding="utf-8")
    assert ketenbalans("produce", "police", extract).code == 0
    after = made_by_airflow(ketenbalans, "2013", FIRST)
    assert after["delivered"] == before["delivered"] + 1
    assert after["causes"]["missing"] == before["causes"]["missing"] + 1


def test_the_second_set_says_what_came_late(ketenbalans: CommandLine, extracts: Path, airflow_home: Path) -> None:
    publish(ketenbalans, extracts, SECOND)
    balance = made_by_airflow(ketenbalans, "2014", SECOND)
    assert (balance["delivered"], balance["recognised"], balance["closes"]) == (560, 516, True)
    assert balance["causes"] == expected_counts(extracts, side="police", causes=Cause, as_of=SECOND)
    page = (airflow_home / "balances" / "2014.html").read_text(encoding="utf-8")
    assert "2015-01-31" in page
    assert "2015-06-30" in page
    assert "Synthetic data" in page


def test_what_was_known_in_january_is_still_known(ketenbalans: CommandLine, extracts: Path) -> None:
    balance = ketenbalans("reconcile", "--period", "2014", "--as-of", FIRST, "--json").json
    assert (balance["delivered"], balance["recognised"]) == (560, 516)
    assert balance["causes"] == expected_counts(extracts, side="police", causes=Cause, as_of=FIRST)


def test_a_day_that_only_known_rows_cover_is_balanced_as_well(
    ketenbalans: CommandLine, extracts: Path, tmp_path: Path
) -> None:
    day = date(2015, 7, 31)
    for source in ("police", "om"):
        extract = tmp_path / f"{source}-{day}.csv"
        extract.write_bytes((extracts / f"{source}-{SECOND}.csv").read_bytes())
        assert ketenbalans("produce", source, extract).code == 0
    assert made_by_airflow(ketenbalans, "2014", day)["delivered"] == 560


def test_no_chain_number_and_no_token_stands_in_what_a_person_reads(
    ketenbalans: CommandLine, airflow_home: Path
) -> None:
    """Every log, page, report and data doc of the run, and every text about a dead letter, an incident or an alert."""
    texts = {
        str(file): file.read_text(encoding="utf-8", errors="replace")
        for folder in ("logs", "airflow/logs", "balances", "reports", "quality")
        for file in (airflow_home / folder).rglob("*")
        if file.suffix in {".log", ".html", ".json", ".csv", ".txt", ".svg"}
    }
    answer = {
        "dead_letter": "reason || coalesce(dead_letter.column, '') || rule",
        "incident": "message",
        "alert_event": "evidence::text || mark || coalesce(note, '')",
        "quality_result": "findings::text",
    }
    engine = connect(warehouse_url(Settings(home=airflow_home)))
    with engine.connect() as connection:
        for table, columns in answer.items():
            texts[table] = " ".join(connection.execute(text(f"SELECT {columns} FROM {table}")).scalars())
        tokens = set(connection.execute(text("SELECT person_token FROM person")).scalars())
    engine.dispose()
    assert tokens
    assert {Path(name).suffix for name in texts} >= {".log", ".html"}
    for name, said in texts.items():
        assert "SYN-" not in said, name
        assert not tokens & set(re.findall("[0-9a-f]{64}", said)), name


def test_all_that_was_stored_is_sealed_and_each_run_of_the_dag_signed_it(
    ketenbalans: CommandLine, airflow_home: Path
) -> None:
    checked = ketenbalans("audit", "verify", "--json").json
    assert (checked["fits"], checked["finding"]) == (True, None)
    assert 0 < checked["proven"] <= checked["entries"]
    assert len(read_checkpoints(airflow_home, None)) == checked["checkpoints"] > 1


def states(home: Path, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    engine = connect(warehouse_url(Settings(home=home)))
    try:
        with snapshot(engine) as connection:
            return read_deliveries(connection, as_of=as_of), read_registrations(connection, as_of=as_of)
    finally:
        engine.dispose()
