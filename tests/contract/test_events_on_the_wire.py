"""Our messages as others read them: CloudEvents by the standard, the declared fields, and ids that never change."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.broker.sending import Receipt
from producers.catalogue import producer_of
from producers.control import Totals, control_record
from producers.pseudonyms import ChainKey
from schemas.catalogue import source_named, sources
from schemas.declaration import Source
from schemas.sources.extracts import SOURCE as EXTRACTS
from schemas.wire.events import Message, decode, encode
from tests.contract.valid_events import events_of, frame_of, rows_of
from tests.unit.producers.extracts import outcome_of_file

pytestmark = pytest.mark.laws

EXAMPLES = Path(__file__).with_name("examples")
KEY = ChainKey(b"a key for the tests")  # shorter than any that is taken now; under it the examples got their ids
ALL = pytest.mark.parametrize("source", sources().values(), ids=lambda source: source.name)

DESIGN = {
    "police_deliveries": ("police.deliveries", "nl.keten.police.delivery.v1", "dossier_number"),
    "om_registrations": ("om.registrations", "nl.keten.om.registration.v1", "case_number"),
    "hotline_reports": ("hotline.reports", "nl.keten.hotline.report.v1", "report_id"),
    "interventions": ("police.interventions", "nl.keten.police.intervention.v1", "intervention_number"),
    "investigations": ("police.investigations", "nl.keten.police.investigation.v1", "investigation_number"),
    "aggregates": ("aggregates", "nl.keten.aggregate.v1", "measure"),
    "extracts": ("extracts", "nl.keten.extract.v1", "source"),
}
"""Topic, type and key of each source: those that were agreed on first, and of the three that came after them."""

ATTRIBUTES = {"specversion", "id", "source", "type", "time", "datacontenttype", "partitionkey"}
"""What a peer finds, and nothing more; the last one is Kafka's key."""

FIELDS = {
    "police_deliveries": """mutation dossier_number suspect_number person_token unit team delivered_on qualifications
        transnational transferred_to recorded_at""",
    "om_registrations": """mutation case_number person_token dossier_number dossier_number_as_reported suspect_number
        classification registered_on disposal joined_into recorded_at""",
    "hotline_reports": "mutation report_id hotline channel theme received_on outcome recorded_at",
    "interventions": """mutation intervention_number kind unit realised_on dossier_number suspect_number
        recorded_at""",
    "investigations": "mutation investigation_number kind unit started_on ended_on result recorded_at",
    "aggregates": "mutation measure category basis period_start period_end as_of value recorded_at",
    "extracts": """source extract_id covers_until rows published rejected chain_key_check topic_id offsets synthetic
        recorded_at""",
}
"""The fields of each source, likewise; ``synthetic`` by ADR 0007."""


def one_message(source: Source, row: dict[str, Any]) -> Message:
    (message,) = encode(source, frame_of(source, [row]))
    return message


def id_of(message: Message) -> str:
    return (dict(message.headers)["ce_id"] or b"").decode()


@ALL
@given(data=st.data())
@settings(max_examples=12)
def test_a_peer_reads_the_attributes_of_the_design(source: Source, data: st.DataObject) -> None:
    rows = data.draw(st.lists(rows_of(source), min_size=1, max_size=4))
    for row, message in zip(rows, encode(source, frame_of(source, rows)), strict=True):
        a_peer_reads_the_attributes_of_the_design(source, row, message)


def a_peer_reads_the_attributes_of_the_design(source: Source, row: dict[str, Any], message: Message) -> None:
    headers = {name: value for name, value in message.headers if value is not None}
    assert len(headers) == len(message.headers)
    assert message.value is not None
    read = from_binary_event(KafkaMessage(headers, message.key, message.value))
    assert read.get_specversion() == "1.0"
    assert read.get_id() == id_of(message)
    assert read.get_source() == f"/ketenbalans/{source.name}"
    assert read.get_type() == source.event_type
    assert read.get_time() == row["recorded_at"]
    assert read.get_datacontenttype() == "application/json"
    assert read.get_extension("partitionkey") == str(row[source.partition_key])
    assert set(read.get_attributes()) == ATTRIBUTES
    assert read.get_data() == orjson.loads(message.value or b"")


@ALL
@given(data=st.data())
@settings(max_examples=10)
def test_what_is_encoded_is_what_is_decoded(source: Source, data: st.DataObject) -> None:
    events = data.draw(events_of(source))
    sent = list(encode(source, events))
    read = decode(source, sent)
    assert read.refusals == []
    assert read.events.drop("event_source", "event_id").equals(events)
    assert read.events["event_id"].to_list() == [id_of(message) for message in sent]
    assert set(read.events["event_source"]) <= {source.ce_source}


@ALL
@given(data=st.data())
@settings(max_examples=12)
def test_an_id_is_that_of_the_whole_content_and_of_nothing_else(source: Source, data: st.DataObject) -> None:
    row, another = data.draw(rows_of(source)), data.draw(rows_of(source))
    message = one_message(source, row)
    assert one_message(source, dict(reversed(row.items()))) == message
    changed = [row | {field.name: another[field.name]} for field in source.fields]
    for other, published in zip(changed, encode(source, frame_of(source, changed)), strict=True):
        assert (id_of(published) == id_of(message)) == (other == row)


@pytest.mark.parametrize("name", FIELDS)
@given(data=st.data())
@settings(max_examples=10)
def test_the_keys_of_the_json_are_the_fields_of_the_design(name: str, data: st.DataObject) -> None:
    source = source_named(name)
    message = one_message(source, data.draw(rows_of(source)))
    assert set(json.loads(message.value or b"")) == set(FIELDS[name].split())
    assert [field.name for field in source.fields] == FIELDS[name].split()
    assert (source.topic, source.event_type, source.partition_key) == DESIGN[name]


def of_the_examples(name: str) -> pl.DataFrame:
    """The events of a committed extract, or the committed control record."""
    if name == EXTRACTS.name:
        totals = Totals(
            extract_id="a" * 64, covers_until=date(2015, 1, 31), rows=5, published=4, rejected=1, synthetic=True
        )
        receipt = Receipt("bR3nQ0h8SxGYy1xvQ0mZ2w", {2: 7, 0: 1, 10: 3})
        moment = datetime(2015, 2, 1, 6, 30, 0, 250_000, tzinfo=UTC)
        return control_record("police_deliveries", totals, receipt, check=KEY.check, recorded_at=moment)
    (file,) = EXAMPLES.glob(f"{name}.*")
    found = outcome_of_file(producer_of(source_named(name)), file, key=KEY)
    assert found.rejected == []
    return found.events


@pytest.mark.parametrize("name", FIELDS)
def test_the_examples_keep_their_ids(name: str) -> None:
    """A row that was published once keeps its id for good: a change here makes every extract count twice."""
    published = [json.loads(line) for line in (EXAMPLES / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    expected = [
        {key: one[key] for key in ("ce_id", "ce_time", "key", "value")} for one in published if one["of"] == name
    ]
    sent = [
        {
            "ce_id": id_of(message),
            "ce_time": (dict(message.headers)["ce_time"] or b"").decode(),
            "key": (message.key or b"").decode(),
            "value": json.loads(message.value or b""),
        }
        for message in encode(source_named(name), of_the_examples(name))
    ]
    assert expected
    assert sent == expected
