"""Send an audit checkpoint to its topic, acknowledged by every replica."""

from kafka import KafkaProducer
from kafka.errors import KafkaError

from ketenbalans.broker.access import Kafka, access_of
from ketenbalans.broker.client_hooks import close_at_once
from ketenbalans.broker.client_settings import SENDING_ANSWERS_WITHIN_SECONDS, sending
from ketenbalans.broker.errors import REFUSALS, BrokerUnreachable, NotAllowed, reason_of
from ketenbalans.broker.topics import ensure_checkpoint_topic
from schemas.audit import CHECKPOINT_TOPIC

CLOSED_WITHIN_SECONDS = 5


def send_checkpoint(kafka: Kafka, line: bytes, *, key: str) -> None:
    """Send a checkpoint; its topic is made where it does not exist.

    Args:
        kafka: where.
        line: the checkpoint as canonical JSON.
        key: the id of the key that signed: checkpoints of one key stay in order.

    Raises:
        BrokerUnreachable: it was not acknowledged.
        BrokerRefuses: nobody is let in with this certificate, user or password.
        NotAllowed: this user may not write the topic.
    """
    ensure_checkpoint_topic(kafka)
    client = reason = None
    try:
        client = KafkaProducer(**sending(kafka, delivered_within_ms=SENDING_ANSWERS_WITHIN_SECONDS * 1_000))
        client.send(CHECKPOINT_TOPIC, key=key.encode(), value=line).get(timeout=SENDING_ANSWERS_WITHIN_SECONDS)
    except (KafkaError, OSError, ValueError) as error:
        reason = reason_of(error)
    finally:
        if client is not None:
            close_at_once(client, within_seconds=CLOSED_WITHIN_SECONDS)
    if reason in REFUSALS:
        raise NotAllowed(str(kafka), access_of(kafka).user, f"write topic {CHECKPOINT_TOPIC}")
    if reason is not None:
        message = (
            f"Kafka at {kafka} cannot be reached ({reason}); the checkpoint is in the home and not on its topic. "
            "Start Kafka (ketenbalans up) or set KETENBALANS_KAFKA_BOOTSTRAP, and ask for it again"
        )
        raise BrokerUnreachable(str(kafka), reason, message)
