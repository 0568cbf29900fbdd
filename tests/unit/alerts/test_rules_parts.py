"""A part that does not answer is one critical alert that says since when and what stands still, and nothing else is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ketenbalans.alerts.facts import SilentPart
from ketenbalans.alerts.rules import findings
from ketenbalans.alerts.rules_parts import AIRFLOW, KAFKA, MEANS, TITLES, WAREHOUSE, part_down, silent_parts
from schemas.alerts import AlertRule, Severity
from tests.unit.alerts.looks import HOTLINE, OM, POLICE, POLICY, extract, facts, shows_an_identifier

SINCE = datetime(2015, 6, 30, 8, 41, 12, tzinfo=UTC)
LAST = date(2015, 6, 29)


def silent(name: str, *pieces: str, since: datetime = SINCE) -> SilentPart:
    return SilentPart(name=name, place=f"{name}.example:1", pieces=pieces or (name,), since=since)


@pytest.mark.parametrize("name", [KAFKA, WAREHOUSE, AIRFLOW])
def test_it_says_where_since_when_and_which_sources_stand_still(name: str) -> None:
    (found,) = silent_parts(facts(silent_parts=[silent(name)]), POLICY)
    assert (found.alert_id, found.severity) == (f"part_down:{name}", Severity.CRITICAL)
    assert found.says.startswith(f"{TITLES[name]} at {name}.example:1 has not answered since 2015-06-30 10:41:12: ")
    assert MEANS[name] in found.says
    assert all(source in found.says for source in (POLICE, OM, HOTLINE))
    assert not shows_an_identifier(found)


def test_the_evidence_has_the_last_extract_of_each_source_that_handed_one_over() -> None:
    received = {POLICE: [extract(POLICE, LAST - timedelta(days=30)), extract(POLICE, LAST)], OM: []}
    (found,) = silent_parts(facts(silent_parts=[silent(KAFKA)], received=received), POLICY)
    assert found.evidence["silent_since"] == "2015-06-30T08:41:12+00:00"
    assert found.evidence[f"{POLICE}_last_extract"] == "2015-06-29 14:00:00"
    assert f"{OM}_last_extract" not in found.evidence


def test_components_of_airflow_are_named() -> None:
    (found,) = silent_parts(facts(silent_parts=[silent(AIRFLOW, "scheduler", "triggerer")]), POLICY)
    assert found.says.startswith("Airflow (scheduler, triggerer) at ")


def test_what_answers_is_no_finding() -> None:
    assert list(silent_parts(facts(), POLICY)) == []


def test_what_a_person_resolved_comes_back_only_with_another_silence() -> None:
    first, same, later = (
        part_down(silent(KAFKA, since=since), [POLICE]) for since in (SINCE, SINCE, SINCE + timedelta(hours=1))
    )
    assert first.mark == same.mark != later.mark


def test_other_parts_that_are_silent_too_are_said_in_the_same_sentence() -> None:
    found = part_down(silent(WAREHOUSE), [POLICE], also=[KAFKA, AIRFLOW])
    assert found.says.endswith("Kafka and Airflow did not answer either")


def test_a_silent_part_is_the_reason_of_every_silent_source_and_for_nothing_else() -> None:
    long_ago = {name: [extract(name, LAST, received_on=LAST - timedelta(days=90))] for name in (POLICE, HOTLINE)}
    alone = findings(facts(received=long_ago), POLICY)
    assert [one.alert_id for one in alone] == [f"source_silent:{POLICE}", f"source_silent:{HOTLINE}"]
    with_kafka_down = findings(facts(received=long_ago, silent_parts=[silent(KAFKA)]), POLICY)
    assert [one.alert_id for one in with_kafka_down if not one.held_back_reasons] == ["part_down:kafka"]
    assert {one.rule for one in alone} == {AlertRule.SOURCE_SILENT}
