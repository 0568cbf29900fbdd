"""The nowcast through the command line, of the scenario ``all``: what is known is what the balance counts."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.period import AMSTERDAM, month_ends
from tests.integration.command_line import in_this_process
from tests.integration.conftest import NewWarehouse
from tests.integration.handing_over import HandedOver, handed_over_apart

pytestmark = pytest.mark.stack

TARGETS = ("delivered", "registered", "recognised")
ENDS = ("50", "80", "95")


def asked(handed: HandedOver, *arguments: object) -> dict[str, Any]:
    ended = in_this_process("nowcast", *arguments, "--json", engine=handed.engine)
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json
    return found


def balanced(handed: HandedOver, period: str, day: str) -> dict[str, Any]:
    ended = in_this_process("reconcile", "--period", period, "--as-of", day, "--json", engine=handed.engine)
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json
    return found


@pytest.mark.parametrize(
    ("period", "day"),
    [("2012", "2013-03-01"), ("2013", "2013-12-31"), ("2014", "2015-01-31"), ("2014-12", "2015-01-31")],
)
def test_what_is_known_is_what_the_balance_counts(all_years: HandedOver, period: str, day: str) -> None:
    found, balance = asked(all_years, "--period", period, "--as-of", day), balanced(all_years, period, day)
    assert {name: one["known"] for name, one in found["targets"].items()} == {name: balance[name] for name in TARGETS}
    of_unit = {one["unit"]: {name: one["targets"][name]["known"] for name in TARGETS} for one in found["by_unit"]}
    counted = {one["unit"]: {name: one[name] for name in TARGETS} for one in balance["by_unit"]}
    assert {unit: counts for unit, counts in of_unit.items() if counts["delivered"]} == counted
    assert [month["delivered"] for month in balance["by_month"] if month["delivered"]]


def test_when_all_has_come_it_is_the_balance_of_that_day(all_years: HandedOver) -> None:
    day = asked(all_years, "--period", "2012", "--as-of", "2013-03-01")["known_on"]
    found, balance = asked(all_years, "--period", "2012", "--as-of", day), balanced(all_years, "2012", day)
    for name in TARGETS:
        one = found["targets"][name]
        assert {one["known"], one["median"], *(end for ends in one["intervals"].values() for end in ends)} == {
            balance[name]
        }


def test_what_was_known_of_2012_in_march_stands_beside_its_forecast(all_years: HandedOver) -> None:
    """507 were known on 1 March 2013; in November it was 522."""
    delivered = asked(all_years, "--period", "2012", "--as-of", "2013-03-01")["targets"]["delivered"]
    assert delivered["known"] == 507
    lower, upper = delivered["intervals"]["95"]
    assert lower <= delivered["median"] <= upper


def test_it_refuses_what_no_register_covers_or_carries(all_years: HandedOver) -> None:
    for arguments, because in (
        (("--period", "2019", "--as-of", "2025-01-01"), "both registers cover"),
        (("--period", "2010", "--as-of", "2010-12-31"), "calendar months of deliveries"),
        (("--period", "2014-01-01/2014-01-15", "--as-of", "2014-02-01"), "whole calendar months"),
    ):
        ended = in_this_process("nowcast", *arguments, "--json", engine=all_years.engine)
        assert (ended.code, ended.json["targets"], ended.json["by_unit"]) == (1, None, [])
        assert because in ended.json["refused"]


def test_the_past_is_asked_month_by_month(all_years: HandedOver) -> None:
    found = asked(all_years, "--backtest", "--from", "2012-11", "--to", "2013-02")
    assert [one["period"][0] for one in found["questions"]] == ["2012-11-01", "2012-12-01", "2013-01-01", "2013-02-01"]
    for one in found["questions"]:
        alone = asked(all_years, "--period", one["period"][0][:7], "--as-of", one["as_of"])
        assert {name: one[name] for name in alone} == alone
        balance = balanced(all_years, one["period"][0][:7], one["known_on"])
        assert one["came"] == {name: balance[name] for name in TARGETS}
    assert [score["asked"] for score in found["scores"]] == [4, 4, 4]
    shown = in_this_process("nowcast", "--backtest", "--from", "2012-11", "--to", "2013-02", engine=all_years.engine)
    assert shown.code == 0, shown.err
    assert "2012-12" in shown.out


def test_a_warehouse_that_holds_only_what_was_recorded_answers_the_same(
    all_years: HandedOver, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    """At twenty ends of months: the twin is handed each month's rows, and asked before it knows the next."""
    twin = handed_over_apart(tmp_path, new_warehouse(), all_years.bootstrap)
    ends = month_ends(date(2012, 6, 1), date(2014, 1, 1))
    assert len(ends) == 20
    before = date.min
    for end in ends:
        twin.publish(_cut(all_years.folder, tmp_path, after=before, until=end))
        twin.ingest()
        before = end
        question = ("--period", f"{end:%Y-%m}", "--as-of", end)
        answer, whole = (
            in_this_process("nowcast", *question, "--json", engine=one.engine) for one in (twin, all_years)
        )
        assert (answer.code, answer.out) == (0, whole.out), question
        assert answer.json["refused"] is None


def _cut(folder: Path, to: Path, *, after: date, until: date) -> Iterator[Path]:
    """Extracts of police and OM with the rows that were recorded in some days."""
    for source in ("police", "om"):
        rows: list[dict[str, str]] = []
        for file in sorted(folder.glob(f"{source}-*.csv")):
            with file.open(encoding="utf-8", newline="") as lines:
                reader = csv.DictReader(lines, delimiter=";")
                columns = list(reader.fieldnames or ())
                rows += [row for row in reader if after < _recorded_on(row) <= until]
        written = to / f"{source}-{until}.csv"
        with written.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, columns, delimiter=";", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        yield written


def _recorded_on(row: dict[str, str]) -> date:
    return datetime.fromisoformat(row["tijdstip_mutatie"]).astimezone(AMSTERDAM).date()
