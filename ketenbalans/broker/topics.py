"""The topics of the sources, made from their declarations, and that of audit checkpoints.

And the one place that asks Kafka about them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kafka import KafkaAdminClient
from kafka.errors import (
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from ketenbalans.broker.client_settings import connection
from ketenbalans.broker.errors import BrokerUnreachable, TopicMissing
from schemas.audit import CHECKPOINT_TOPIC
from schemas.declaration import TOPIC_PARTITIONS, Source

DEAD_LETTER_SETTINGS = {"max.message.bytes": str(16 * 1024 * 1024)}
"""What a topic of dead letters takes besides: what came is often there because it is too large for anything else."""


def ensure_checkpoint_topic(bootstrap: str) -> None:
    """Make the topic of audit checkpoints where it does not exist; its records are kept for good.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
    """
    _ensure(bootstrap, {CHECKPOINT_TOPIC: {"retention.ms": "-1", "cleanup.policy": "delete"}})


def ensure_topics(bootstrap: str, sources: Sequence[Source]) -> None:
    """Make the topics of these sources and of their dead letters, where they do not exist; leave those that do.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
    """
    wanted = {source.topic: source.topic_settings for source in sources}
    _ensure(bootstrap, wanted | {source.dead_letter_topic: _dead_letter_settings(source) for source in sources})


def ensure_dead_letter_topic(bootstrap: str, source: Source) -> str:
    """Make the topic of a source's dead letters where it does not exist, and give its id.

    That of the source itself is left alone: where it is gone, that is an incident, and no new one may hide it.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
    """
    _ensure(bootstrap, {source.dead_letter_topic: _dead_letter_settings(source)})
    return topic_id_of(bootstrap, source.dead_letter_topic)


def topic_id_of(bootstrap: str, topic: str) -> str:
    """The id of a topic, which a topic that is made again does not share.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
        TopicMissing: it has no such topic.
    """
    with administration(bootstrap) as admin:
        (described,) = admin.describe_topics([topic])
    if described["error_code"] == UnknownTopicOrPartitionError.errno:
        raise TopicMissing(bootstrap, topic)
    if described["error_code"]:
        raise BrokerUnreachable(bootstrap, for_code(described["error_code"]).__name__)
    return str(described["topic_id"])


@contextmanager
def administration(bootstrap: str) -> Iterator[KafkaAdminClient]:
    """A client that asks Kafka about topics, for as long as the ``with`` lasts.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
    """
    reason = None
    try:
        admin = KafkaAdminClient(**connection(bootstrap))
        try:
            yield admin
        finally:
            admin.close()
    except (KafkaError, OSError, ValueError) as error:
        reason = type(error).__name__
    if reason is not None:
        raise BrokerUnreachable(bootstrap, reason)


def _dead_letter_settings(source: Source) -> dict[str, str]:
    return {**source.topic_settings, **DEAD_LETTER_SETTINGS}


def _ensure(bootstrap: str, wanted: Mapping[str, Mapping[str, str]]) -> None:
    """Make the topics that do not exist, each with its settings."""
    with administration(bootstrap) as admin:
        for name in sorted(wanted.keys() - set(admin.list_topics())):
            settings = {"num_partitions": TOPIC_PARTITIONS, "configs": dict(wanted[name])}
            try:
                admin.create_topics({name: settings}, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                continue  # another producer was a moment earlier
