"""Publish dead letters to ``<topic>.dlq``: each exactly once, wherever this is ended.

The rows are the outbox: they were stored in the transaction that moved the offset. What is not known to be published is
sent in one Kafka transaction per batch and then marked. Ended between the two, the next call finds what is committed by
the origin in each record's headers, and marks it without sending it again.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import Engine

from ketenbalans.broker.access import Kafka
from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.dead_letter_records import record_of
from ketenbalans.broker.dead_letter_topic import DeadLetterTopic, OnStep, dead_letter_topic
from ketenbalans.broker.errors import DeadLettersNotPublished
from ketenbalans.broker.polling import polls_records
from ketenbalans.broker.topic_state import wait_for_a_listener
from schemas.dead_letters import LetterStep
from schemas.declaration import Source
from warehouse.dead_letters import (
    DeadLetterEvent,
    Place,
    hold_outbox,
    keep_steps,
    published_until,
    read_stored,
    unpublished,
)

LIMITS = BatchLimits(record_bytes=BatchLimits.batch_bytes)
"""A letter may be as large as its topic takes, which is less than what a batch may open to."""

BATCH_LETTERS = 1_000
BATCH_BYTES = 16 * 1024 * 1024
"""A batch ends with the letter that reaches either: memory stays bounded, however many wait to be sent."""


def _ignore_step(_step: str) -> None:
    """Nobody listens to the steps."""


def publish_dead_letters(source: Source, *, engine: Engine, bootstrap: Kafka, on_step: OnStep = _ignore_step) -> int:
    """Send every dead letter of a source that is not on its topic yet, in the order in which they were stored.

    Args:
        source: whose.
        engine: the warehouse, migrated.
        bootstrap: Kafka; it is not asked when there is nothing to send.
        on_step: called with each step's name when it is done, so that a test can end the process in between.

    Returns:
        How many were sent by this call.

    Raises:
        DeadLettersNotPublished: Kafka does not answer; what is not sent is sent by a later call.
        WarehouseUnreachable: the warehouse does not answer.
    """
    with engine.connect() as connection:
        if not unpublished(connection, source):
            return 0
    _find_kafka(bootstrap, source)
    with engine.begin() as held:
        hold_outbox(held, source)
        with dead_letter_topic(bootstrap, source, partial(polls_records, limits=LIMITS)) as topic:
            on_step("held")
            _mark_what_is_there(engine, source, topic)
            on_step("found")
            with engine.connect() as connection:
                letters = unpublished(connection, source)
            for ids in _batches(letters):
                _send(engine, source, topic, ids, on_step)
    return len(letters)


def _find_kafka(bootstrap: Kafka, source: Source) -> None:
    """Return when somebody listens: a client that finds nobody leaves the sockets of its attempts behind."""
    reason = None
    try:
        wait_for_a_listener(str(bootstrap))
    except OSError as error:
        reason = type(error).__name__
    if reason is not None:
        raise DeadLettersNotPublished(str(bootstrap), reason, source.dead_letter_topic)


def _mark_what_is_there(engine: Engine, source: Source, topic: DeadLetterTopic) -> None:
    """Mark what an earlier call committed and did not live to mark."""
    with engine.connect() as connection:
        until = published_until(connection, topic.topic_id)
        number_of = {origin: number for number, origin, _ in unpublished(connection, source)}
    there = topic.committed_since(until, of=number_of.keys())
    with engine.begin() as connection:
        keep_steps(connection, [_published(number_of[origin], place) for origin, place in there.items()])


def _send(engine: Engine, source: Source, topic: DeadLetterTopic, ids: Sequence[int], on_step: OnStep) -> None:
    with engine.connect() as connection:
        letters = read_stored(connection, ids)
    batch = [(one.place, record_of(source, one, largest_bytes=topic.largest_bytes)) for one in letters]
    places = topic.send(batch, on_step)
    if any(at.offset < 0 for at in places):  # kept by an earlier try of the client, which does not say where
        _mark_what_is_there(engine, source, topic)
    else:
        with engine.begin() as connection:
            keep_steps(
                connection, [_published(one.dead_letter_id, at) for one, at in zip(letters, places, strict=True)]
            )
    on_step("marked")


def _published(number: int, place: Place) -> DeadLetterEvent:
    return DeadLetterEvent(dead_letter_id=number, step=LetterStep.PUBLISHED, place=place)


def _batches(letters: Sequence[tuple[int, Place, int]]) -> Iterator[list[int]]:
    """The numbers of the letters, in order, in batches of a bounded size."""
    ids: list[int] = []
    size_bytes = 0
    for number, _, value_bytes in letters:
        ids.append(number)
        size_bytes += value_bytes
        if len(ids) >= BATCH_LETTERS or size_bytes >= BATCH_BYTES:
            yield ids
            ids, size_bytes = [], 0
    if ids:
        yield ids
