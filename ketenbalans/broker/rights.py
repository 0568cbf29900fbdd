"""Who may do what in Kafka: every role with its rights, declared once.

The access control lists of a locked Kafka, the table in the docs and the script for a cluster of one's own are derived
from here. A role has just the rights that its clients use, so what a password that got out can do is what its role
does. Writing or reading a topic implies asking about it; a producer that writes each row once needs nothing more.
"""

from dataclasses import dataclass
from enum import Enum

from schemas.audit import CHECKPOINT_TOPIC
from schemas.catalogue import sources
from schemas.declaration import Source
from schemas.sources.extracts import SOURCE as EXTRACTS

OURS = "ketenbalans-"
"""What the user of every role begins with: rights of such a user that no role has are taken away."""


class Resource(Enum):
    """What a right is about, by Kafka's name for it."""

    TOPIC = "topic"
    TRANSACTIONAL_ID = "transactional-id"
    GROUP = "group"
    CLUSTER = "cluster"


class Operation(Enum):
    """What a right allows, by Kafka's name for it."""

    READ = "Read"
    WRITE = "Write"
    DESCRIBE_CONFIGS = "DescribeConfigs"


@dataclass(frozen=True, slots=True, order=True)
class KafkaRight:
    """One thing that one role may do.

    Attributes:
        resource: what it is about.
        name: which one.
        operation: what may be done.
        is_prefix: every one whose name begins so, in place of the one of that name.
    """

    resource: Resource
    name: str
    operation: Operation
    is_prefix: bool = False

    def __str__(self) -> str:
        """As a person reads it."""
        which = f"every {self.resource.value} {self.name}*" if self.is_prefix else f"{self.resource.value} {self.name}"
        return f"{self.operation.value} {which}"


@dataclass(frozen=True, slots=True)
class KafkaRole:
    """One user of Kafka, and what it may do.

    Attributes:
        name: the role.
        meaning: who acts in it, for the docs.
        rights: all that it may do.
        is_admin: makes topics, users and rights; Kafka asks it for no right.
    """

    name: str
    meaning: str
    rights: tuple[KafkaRight, ...] = ()
    is_admin: bool = False

    @property
    def user(self) -> str:
        """The name under which it signs in."""
        return f"{OURS}{self.name}"


def transactional_id_of(topic: str) -> str:
    """The transactional id under which a topic is written: whoever opens it ends what another one left open."""
    return f"{OURS.rstrip('-')}.{topic}"


def producer_of(source: Source) -> KafkaRole:
    """Who hands over the extracts of a source: it writes that source's topic and control records, and reads nothing."""
    return KafkaRole(
        f"producer-{source.command or source.name}",
        f"publishes extracts of {source.name} (`ketenbalans produce {source.command}`)",
        tuple(_topic(topic, Operation.WRITE) for topic in (source.topic, EXTRACTS.topic)),
    )


def roles() -> dict[str, KafkaRole]:
    """Every role by its name, in the order in which the docs show them."""
    producers = [producer_of(source) for source in sources().values() if source.command is not None]
    return {role.name: role for role in (ADMIN, *producers, INGEST, DEAD_LETTERS, CHECKPOINTS, WATCHER)}


def _topic(name: str, operation: Operation) -> KafkaRight:
    return KafkaRight(Resource.TOPIC, name, operation)


def _rights_on_dead_letters() -> tuple[KafkaRight, ...]:
    topics = [source.dead_letter_topic for source in sources().values()]
    of_topics = [
        _topic(topic, operation)
        for topic in topics
        for operation in (Operation.WRITE, Operation.READ, Operation.DESCRIBE_CONFIGS)
    ]
    ids = [KafkaRight(Resource.TRANSACTIONAL_ID, transactional_id_of(topic), Operation.WRITE) for topic in topics]
    return (*of_topics, *ids)


ADMIN = KafkaRole("admin", "makes topics, users and rights (`ketenbalans up`, `ketenbalans prepare`)", is_admin=True)

INGEST = KafkaRole(
    "ingest",
    "loads what waits, and sees whether something waits and whether the log is still the one that was loaded",
    tuple(_topic(source.topic, Operation.READ) for source in sources().values()),
)

DEAD_LETTERS = KafkaRole(
    "dead-letters", "sends what is no event to the topics of dead letters, each once", _rights_on_dead_letters()
)

CHECKPOINTS = KafkaRole(
    "checkpoints", "sends signed checkpoints of the audit chain", (_topic(CHECKPOINT_TOPIC, Operation.WRITE),)
)

WATCHER = KafkaRole("watcher", "asks whether Kafka answers (`ketenbalans status`, the watchdog); it may do nothing")
