"""Releases of 2014 through the command line: month by month, given again byte for byte, and every change found."""

import csv
import io
import json
import shutil
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ketenbalans.jobs.audit.verify import verify_chain
from ketenbalans.jobs.release.keys import RELEASE_KEY, release_key
from ketenbalans.jobs.release.making import kept_releases
from ketenbalans.jobs.servers.bring_up import make_keys
from ketenbalans.release.counts import ExactCounts
from ketenbalans.release.making import ReleaseTerms, make_release, narrowest_of
from ketenbalans.release.offsets import ReleaseKey
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.stack.home import Home
from schemas.period import Period, month_ends
from schemas.release import ROW_LINES, ReleaseGroup
from tests.integration.command_line import Ended, in_this_process
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.scenario_events import load_scenario
from warehouse.database import snapshot
from warehouse.releases import StoredRelease, releases_of

pytestmark = pytest.mark.stack

YEAR = Period.of_year(2014)
DAYS = [*month_ends(date(2014, 6, 1), date(2015, 5, 31)), YEAR_2014.covers[-1]]
"""The end of each month from June 2014 on, and the last day of which the scenario speaks, in June 2015."""
NATIONAL = ("delivered", "recognised", "gap", "om_count")


class World(NamedTuple):
    """A warehouse with 2014 in it, a home with a key, and where releases are written."""

    engine: Engine
    home: Path
    folder: Path

    def __call__(self, *arguments: object) -> Ended:
        return in_this_process(
            "release", *arguments, engine=self.engine, KETENBALANS_HOME=str(self.home), COLUMNS="200"
        )

    def make(self, day: date, *options: object) -> Any:
        out = self.folder / str(day)
        made = self("make", "--period", "2014", "--as-of", day, "--draft", "--out", out, "--json", *options)
        assert made.code == 0, made.err
        return made.json

    def stored(self) -> list[StoredRelease]:
        with snapshot(self.engine) as connection:
            return releases_of(connection, period=YEAR)


@pytest.fixture(scope="module")
def world(new_warehouse: NewWarehouse, tmp_path_factory: pytest.TempPathFactory) -> World:
    """2014 released at the end of each month from June 2014 to June 2015."""
    engine = new_warehouse()
    load_scenario(engine, YEAR_2014)
    made = World(engine, tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("releases"))
    for day in DAYS:
        made.make(day, "--by", "desk-1")
    return made


def reconciled(world: World, day: date) -> Any:
    answer = in_this_process(
        "reconcile",
        "--period",
        "2014",
        "--as-of",
        day,
        "--json",
        engine=world.engine,
        KETENBALANS_HOME=str(world.home),
    )
    assert answer.code == 0, answer.err
    return answer.json


def test_thirteen_months_hold_the_rule_and_add_up(world: World) -> None:
    stored = world.stored()
    assert [one.release.as_of for one in stored] == DAYS
    kept = kept_releases(stored)
    for group in ReleaseGroup:
        found = narrowest_of(group, kept)
        assert found is None or found.whole_numbers >= kept[0].release.threshold, found
    for one in stored:
        balance = reconciled(world, one.release.as_of)
        assert {line: one.release.value("national", line=line) for line in NATIONAL} == {
            line: balance[line] for line in NATIONAL
        }
        is_early = one.release.as_of < YEAR.end
        assert ("unit" in one.release.withheld) >= is_early
        for table in ("unit", "month"):
            for line in ROW_LINES if one.release.tables[table] else ():
                cells = [cell.value for cell in one.release.tables[table] if cell.key["line"] == line]
                assert sum(cells) == balance[line]
        causes = [cell.value for cell in one.release.tables["national"] if cell.key["line"] == "cause"]
        assert "causes" in one.release.withheld or sum(causes) == balance["gap"]


def test_units_and_months_are_those_of_the_balance(world: World) -> None:
    last = world.stored()[-1]
    counts, balance = ExactCounts.from_json(last.counts), reconciled(world, last.release.as_of)
    by_unit = {row["unit"]: (row["delivered"], row["gap"]) for row in balance["by_unit"]}
    assert {unit: tuple(row) for unit, row in counts.units.items()} == by_unit
    months = [last_day.isoformat()[:7] for last_day in month_ends(YEAR.start, YEAR.end)]
    assert list(counts.months) == months
    if "month" not in last.release.withheld:
        assert {cell.key["month"] for cell in last.release.tables["month"]} == {*months, "rounding"}


def test_the_same_release_again_is_the_same_bytes(world: World, tmp_path: Path) -> None:
    day = DAYS[-2]
    before = {file.name: file.read_bytes() for file in (world.folder / str(day)).iterdir()}
    again = world("make", "--period", "2014", "--as-of", day, "--draft", "--out", tmp_path / "again", "--json")
    assert again.json["is_new"] is False
    assert {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()} == before
    assert len(world.stored()) == len(DAYS)


def test_every_file_says_that_it_is_a_draft_of_synthetic_data(world: World) -> None:
    folder = world.folder / str(DAYS[-1])
    assert {file.name for file in folder.iterdir()} == {
        "release.json", "release.nl.html", "release.en.html", "national.csv", "unit.csv", "month.csv",
    }  # fmt: skip
    assert json.loads((folder / "release.json").read_bytes())["draft"] is True
    assert "nobody approved these figures" in (folder / "release.en.html").read_text("utf-8")
    assert "door niemand goedgekeurd" in (folder / "release.nl.html").read_text("utf-8")
    for name in ("national", "unit", "month"):
        rows = list(csv.DictReader(io.StringIO((folder / f"{name}.csv").read_text("utf-8"))))
        assert all(row["is_draft"] == "true" for row in rows)


def test_only_drafts_while_nobody_approved(world: World, tmp_path: Path) -> None:
    refused = world("make", "--period", "2014", "--as-of", DAYS[-1], "--out", tmp_path / "out")
    assert refused.code == 1
    assert "nobody approved the figures of 2014" in refused.err
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    month = world("make", "--period", "2014-12", "--draft", "--out", tmp_path / "month")
    assert (month.code, "no calendar year" in month.err) == (1, True)


def test_what_was_released_is_listed_and_shown(world: World) -> None:
    listed = world("list", "--json").json
    assert [one["release_id"] for one in listed] == [f"2014-{n}" for n in range(1, len(DAYS) + 1)]
    assert {one["made_by"] for one in listed} == {"desk-1"}
    shown = world("show", "2014-2", "--json").json
    assert shown == json.loads((world.folder / str(DAYS[1]) / "release.json").read_bytes())
    assert world("show", "2014-99").code == 1
    assert "2014-1" in world("list").out
    assert "Draft release 2014-2" in world("show", "2014-2").out


def test_a_release_as_it_went_out_passes_its_audit(world: World) -> None:
    audited = world("audit", world.folder / str(DAYS[-1]), "--json")
    assert audited.code == 0, audited.out
    assert audited.json["findings"] == []
    assert min(one["whole_numbers"] for one in audited.json["narrowest"]) >= world.stored()[0].release.threshold
    assert "the rule holds" in world("audit", world.folder / str(DAYS[-1])).out


def moved_by_one(document: Any) -> None:
    document["tables"]["unit"][0]["value"] += 1


def moved_between_rows(document: Any) -> None:
    """So that every row is a multiple and every table still adds up."""
    gaps = [cell for cell in document["tables"]["month"] if cell["key"]["line"] == "gap"]
    recognised = [cell for cell in document["tables"]["month"] if cell["key"]["line"] == "recognised"]
    for place, by in ((0, 5), (1, -5)):
        gaps[place]["value"] += by
        recognised[place]["value"] -= by


def left_out(document: Any) -> None:
    del document["tables"]["unit"][3]


def no_draft(document: Any) -> None:
    document["draft"] = False


def another_total(document: Any) -> None:
    document["tables"]["national"][0]["value"] += 1


@pytest.mark.parametrize("change", [moved_by_one, moved_between_rows, left_out, no_draft, another_total])
def test_a_changed_release_is_found(world: World, tmp_path: Path, change: Callable[[Any], None]) -> None:
    folder = tmp_path / "release"
    shutil.copytree(world.folder / str(DAYS[-1]), folder)
    document = json.loads((folder / "release.json").read_bytes())
    change(document)
    (folder / "release.json").write_bytes(orjson.dumps(document))
    audited = world("audit", folder, "--json")
    assert audited.code == 1
    assert audited.json["findings"]


def test_a_changed_page_or_table_is_found(world: World, tmp_path: Path) -> None:
    for name in ("unit.csv", "release.nl.html"):
        folder = tmp_path / name
        shutil.copytree(world.folder / str(DAYS[-1]), folder)
        (folder / name).write_text((folder / name).read_text("utf-8").replace("5", "0", 1), "utf-8")
        audited = world("audit", folder, "--json")
        assert (audited.code, [name in finding for finding in audited.json["findings"]]) == (1, [True])


def test_a_release_of_another_key_is_found(world: World, tmp_path: Path) -> None:
    """Of the same counts, so that it adds up and every row is a multiple."""
    *earlier, last = kept_releases(world.stored())
    terms = ReleaseTerms(
        threshold=last.release.threshold,
        draft=True,
        synthetic=last.release.synthetic,
        published=last.release.published,
    )
    other = make_release(last.counts, key=ReleaseKey(bytes(32)), terms=terms, earlier=[])
    folder = tmp_path / "release"
    shutil.copytree(world.folder / str(last.release.as_of), folder)
    forged = {
        **other.to_json(),
        "release_id": last.release.release_id,
        "earlier": [one.release.release_id for one in earlier],
    }
    (folder / "release.json").write_bytes(orjson.dumps(forged))
    audited = world("audit", folder, "--json")
    assert audited.code == 1
    assert any("was kept" in finding for finding in audited.json["findings"])


def test_a_folder_without_a_release_is_refused(world: World, tmp_path: Path) -> None:
    refused = world("audit", tmp_path)
    assert (refused.code, "cannot be read as a release" in refused.err) == (1, True)


def test_another_key_makes_no_release_and_is_found(world: World, tmp_path: Path) -> None:
    other = world._replace(home=tmp_path / "other", folder=tmp_path)
    refused = other("make", "--period", "2014", "--as-of", DAYS[0], "--draft", "--out", tmp_path / "out")
    assert refused.code == 1
    assert "another release key" in refused.err
    audited = other("audit", world.folder / str(DAYS[-1]), "--json")
    assert (audited.code, "not the one that the release was made under" in " ".join(audited.json["findings"])) == (
        1,
        True,
    )


def test_what_was_kept_and_changed_since_is_found(world: World, copy_of: CopyOf, tmp_path: Path) -> None:
    """By somebody with every right, who writes the folder anew too."""
    day = DAYS[-1]
    copied = World(copy_of(world.engine), world.home, tmp_path)
    with copied.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        stored = connection.execute(text("SELECT document FROM release WHERE as_of = :day"), {"day": day}).scalar_one()
        moved_between_rows(stored)
        changed = {"changed": json.dumps(stored), "day": day}
        connection.execute(text("UPDATE release SET document = :changed WHERE as_of = :day"), changed)
    copied.make(day)
    audited = copied("audit", tmp_path / str(day), "--json")
    assert audited.code == 1
    assert "not what its counts give" in " ".join(audited.json["findings"])
    with snapshot(copied.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM release")) == len(DAYS)
    found = verify_chain(copied.engine, [])
    assert found.finding is not None
    copied.engine.dispose()


def test_releases_are_append_only_and_sealed(world: World) -> None:
    for statement in ("UPDATE release SET is_draft = false", "DELETE FROM release", "TRUNCATE release"):
        with pytest.raises(DBAPIError), world.engine.begin() as connection:
            connection.execute(text(statement))
    with snapshot(world.engine) as connection:
        sealed = connection.scalar(text("SELECT count(*) FROM audit_entry WHERE kind = 'release'"))
        contents = connection.scalars(text("SELECT content FROM audit_entry WHERE kind = 'release'")).all()
    assert sealed == len(DAYS)
    assert all('"counts":"hmac-sha256:' in content for content in contents)  # small counts cannot be tried out


def test_the_release_key_is_closed_and_is_no_other_key(tmp_path: Path) -> None:
    make_keys(tmp_path)
    file = tmp_path / RELEASE_KEY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    once = release_key(tmp_path)
    make_keys(tmp_path)
    assert release_key(tmp_path) == once
    others = {Home.at(tmp_path).secret(name, random_bytes=32) for name in ("audit-key", "chain-key")}
    assert file.read_text("ascii").strip() not in others
