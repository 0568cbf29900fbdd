"""What a copy of the project says of the field, the cause and the alert rule that were added to it, as JSON.

Runs in a process of its own, in the folder of the copy.
"""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

import ketenbalans
from ketenbalans.alerts.facts import Facts, NewBreaks
from ketenbalans.alerts.message import Places, message_of
from ketenbalans.alerts.rules import findings
from ketenbalans.cli.completing import causes
from ketenbalans.code_version import code_version
from ketenbalans.columns.coding import coded_source
from ketenbalans.project_policy import POLICY_FILE, project_policy
from ketenbalans.reconciliation.balance import balance_of
from ketenbalans.reconciliation.breaks import found_breaks
from ketenbalans.reports.bridge_lines import bridge_lines
from producers.catalogue import producer_of
from producers.content import opened
from producers.pseudonyms import ChainKey
from producers.two_readings import checked, good_rows
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertEvent, AlertRule, AlertStep
from schemas.catalogue import source_named
from schemas.causes import Cause
from schemas.coded_state import DELIVERIES, REGISTRATIONS
from schemas.period import Period
from tests.golden import test_counting_rules as rules_page
from tests.golden import test_golden as golden
from tests.reference.golden import FOLDER
from tests.reference.records import numbered
from tests.unit.alerts import test_message as runbook
from tests.unit.reconciliation import test_order_of_rules as order
from tests.unit.reports.a_report import composed, report_of
from warehouse.evidence import EVENT
from warehouse.tables.events import event_table

CASE = FOLDER / "sent_back"
EXTRACT = """mutatie;parketnummer;skn;registratienummer_politie;volgnummer_verdachte;classificatie;datum_inschrijving;\
afdoening;gevoegd_bij;datum_teruggezonden;tijdstip_mutatie
vervallen;0900000114;SYN-0451;PL0900-2014111111;;KP;20-11-2014;;;01-12-2014;2014-12-01T12:00:00+01:00
"""


def balance() -> Any:
    """The balance of the golden case, whose registrations carry the field."""
    tokens = {"person_token": pl.String()}
    police = numbered(pl.read_csv(CASE / "police.csv", separator=";", schema_overrides={**DELIVERIES, **tokens}))
    om = numbered(pl.read_csv(CASE / "om.csv", separator=";", schema_overrides={**REGISTRATIONS, **tokens}))
    period = Period.of_year(2014)
    return balance_of(police, om, period=period, as_of=date(2015, 6, 30), policy=project_policy())


def event_of_the_extract() -> Any:
    """The field of an event, as the producer of the OM makes it of an extract."""
    file = Path("om-2014-12-31.csv")
    file.write_text(EXTRACT, encoding="utf-8")
    om = source_named("om")
    producer = producer_of(om)
    key = ChainKey.of("a key for the tests, long enough for any")
    with opened(file) as content:
        extract = checked(producer, content)
        assert extract.rejected.is_empty(), extract.rejected
        ((events, _),) = good_rows(producer, content, key, extract.rejected)
    return events["sent_back_on"].to_list()


CAUSE_OF: Any = Cause
"""Looks a cause up that only the copy has."""
RULE_OF: Any = AlertRule


def message() -> str:
    """The alert as it is sent."""
    found = NewBreaks(year=2014, cause="sent_back", found_on=date(2015, 1, 31), breaks=3, open_breaks=3)
    facts = Facts(today=date(2015, 2, 1), as_of=date(2015, 1, 31), sources=(), new_breaks=[found])
    (one,) = findings(facts, AlertPolicy.parse(POLICY_FILE.read_text(encoding="utf-8")))
    said: dict[str, Any] = {
        "rule": one.rule,
        "subject": one.subject,
        "severity": one.severity,
        "says": one.says,
        "mark": one.mark,
    }
    event = AlertEvent(**said, step=AlertStep.RAISED, at=datetime(2015, 2, 1, tzinfo=UTC))
    sent = message_of(event, Places())
    return f"{sent.headline}\n{sent.text}"


def report(language: str) -> list[list[Any]]:
    """The rows of a report's table of causes."""
    document = composed(report_of(causes={"sent_back": 4}, om_only={}, recognised=9, registered_earlier=0), language)
    (table,) = (table for section in document.sections for table in section.tables if table.key == "causes")
    return [list(map(str, row)) for row in table.rows]


def tests_that_hold_the_pages() -> None:
    """The tests of the project that hold the pages and the order, over what was added."""
    cause: Any = CAUSE_OF("sent_back")
    rules_page.test_the_page_has_the_causes_in_their_order_with_the_dutch_word(Cause)
    rules_page.test_the_page_says_the_declared_state_of_a_cause_and_from_which_day_it_waits(cause)
    rules_page.test_a_cause_is_shown_by_each_case_named_with_it(cause)
    rules_page.test_every_case_is_on_the_page_and_every_case_on_the_page_exists()
    runbook.test_the_runbook_has_one_heading_per_rule_where_its_place_says(RULE_OF("files_sent_back"))
    runbook.test_the_runbook_describes_no_rule_that_there_is_not()
    golden.test_the_product_gives_what_is_expected("joined_and_lapsed_come_first")  # what says nothing of the field
    for side in order.SIDES:
        values: Any = side.values
        order.test_the_order_of_the_rules_is_the_declared_one(*values)


def answers() -> dict[str, Any]:
    """Everything that was asked of the copy."""
    assert Path(ketenbalans.__file__).is_relative_to(Path.cwd()), "another project answers"
    made = balance()
    tests_that_hold_the_pages()
    return {
        "event": list(map(str, event_of_the_extract())),
        "column": "sent_back_on" in event_table(source_named("om")).c,
        "query": "sent_back_on" in coded_source(source_named("om")).types_read,
        "evidence": "sent_back_on" in EVENT,
        "suspects": made.suspects.select("dossier_number", "case_number", "link_rule", "cause").rows(),
        "counted": made.answer().to_json()["causes"],
        "closes": made.closes,
        "breaks": found_breaks(made, policy=project_policy()).select("case_number", "cause", "state").rows(),
        "resolved_when": CAUSE_OF("sent_back").record.resolved_when,
        "bridge": [(line.key, line.label) for line in bridge_lines() if "sent" in line.key],
        "completed": "sent_back" in causes(),
        "report": {language: report(language) for language in ("en", "nl")},
        "alert": message(),
        "code_version": code_version(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answers()))
