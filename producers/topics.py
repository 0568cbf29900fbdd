"""The topics of the sources, made from their declarations; and the one place that asks Kafka about them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kafka import KafkaAdminClient  # type: ignore[import-untyped]
from kafka.errors import KafkaError, TopicAlreadyExistsError  # type: ignore[import-untyped]

from producers.errors import BrokerUnreachable
from schemas.declaration import TOPIC_PARTITIONS, Source

ANSWERS_WITHIN_MS = 10_000
"""How long a broker may take to answer before it counts as unreachable."""

CONNECTION = {
    "bootstrap_timeout_ms": ANSWERS_WITHIN_MS,
    "request_timeout_ms": ANSWERS_WITHIN_MS,
    "reconnect_backoff_max_ms": 1_000,
}
"""How our clients connect: a broker that restarts is found again within a second."""


def ensure_topics(bootstrap: str, sources: Sequence[Source]) -> None:
    """Make the topics of these sources and of their dead letters, where they do not exist; leave those that do.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
    """
    wanted = {name: source for source in sources for name in (source.topic, source.dead_letter_topic)}
    with _administration(bootstrap) as admin:
        missing = sorted(wanted.keys() - set(admin.list_topics()))
        for name in missing:
            settings = {"num_partitions": TOPIC_PARTITIONS, "configs": wanted[name].topic_settings}
            try:
                admin.create_topics({name: settings}, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                continue  # another producer was a moment earlier


def topic_id_of(bootstrap: str, topic: str) -> str:
    """The id of a topic, which a topic that is made again does not share.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or has no such topic.
    """
    with _administration(bootstrap) as admin:
        (described,) = admin.describe_topics([topic])
    if described["error_code"]:
        raise BrokerUnreachable(bootstrap, f"it has no topic {topic}")
    return str(described["topic_id"])


@contextmanager
def _administration(bootstrap: str) -> Iterator[KafkaAdminClient]:
    reason = None
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, **CONNECTION)
        try:
            yield admin
        finally:
            admin.close()
    except (KafkaError, OSError, ValueError) as error:
        reason = type(error).__name__
    if reason is not None:
        raise BrokerUnreachable(bootstrap, reason)
