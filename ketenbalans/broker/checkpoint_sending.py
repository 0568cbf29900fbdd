"""Send an audit checkpoint to its topic, acknowledged by every replica."""

from kafka import KafkaProducer
from kafka.errors import KafkaError

from ketenbalans.broker.client_hooks import close_at_once
from ketenbalans.broker.client_settings import SENDING_ANSWERS_WITHIN_SECONDS, sending
from ketenbalans.broker.errors import BrokerUnreachable
from ketenbalans.broker.topics import ensure_checkpoint_topic
from schemas.audit import CHECKPOINT_TOPIC

CLOSED_WITHIN_SECONDS = 5


def send_checkpoint(bootstrap: str, line: bytes, *, key: str) -> None:
    """Send a checkpoint; its topic is made where it does not exist.

    Args:
        bootstrap: Kafka.
        line: the checkpoint as canonical JSON.
        key: the id of the key that signed: checkpoints of one key stay in order.

    Raises:
        BrokerUnreachable: it was not acknowledged.
    """
    ensure_checkpoint_topic(bootstrap)
    client = reason = None
    try:
        client = KafkaProducer(**sending(bootstrap, delivered_within_ms=SENDING_ANSWERS_WITHIN_SECONDS * 1_000))
        client.send(CHECKPOINT_TOPIC, key=key.encode(), value=line).get(timeout=SENDING_ANSWERS_WITHIN_SECONDS)
    except (KafkaError, OSError, ValueError) as error:
        reason = type(error).__name__
    finally:
        if client is not None:
            close_at_once(client, within_seconds=CLOSED_WITHIN_SECONDS)
    if reason is not None:
        message = (
            f"Kafka at {bootstrap} cannot be reached ({reason}); the checkpoint is in the home and not on its topic. "
            "Start Kafka (ketenbalans up) or set KETENBALANS_KAFKA_BOOTSTRAP, and ask for it again"
        )
        raise BrokerUnreachable(bootstrap, reason, message)
