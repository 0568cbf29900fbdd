"""The scenario 2012: the published figures on both days, in the files themselves, and the split that its page says."""

import csv
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from ketenbalans.scenarios.moments import day_of
from ketenbalans.scenarios.year_2012 import COVERS, RESTATED_2012, YEAR_2012
from tests.reference.section2 import normalised
from tests.scenarios.counted import count_of

ROOT = Path(__file__).parents[3]
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("scenario") / "2012"
    YEAR_2012.write(out)
    return out


def delivered_in_2012(written: Path, as_of: date) -> Rows:
    """State as known on a day, by plain Python from the files."""
    rows: Rows = []
    for covers in COVERS:
        with (written / f"police-{covers}.csv").open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file, delimiter=";")
    known = [row for row in rows if day_of(datetime.fromisoformat(row["tijdstip_mutatie"])) <= as_of]
    known.sort(key=lambda row: datetime.fromisoformat(row["tijdstip_mutatie"]))
    newest = {(normalised(row["registratienummer"]), row["volgnummer_verdachte"]): row for row in known}
    standing = [row for row in newest.values() if row["mutatie"] != "ingetrokken"]
    return [row for row in standing if row["datum_aanlevering"].endswith("-2012")]


@pytest.mark.parametrize(("as_of", "suspects"), [(COVERS[0], 507), (COVERS[1], 522)])
def test_the_published_figures_come_out(written: Path, as_of: date, suspects: int) -> None:
    delivered = delivered_in_2012(written, as_of)
    assert len(delivered) == suspects
    assert len({normalised(row["registratienummer"]) for row in delivered}) == 480
    cases_with = Counter(
        word
        for word in ("verspreiding", "productie", "misbruik")
        for _ in {normalised(row["registratienummer"]) for row in delivered if word in row["kwalificaties"].split("|")}
    )
    assert cases_with == {"verspreiding": 54, "productie": 38, "misbruik": 75}


def test_fifteen_more_is_nineteen_who_come_and_four_who_leave(written: Path) -> None:
    keys = [
        {(normalised(row["registratienummer"]), row["volgnummer_verdachte"]) for row in delivered_in_2012(written, day)}
        for day in COVERS
    ]
    assert (len(keys[1] - keys[0]), len(keys[0] - keys[1])) == (19, 4)
    assert len({part.story for part in RESTATED_2012}) == len(RESTATED_2012)


@pytest.mark.parametrize(("column", "as_of"), list(enumerate(COVERS)))
def test_the_page_says_the_split(column: int, as_of: date) -> None:
    page = (ROOT / "docs" / "scenarios" / "2012.md").read_text(encoding="utf-8")
    tables = page.split("What the OM registered in 2012")
    for side, text in zip(("police", "om"), tables, strict=True):
        said = {m[1]: int(m[2 + column]) for m in re.finditer(r"^\| `(\w+)` \| (\d+) \| (\d+) \|$", text, re.MULTILINE)}
        found = count_of(YEAR_2012.truths(), side=side, period=2012, as_of=as_of)
        recognised = found.pop("")
        assert found == {cause: suspects for cause, suspects in said.items() if suspects}
        if side == "police":
            row = re.search(r"^\| recognised \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
            assert row is not None
            assert recognised == int(row[1 + column])


def test_the_bytes_are_the_same_every_time(written: Path, tmp_path: Path) -> None:
    for file in YEAR_2012.write(tmp_path):
        assert file.read_bytes() == (written / file.name).read_bytes(), file.name
