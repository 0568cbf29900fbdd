"""How it is known who acted is a column that came later: old entries fit as they are, new ones hold it."""

from datetime import date

import pytest
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.exc import IntegrityError

from ketenbalans.audit.chain import Misfit
from ketenbalans.jobs.audit.verify import verify_chain
from schemas.break_frames import PAIR_DECISION
from schemas.breaks import BreakStep
from schemas.decisions import Decision, Pair
from schemas.people import Identity
from tests.integration.audit.a_chain import EACH_KIND, fill
from tests.integration.audit.tampering import OFF
from tests.integration.conftest import NewWarehouse
from tests.integration.warehouse.tables_of_0011 import begin_at
from warehouse.database import migrate
from warehouse.decisions import read_pair_decisions, record_decisions
from warehouse.tables.breaks import DECISION

pytestmark = pytest.mark.stack

DAY = date(2015, 1, 31)
BEFORE = (
    "INSERT INTO decision (verdict, dossier_number, suspect_number, case_number, decided_by, decided_on) "
    "VALUES ('confirmed', 'PL0900-2014999999', 1, '0999999914', 'desk-1', '2015-01-31')",
    "INSERT INTO restatement_decision (figure_id, verdict, published, ours, note, decided_by, decided_on) "
    "VALUES ('L15-023', 'accepted', '507', '508', 'gezien', 'desk-1', '2015-01-31')",
    "INSERT INTO incident (subject, kind, message) VALUES ('police_deliveries', 'topic_gone', 'm')",
    "INSERT INTO incident_resumed (incident_id, by, note) VALUES (1, 'desk-1', 'gezien')",
    'INSERT INTO dead_letter (source, topic, topic_id, partition, "offset", headers, reason, rule, form) '
    "VALUES ('police_deliveries', 't', 'T', 0, 9, '[]', 'header', 'r', 'message')",
    'INSERT INTO dead_letter_step (dead_letter_id, step, topic_id, partition, "offset") '
    "VALUES (1, 'published', 'T', 0, 1)",
    "INSERT INTO dead_letter_step (dead_letter_id, step, by, note) VALUES (1, 'discarded', 'desk-1', 'gezien')",
    "INSERT INTO alert_event (alert_id, rule, subject, step, severity, evidence, mark, by, note, at) VALUES "
    "('r:s', 'r', 's', 'raised', 'notice', '{}', '', NULL, NULL, now()), "
    "('r:s', 'r', 's', 'acknowledged', 'notice', '{}', '', 'desk-1', 'gezien', now())",
)
"""A row of every table that says who acted, as it was written before; the fourth and the last two name somebody."""


@pytest.fixture
def grown(new_warehouse: NewWarehouse) -> Engine:
    """A warehouse with entries from before the column, brought up to date."""
    engine = new_warehouse()
    with engine.begin() as connection:
        begin_at(connection, "0018", of=[])
        for one in BEFORE:
            connection.execute(text(one))
    migrate(engine)
    return engine


def identities(connection: Connection, table: str) -> list[str | None]:
    return list(connection.scalars(text(f"SELECT identity FROM {table} ORDER BY 1")))


def test_rows_from_before_are_declared_and_their_entries_fit(grown: Engine) -> None:
    found = verify_chain(grown, [])
    assert (found.finding, found.entries) == (None, 4)
    with grown.connect() as connection:
        for table in ("decision", "restatement_decision", "incident_resumed"):
            assert identities(connection, table) == ["declared"]
        for table in ("dead_letter_step", "alert_event"):
            assert identities(connection, table) == ["declared", None], "nobody published it, or raised it"
    fill(grown, rounds=1)
    assert (verify_chain(grown, []).finding, verify_chain(grown, []).entries) == (None, 4 + len(EACH_KIND))


def test_a_new_entry_holds_it_and_another_identity_is_found(grown: Engine) -> None:
    pair = Pair(dossier_number="PL0900-2014888888", suspect_number=1, case_number="0988888814")
    said = Decision(
        verdict=BreakStep.CONFIRMED, decided_by="anna", decided_on=DAY, pair=pair, identity=Identity.SIGNED_IN
    )
    with grown.begin() as connection:
        record_decisions(connection, [said])
        kept = read_pair_decisions(connection, as_of=DAY)
    assert kept.schema == PAIR_DECISION
    assert kept["identity"].to_list() == ["declared", "signed_in"]
    assert verify_chain(grown, []).finding is None
    with grown.begin() as connection:
        connection.execute(text(OFF))
        connection.execute(text("UPDATE decision SET identity = 'declared' WHERE decided_by = 'anna'"))
    found = verify_chain(grown, []).finding
    assert found is not None
    assert (found.how, found.entry_number) == (Misfit.EDITED, 5)
    assert found.says.endswith("(identity)")


def test_no_other_word_and_nobody_with_an_identity_is_kept(grown: Engine) -> None:
    values = {"verdict": "released", "break_id": "2014-om-1", "decided_by": "anna", "decided_on": DAY}
    with pytest.raises(IntegrityError), grown.begin() as connection:
        connection.execute(insert(DECISION).values(**values, identity="sworn"))
    for row in ("1, 'redriven', NULL, 'declared'", "1, 'redriven', 'desk-1', NULL"):
        with pytest.raises(IntegrityError, match="identity_of_whom"), grown.begin() as connection:
            connection.execute(
                text(f"INSERT INTO dead_letter_step (dead_letter_id, step, by, identity) VALUES ({row})")
            )
