"""One message for every way to be wrong, each made from a good one; and letters as they come back from their topic."""

from dataclasses import replace
from typing import Any

import orjson
from kafka import KafkaConsumer, TopicPartition

from schemas.wire.events import Message
from schemas.wire.refusals import LARGEST_MESSAGE, Reason
from tests.integration.topics import messages

TOKEN = "f" * 64
"""The value of a person, in every message that can hold one: it may be reported nowhere."""


def poison(suspect_number: int) -> dict[Reason, Message]:
    """A message of each reason that a client can send, none of which may be loaded; suspect 1 is another event's."""
    (good,) = messages([suspect_number])
    headers, row = dict(good.headers), orjson.loads(good.value or b"")
    row["person_token"] = TOKEN

    def with_row(**fields: Any) -> Message:
        return replace(good, value=orjson.dumps({**row, **fields}))

    def with_headers(**said: bytes | None) -> Message:
        return replace(good, value=orjson.dumps(row), headers=list({**headers, **said}.items()))

    return {
        Reason.TOMBSTONE: replace(good, key=None, value=None),
        Reason.OVERSIZED: with_row(transferred_to="x" * LARGEST_MESSAGE),
        Reason.HEADER: replace(good, headers=[]),
        Reason.UNKNOWN_TYPE: with_headers(ce_type=b"something.else"),
        Reason.UNKNOWN_VERSION: with_headers(ce_type=b"nl.keten.police.delivery.v0"),
        Reason.NOT_UTF8: replace(good, value=b'{"person_token": "\xff' + TOKEN.encode() + b'"}'),
        Reason.NOT_JSON: replace(good, value=b'{"person_token": "' + TOKEN.encode()),
        Reason.SCHEMA: with_row(team=TOKEN),
        Reason.IMPOSSIBLE_VALUE: with_row(delivered_on="1066-10-14"),
        Reason.KEY: replace(good, key=TOKEN.encode(), value=orjson.dumps(row)),
        Reason.ID_REUSED: with_headers(ce_id=dict(messages([1])[0].headers)["ce_id"]),
    }


def committed(bootstrap: str, topic: str, *, partitions: int = 4) -> list[Any]:
    """Every record of a topic that a consumer which reads committed ones sees, in order of partition and offset."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", group_id=None, enable_auto_commit=False
    )
    places = [TopicPartition(topic, partition) for partition in range(partitions)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends, found = consumer.end_offsets(places), []
    while any(consumer.position(place) < end for place, end in ends.items()):
        found += [record for records in consumer.poll(timeout_ms=100).values() for record in records]
    consumer.close()
    return sorted(found, key=lambda record: (record.partition, record.offset))
