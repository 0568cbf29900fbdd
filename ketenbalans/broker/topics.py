"""The topics of the sources, made from their declarations, and that of audit checkpoints.

And the one place that asks Kafka about them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kafka import KafkaAdminClient
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from ketenbalans.broker.access import Kafka, access_of
from ketenbalans.broker.client_settings import connection
from ketenbalans.broker.errors import BrokerUnreachable, NotAllowed, TopicMissing
from ketenbalans.broker.handshake import check_let_in, check_not_locked
from schemas.audit import CHECKPOINT_TOPIC
from schemas.declaration import TOPIC_PARTITIONS, Source

DEAD_LETTER_SETTINGS = {"max.message.bytes": str(16 * 1024 * 1024)}
"""What a topic of dead letters takes besides: what came is often there because it is too large for anything else."""


def ensure_checkpoint_topic(kafka: Kafka) -> None:
    """Make the topic of audit checkpoints where it does not exist; its records are kept for good.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
    """
    _ensure(kafka, {CHECKPOINT_TOPIC: {"retention.ms": "-1", "cleanup.policy": "delete"}})


def ensure_topics(kafka: Kafka, sources: Sequence[Source]) -> None:
    """Make the topics of these sources and of their dead letters, where they do not exist; leave those that do.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
    """
    wanted = {source.topic: source.topic_settings for source in sources}
    _ensure(kafka, wanted | {source.dead_letter_topic: _dead_letter_settings(source) for source in sources})


def check_topics(kafka: Kafka, sources: Sequence[Source]) -> None:
    """See that the topics of these sources are there, for who may not make them.

    Raises:
        TopicMissing: one is not there.
        NotAllowed: this user may not write one of them; where it is not there Kafka says so too.
        BrokerRefuses, BrokerUnreachable: see ``broker.errors``.
    """
    for source in sources:
        topic_id_of(kafka, source.topic)


def ensure_dead_letter_topic(kafka: Kafka, source: Source) -> str:
    """Make the topic of a source's dead letters where it does not exist, and give its id.

    That of the source itself is left alone: where it is gone, that is an incident, and no new one may hide it.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
    """
    _ensure(kafka, {source.dead_letter_topic: _dead_letter_settings(source)})
    return topic_id_of(kafka, source.dead_letter_topic)


def topic_id_of(kafka: Kafka, topic: str) -> str:
    """The id of a topic, which a topic that is made again does not share.

    Raises:
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses.
        TopicMissing: it has no such topic.
    """
    with administration(kafka) as admin:
        (described,) = admin.describe_topics([topic])
    if described["error_code"] == UnknownTopicOrPartitionError.errno:
        raise TopicMissing(str(kafka), topic)
    if described["error_code"]:
        error = for_code(described["error_code"])
        if issubclass(error, AuthorizationError):
            raise NotAllowed(str(kafka), access_of(kafka).user, f"see topic {topic}")
        raise BrokerUnreachable(str(kafka), error.__name__)
    return str(described["topic_id"])


@contextmanager
def administration(kafka: Kafka) -> Iterator[KafkaAdminClient]:
    """A client that asks Kafka about topics, for as long as the ``with`` lasts.

    Raises:
        BrokerRefuses: it lets nobody in with this certificate, user or password.
        NotAllowed: it does not let this user do what was asked.
        BrokerUnreachable: Kafka does not answer within ten seconds, or refuses otherwise.
    """
    check_let_in(kafka)
    reason, is_refused = None, False
    try:
        admin = KafkaAdminClient(**connection(kafka))
        try:
            yield admin
        finally:
            admin.close()
    except (KafkaError, OSError, ValueError) as error:
        reason, is_refused = type(error).__name__, isinstance(error, AuthorizationError)
    if is_refused:
        raise NotAllowed(str(kafka), access_of(kafka).user, f"do this ({reason})")
    if reason is not None:
        check_not_locked(kafka)
        raise BrokerUnreachable(str(kafka), reason)


def _dead_letter_settings(source: Source) -> dict[str, str]:
    return {**source.topic_settings, **DEAD_LETTER_SETTINGS}


def _ensure(kafka: Kafka, wanted: Mapping[str, Mapping[str, str]]) -> None:
    """Make the topics that do not exist, each with its settings."""
    with administration(kafka) as admin:
        for name in sorted(wanted.keys() - set(admin.list_topics())):
            settings = {"num_partitions": TOPIC_PARTITIONS, "configs": dict(wanted[name])}
            try:
                admin.create_topics({name: settings}, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                continue  # another producer was a moment earlier
            except AuthorizationError:
                raise NotAllowed(str(kafka), access_of(kafka).user, f"make topic {name}") from None
