"""The runbook has a section for every kind of incident, with the message that a person gets and the verb to go on."""

import re
from datetime import date
from pathlib import Path

import pytest

from ketenbalans.incidents.checks import (
    ChainKeyDiffers,
    ClockAhead,
    CoversLess,
    IngestIncident,
    Jump,
    LogDiffers,
    PartitionAdded,
    RecordsGone,
    SchemaNewer,
    TopicGone,
    TopicRecreated,
    TopicUnreadable,
    TotalsDiffer,
    incident_kinds,
)
from ketenbalans.jobs.loading.resuming import RUNBOOK
from schemas.sources.police_deliveries import SOURCE as POLICE

ROOT = Path(__file__).parents[3]
ID = "TqIzdDcFTy2uZcFAdNCgBA"
TOTALS = [
    "the control record of the extract until 2014-07-31 counts 23 rows, of which 20 were published and 0 rejected",
    "of the extract until 2014-08-31 65 rows were published, and 5 of them have not arrived",
]
MET: list[IngestIncident] = [
    TopicUnreadable("127.0.0.1:29092", POLICE.topic, "TopicAuthorizationFailedError"),
    TopicGone(POLICE, [ID]),
    TopicRecreated(POLICE, ID),
    PartitionAdded(POLICE, ID, [4, 5]),
    RecordsGone(POLICE, ID, [Jump(2, 40, 45)], []),
    LogDiffers(POLICE, ID, [Jump(1, 99, 35)], {1: 104}),
    SchemaNewer(POLICE, "nl.keten.police.delivery.v2", (0, 12)),
    ClockAhead(POLICE, ID, [(3, 20), (3, 21)], {3: 22}),
    ChainKeyDiffers(POLICE.name, ["event"], extracts=12, covers_until=date(2014, 10, 31)),
    TotalsDiffer(POLICE.name, TOTALS, ["event"]),
    CoversLess(POLICE.name, ["event"], covers_until=date(2014, 5, 31), covered=date(2014, 6, 30)),
]


def sections() -> dict[str, str]:
    parts = re.split(r"^### ", (ROOT / RUNBOOK).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: " ".join(part.replace("\n> ", " ").split()) for part in parts}


def test_every_kind_has_a_section_and_every_section_a_kind() -> None:
    assert list(sections()) == list(incident_kinds()) == [one.incident_kind for one in MET]


@pytest.mark.parametrize("incident", MET, ids=lambda incident: incident.incident_kind)
def test_a_section_has_the_message_that_a_person_gets_and_says_what_resuming_means(incident: IngestIncident) -> None:
    section = sections()[incident.incident_kind]
    assert str(incident) in section
    assert f"**Resumed:** {incident.resumed}." in section
    for heading in ("**What it means.**", "**What to do.**"):
        assert heading in section


def test_the_page_of_the_runbooks_leads_to_it() -> None:
    assert "(incidents.md)" in (ROOT / "docs" / "runbooks" / "README.md").read_text(encoding="utf-8")
    assert "incidents.md" in (ROOT / "docs" / "runbooks" / "alerts.md").read_text(encoding="utf-8")
