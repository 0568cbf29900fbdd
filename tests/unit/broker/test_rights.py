"""What roles may do is what their clients do, and no more: the declaration, its pages, and how an access is made."""

from pathlib import Path

import pytest

from ketenbalans.broker.access import KafkaAccess, Security, access_of
from ketenbalans.broker.client_settings import connection, reading, sending
from ketenbalans.broker.granting import OPERATIONS, TYPES
from ketenbalans.broker.rights import (
    ADMIN,
    CHECKPOINTS,
    DEAD_LETTERS,
    INGEST,
    OURS,
    WATCHER,
    KafkaRole,
    Operation,
    Resource,
    producer_of,
    roles,
)
from ketenbalans.jobs.pages.kafka_pages import FOLDER, kafka_pages
from ketenbalans.stack.kafka_keys import ADMIN_USER, BROKER_USER
from schemas.catalogue import sources
from schemas.contracts.command import COMMAND
from schemas.declaration import Source
from schemas.sources.extracts import SOURCE as EXTRACTS

PRODUCED = [source for source in sources().values() if source.command is not None]


def may(role: KafkaRole, operation: Operation, resource: Resource = Resource.TOPIC) -> set[str]:
    return {right.name for right in role.rights if (right.operation, right.resource) == (operation, resource)}


@pytest.mark.parametrize("source", PRODUCED, ids=lambda source: source.name)
def test_a_producer_writes_its_own_topic_and_control_records_and_reads_nothing(source: Source) -> None:
    role = producer_of(source)
    assert may(role, Operation.WRITE) == {source.topic, EXTRACTS.topic}
    assert len(role.rights) == 2


def test_each_topic_of_events_is_written_by_one_role_and_control_records_by_every_producer() -> None:
    writers = {
        source.topic: [role for role in roles().values() if source.topic in may(role, Operation.WRITE)]
        for source in sources().values()
    }
    assert {topic for topic, found in writers.items() if len(found) != 1} == {EXTRACTS.topic}
    assert len(writers[EXTRACTS.topic]) == len(PRODUCED)


def test_who_loads_reads_every_topic_of_events_and_writes_none() -> None:
    assert {(right.resource, right.operation) for right in INGEST.rights} == {(Resource.TOPIC, Operation.READ)}
    assert may(INGEST, Operation.READ) == {source.topic for source in sources().values()}


def test_who_sends_dead_letters_touches_their_topics_alone_each_under_an_id_of_its_own() -> None:
    topics = {source.dead_letter_topic for source in sources().values()}
    assert {right.name for right in DEAD_LETTERS.rights if right.resource is Resource.TOPIC} == topics
    ids = may(DEAD_LETTERS, Operation.WRITE, Resource.TRANSACTIONAL_ID)
    assert ids == {f"ketenbalans.{topic}" for topic in topics}


def test_no_right_is_wider_than_one_name() -> None:
    rights = [right for role in roles().values() for right in role.rights]
    assert not any(right.is_prefix or "*" in right.name for right in rights)
    assert {right.resource for right in rights} == {Resource.TOPIC, Resource.TRANSACTIONAL_ID}
    assert len(CHECKPOINTS.rights) == 1
    assert WATCHER.rights == ()


def test_users_are_apart_and_ours_and_the_stack_names_the_same_admin() -> None:
    users = [role.user for role in roles().values()]
    assert len(set(users)) == len(users)
    assert all(user.startswith(OURS) for user in (*users, BROKER_USER))
    assert ADMIN.user == ADMIN_USER
    assert BROKER_USER not in users
    assert [role.name for role in roles().values() if role.is_admin] == [ADMIN.name]


def test_kafka_has_a_word_for_whatever_can_be_declared() -> None:
    assert (set(TYPES), set(OPERATIONS)) == (set(Resource), set(Operation))


def test_the_pages_are_those_of_the_declaration() -> None:
    written = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}
    assert written == kafka_pages(), f"a role or a right has changed; run: .venv/bin/{COMMAND}"


def test_the_script_gives_each_right_once() -> None:
    lines = [line for line in kafka_pages()["grant.sh"].splitlines() if line.startswith("grant --")]
    assert len(lines) == len(set(lines)) == sum(len(role.rights) for role in roles().values())


def test_an_address_alone_makes_the_client_that_it_always_made() -> None:
    for made in (connection("a:1"), reading("a:1"), sending("a:1", delivered_within_ms=1)):
        assert made["bootstrap_servers"] == "a:1"
        assert not [name for name in made if name.startswith(("ssl", "sasl", "security"))]
    assert connection(KafkaAccess("a:1")) == connection("a:1")


def test_a_locked_access_gives_a_client_all_it_signs_in_with_and_shows_only_the_address() -> None:
    access = KafkaAccess("a:1", Security.SASL_SSL, "ketenbalans-ingest", "s3cret", Path("/ca.pem"))
    made = connection(access)
    assert {name: made[name] for name in made if name.startswith(("ssl", "sasl", "security"))} == {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": "/ca.pem",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "ketenbalans-ingest",
        "sasl_plain_password": "s3cret",
    }
    assert str(access) == "a:1"
    assert "s3cret" not in f"{access!r} {access}"
    assert access_of(access) is access


def test_only_who_signs_in_is_locked() -> None:
    assert [KafkaAccess("a:1", security).is_locked for security in Security] == [False, False, True]
    assert "sasl_mechanism" not in connection(KafkaAccess("a:1", Security.SSL))
