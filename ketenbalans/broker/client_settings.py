"""The one set of settings of every client of Kafka: how it connects, how long it waits, what it never does by itself.

A client is made of these and of what it alone needs. No client makes a topic, keeps an offset in Kafka, or begins where
nobody said; what is sent is kept by every replica and once.
"""

import logging
from typing import Any

from ketenbalans.broker.access import Kafka, access_of

CLIENT_ID = "ketenbalans"
RECONNECTS_WITHIN_MS = 1_000
"""A broker that restarts is found again within a second."""

SENDING_ANSWERS_WITHIN_SECONDS = 10
"""How long a broker may take to answer who sends, or asks about topics, before it counts as unreachable."""

READING_ANSWERS_WITHIN_SECONDS = 5
"""The same for who reads: a DAG tries again soon, a person who publishes waits."""

LEADER_ASKED_EVERY_MS = 20
"""A consumer's sleep until a leader is known; by default two tenths of a second."""

Settings = dict[str, Any]

# The client's debug messages show keys and values, and those are of persons; its other ones report each connection.
logging.getLogger("kafka").setLevel(logging.WARNING)


def connection(kafka: Kafka, *, answers_within_seconds: int = SENDING_ANSWERS_WITHIN_SECONDS) -> Settings:
    """How a client connects, and as whom: for one that asks about topics. The API version is the broker's to say."""
    answers_within_ms = answers_within_seconds * 1_000
    return {
        **access_of(kafka).settings(),
        "client_id": CLIENT_ID,
        "api_version": None,
        "bootstrap_timeout_ms": answers_within_ms,
        "request_timeout_ms": answers_within_ms,
        "reconnect_backoff_max_ms": RECONNECTS_WITHIN_MS,
    }


def reading(
    kafka: Kafka,
    *,
    isolation_level: str = "read_committed",
    answers_within_seconds: int = READING_ANSWERS_WITHIN_SECONDS,
) -> Settings:
    """A consumer in no group, that reads from where it is put and fails where that is gone."""
    return {
        **connection(kafka, answers_within_seconds=answers_within_seconds),
        "group_id": None,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "allow_auto_create_topics": False,
        "isolation_level": isolation_level,
        "retry_backoff_ms": LEADER_ASKED_EVERY_MS,
        "metrics_enabled": False,
    }


def sending(kafka: Kafka, *, delivered_within_ms: int) -> Settings:
    """A producer whose rows every replica has before they count as sent, each of them once."""
    return {
        **connection(kafka),
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": "lz4",
        "delivery_timeout_ms": delivered_within_ms,
        "max_block_ms": delivered_within_ms,
        "allow_auto_create_topics": False,
    }
