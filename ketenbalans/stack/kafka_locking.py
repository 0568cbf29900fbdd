"""Lock the Kafka of a home before it starts, or see that a locked one has all that it needs."""

from collections.abc import Collection

from ketenbalans.stack import ports
from ketenbalans.stack.errors import KafkaIsOpen
from ketenbalans.stack.kafka_broker import KAFKA, Broker
from ketenbalans.stack.startup import Startup

HOSTS = (ports.HOST, "localhost")


def lock_kafka(startup: Startup, broker: Broker, users: Collection[str], *, is_asked: bool) -> bool:
    """See that a locked Kafka has its certificates and passwords; lock one that never ran, when that is asked.

    Args:
        startup: reports what happens.
        broker: whose Kafka.
        users: everybody who gets a password.
        is_asked: lock one that never ran; one that is locked is so for good.

    Returns:
        Whether its certificate is a new one.

    Raises:
        KafkaIsOpen: it ran before, and lets everybody in.
        SecretUnusable: a key that is there cannot be read.
    """
    keys = broker.keys
    if not keys.are_there:
        if not is_asked:
            return False
        if broker.is_formatted:
            raise KafkaIsOpen(startup.home.path)
    is_new = keys.make(users, hosts=HOSTS)
    startup.say(KAFKA, f"is locked; its certificate holds until {keys.certificate_ends_at():%Y-%m-%d}")
    return is_new
