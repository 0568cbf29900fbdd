"""The scenario ``all`` through Kafka: each published figure that can be derived comes out, until one record changes."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ketenbalans.figures.measures import MEASURES
from ketenbalans.scenarios.all_years import ALL_YEARS
from ketenbalans.scenarios.extract_files import write_csv
from tests.integration.command_line import in_this_process
from tests.integration.conftest import CopyOf
from tests.integration.handing_over import HandedOver, skip_other_extracts
from tests.integration.reclassified import reclassified

pytestmark = pytest.mark.stack

AGREED_ON = {
    ("target_growth_vs_2010", None): 6,
    ("target_interventions", "all"): 3,
    ("target_investigations", "A"): 1,
    ("target_investigations", "B"): 1,
    ("target_investigations", "C"): 1,
}
"""The targets that were agreed on and follow from nothing, with how many letters give each."""


def test_every_figure_that_can_be_derived_agrees(all_years: HandedOver) -> None:
    ended = in_this_process("verify", "--json", engine=all_years.engine)
    assert ended.code == 0, ended.err
    verdicts = {one["figure_id"]: one["verdict"] for one in ended.json}
    assert Counter(verdicts.values()) == {"agrees": 73, "cannot be derived": 12}
    cannot = [one for one in ended.json if one["verdict"] == "cannot be derived"]
    assert Counter((one["measure"], one["category"]) for one in cannot) == AGREED_ON
    assert all(one["is_target"] for one in cannot)
    for one in ended.json:
        could_not = one["verdict"] == "cannot be derived"
        assert one["says"] == (MEASURES[one["measure"]].why_not if could_not else None)
        assert (one["ours"] is None, one["counted_from"] is None, one["moved"]) == (could_not, could_not, None)
    assert all(one["says"] for one in cannot)


def test_one_record_that_changed_is_named_with_figure_document_and_break(
    all_years: HandedOver, copy_of: CopyOf, tmp_path: Path
) -> None:
    changed = reclassified(ALL_YEARS, recorded_at=datetime(2015, 1, 30, 9, tzinfo=UTC))
    handed = HandedOver(all_years.folder, copy_of(all_years.engine), all_years.bootstrap, all_years.topics)
    skip_other_extracts(handed.engine, handed.bootstrap)
    before = in_this_process("verify", "--json", engine=handed.engine)
    assert before.code == 0, before.err

    extract = write_csv(tmp_path / f"om-{ALL_YEARS.covers[-1]}.csv", [changed.row.cells()])
    assert (handed.publish([extract]), handed.ingest()) == (1, 1)
    after = in_this_process("verify", "--json", engine=handed.engine)
    assert after.code == 1, after.err
    was = {one["figure_id"]: one for one in before.json}
    differing = [one for one in after.json if one != was[one["figure_id"]]]
    assert [one["figure_id"] for one in differing] == ["L15-023"]
    (figure,) = differing
    assert (figure["document"], figure["value"], figure["ours"]) == ("kst-31015-112", "516", "515")
    assert (figure["verdict"], figure["ours_as_of"], figure["accepted"]) == ("differs", "2015-01-31", None)
    assert figure["moved"]["since"]
    assert (figure["moved"]["records_in_all"], figure["moved"]["records"]) == (
        1,
        [
            {
                "source": "police_deliveries",
                "record": changed.record,
                "movement": "changed",
                "break_id": changed.break_id,
                "cause": "other_classification",
            }
        ],
    )

    shown = in_this_process("verify", engine=handed.engine)
    assert shown.code == 1, shown.err
    answer = next(line for line in shown.out.splitlines() if line.startswith("L15-023 (kst-31015-112): "))
    assert "suspects_recognisable_at_om of 2014 was published as 516 and comes out as 515" in answer
    assert f"{changed.record} changed, break {changed.break_id} (other_classification)" in answer
    assert "to accept it: ketenbalans verify accept L15-023 --note TEXT" in shown.out
    assert "1 differs" in shown.out
