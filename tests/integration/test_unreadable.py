"""What can not be read on a real Kafka: a dead letter with its bytes and its place, and everything else is loaded."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kafka.admin import ConfigResource
from sqlalchemy import Engine

from ketenbalans.broker.batch_limits import MEBIBYTE, BatchLimits
from ketenbalans.broker.batch_opening import GZIP, NO_CODEC, ZSTD
from ketenbalans.incidents.checks import ClockAhead
from ketenbalans.jobs.loading.dead_letter_outbox import publish_dead_letters
from ketenbalans.jobs.loading.dead_letters import discard, list_letters, show_letter, write_raw_value
from ketenbalans.jobs.loading.ingest import Loaded, ingest
from ketenbalans.jobs.loading.redrive import redrive
from schemas.dead_letters import LetterForm
from schemas.declaration import Source
from schemas.wire.connect_headers import FORM, HEADER_NAMES, LAST_OFFSET
from schemas.wire.messages import header_name_bytes
from schemas.wire.refusals import Reason
from tests.integration import heavy_ingest
from tests.integration.conftest import REPOSITORY
from tests.integration.poison import committed
from tests.integration.raw_batches import COMPRESS, bomb, raw_batch, record, records, send_raw
from tests.integration.topics import administration, make_topic, messages, source_with_a_topic_of_its_own, suspects
from warehouse.dead_letters import KeptLetter, read_stored

pytestmark = pytest.mark.stack

NAME = b"x-\xff\xfe"


@pytest.fixture
def source(bootstrap: str) -> Source:
    own = source_with_a_topic_of_its_own()
    make_topic(bootstrap, own.topic)
    return own


def sent(bootstrap: str, source: Source, *batches: bytes) -> list[int]:
    """Append batches to one partition; gives the offset of each."""
    return [send_raw(bootstrap, source.topic, 1, written) for written in batches]


def good(*numbers: int) -> bytes:
    return raw_batch(records(messages(numbers)))


def letters_of(engine: Engine) -> list[KeptLetter]:
    return list_letters(engine, source=None, reason=None, state=None)


def test_a_record_that_can_not_be_read_costs_itself_alone_and_is_kept_published_and_discarded(
    source: Source, engine: Engine, bootstrap: str, tmp_path: Path
) -> None:
    one, other, third = messages([2, 3, 4])
    odd = replace(other, headers=[*other.headers, (NAME.decode(errors="surrogateescape"), b"\x00\x01"), ("leeg", None)])
    broken = record(2, third, attributes=0xFF)
    sent(bootstrap, source, good(1), raw_batch([record(0, one), record(1, odd), broken]), good(5))
    loaded = ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    assert loaded == Loaded(read=5, inserted=3, dead_letters=2)
    assert suspects(engine) == [1, 2, 5]

    by_name, by_form = letters_of(engine)
    assert [(row.offset, row.form, row.reason) for row in (by_name, by_form)] == [
        (2, "message", "unreadable"), (3, "record", "unreadable"),
    ]  # fmt: skip
    with engine.connect() as connection:
        stored, raw = read_stored(connection, [by_name.dead_letter_id, by_form.dead_letter_id])
    assert [header_name_bytes(name) for name, _ in stored.message.headers][-2:] == [NAME, b"leeg"]
    assert (stored.message.key, stored.message.value) == (odd.key, odd.value)
    assert (raw.message.value, raw.form) == (broken, LetterForm.RECORD)
    assert show_letter(engine, by_name.dead_letter_id).headers[-2:] == (r"x-\xff\xfe", "leeg")
    assert write_raw_value(engine, by_form.dead_letter_id, tmp_path / "raw") == len(broken)

    assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 2
    assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 0
    answer, told_raw = committed(bootstrap, source.dead_letter_topic)
    assert (answer.value, dict(answer.headers)[HEADER_NAMES]) == (odd.value, b"6=eC3//g==")
    assert dict(answer.headers)[r"x-\xff\xfe"] == b"\x00\x01"
    assert (told_raw.value, dict(told_raw.headers)[FORM]) == (broken, b"record")

    again = redrive(engine, by=None)
    assert [row.reason for row in again.waiting] == ["unreadable", "unreadable"]
    assert (again.redriven, again.loaded) == ([], Loaded())
    discard(engine, [by_name.dead_letter_id, by_form.dead_letter_id], note="a test of the sender", by="vera")
    assert {row.state for row in letters_of(engine)} == {"discarded"}


def test_a_batch_that_can_not_be_opened_is_kept_whole_between_good_ones(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    whole = records(messages([2, 3]))
    trailing = raw_batch(whole, codec=GZIP, compressed=bytes(COMPRESS[GZIP](b"".join(whole))) + b"more")
    sent(bootstrap, source, good(1), trailing, good(4))
    loaded = ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    assert loaded == Loaded(read=3, inserted=2, dead_letters=1)
    assert suspects(engine) == [1, 4]
    (row,) = letters_of(engine)
    assert (row.partition, row.offset, row.last_offset, row.form) == (1, 1, 2, "batch")
    with engine.connect() as connection:
        (stored,) = read_stored(connection, [row.dead_letter_id])
    assert stored.message.value is not None
    assert stored.message.value[21:] == trailing[21:]  # before that the broker writes what is its own
    assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 1
    (answer,) = committed(bootstrap, source.dead_letter_topic)
    assert (dict(answer.headers)[FORM], dict(answer.headers)[LAST_OFFSET]) == (b"batch", b"2")
    assert answer.value == stored.message.value
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="b") == Loaded()


def test_a_record_of_somebody_else_on_the_topic_of_dead_letters_keeps_none_of_ours_from_it(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    (odd,) = messages([2])
    named = replace(odd, headers=[(NAME.decode(errors="surrogateescape"), b"1")])
    sent(bootstrap, source, raw_batch(records([named])))
    make_topic(bootstrap, source.dead_letter_topic)
    for written in (raw_batch(records([named])), raw_batch([record(0, odd, attributes=0xFF)])):
        send_raw(bootstrap, source.dead_letter_topic, 1, written)
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="a") == Loaded(read=1, dead_letters=1)
    assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 1
    assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 0


def test_a_batch_that_opens_to_too_much_waits_until_more_is_allowed(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    small = BatchLimits(batch_bytes=2_000, record_bytes=2_000)
    many = raw_batch(records(messages(range(2, 30))), codec=ZSTD)
    sent(bootstrap, source, good(1), many, good(30))
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="a", limits=small) == Loaded(
        read=3, inserted=2, dead_letters=1
    )
    (row,) = letters_of(engine)
    assert (row.reason, row.offset, row.last_offset) == (str(Reason.OVERSIZED), 1, 28)
    still = redrive(engine, by=None, limits=small)
    assert ([one.reason for one in still.waiting], still.loaded) == (["oversized"], Loaded())
    done = redrive(engine, by=None)
    assert (done.redriven, done.loaded.inserted) == ([row.dead_letter_id], 28)
    assert suspects(engine) == list(range(1, 31))
    assert redrive(engine, by=None).loaded == Loaded()


def test_a_message_without_a_timestamp_stops_its_source_when_it_was_recorded_in_the_future(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    coming = messages([2], recorded_at=datetime.now(UTC) + timedelta(days=3))
    sent(bootstrap, source, good(1), raw_batch(records(coming), timestamp=-1))
    with pytest.raises(ClockAhead, match="partition 1"):
        ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    assert suspects(engine) == [1]


def memory_of_an_ingest(source: Source, engine: Engine, bootstrap: str) -> tuple[int, int]:
    """The peak of a process of its own before and after, in megabytes."""
    url = engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", heavy_ingest.__name__, bootstrap, url, source.topic]
    ran = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    before, after = map(int, ran.stdout.split())
    return before // MEBIBYTE, after // MEBIBYTE


def test_a_bomb_costs_about_its_limit_and_stops_nothing(source: Source, engine: Engine, bootstrap: str) -> None:
    (message,) = messages([2])
    bombs = [bomb(message, 300 * MEBIBYTE, codec=codec) for codec in (ZSTD, GZIP)]
    sent(bootstrap, source, good(1), *bombs, good(3))
    before, after = memory_of_an_ingest(source, engine, bootstrap)
    assert suspects(engine) == [1, 3]
    assert [(row.reason, row.form) for row in letters_of(engine)] == [("oversized", "batch")] * 2
    assert after - before < 32 + 50


@pytest.mark.parametrize("codec", [NO_CODEC, ZSTD])
def test_honest_large_messages_stay_within_bounds(source: Source, engine: Engine, bootstrap: str, codec: int) -> None:
    with administration(bootstrap) as admin:
        admin.alter_configs([ConfigResource("TOPIC", source.topic, {"max.message.bytes": str(8 * MEBIBYTE)})])
    (message,) = messages([2])
    large = replace(message, value=bytes(range(256)) * (5 * MEBIBYTE // 256))
    for partition in range(20):
        send_raw(bootstrap, source.topic, partition % 4, raw_batch([record(0, large)], codec=codec))
    _, after = memory_of_an_ingest(source, engine, bootstrap)
    assert [(row.reason, row.value_bytes) for row in letters_of(engine)] == [("oversized", 5 * MEBIBYTE)] * 20
    assert after < 560
