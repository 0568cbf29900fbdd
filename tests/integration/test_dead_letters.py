"""Dead letters on a real Kafka and a real PostgreSQL: kept, published once, redriven once, or put aside and kept."""

import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer, TopicPartition
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

import ketenbalans.broker.dead_letter_topic
import ketenbalans.broker.topic_state
import ketenbalans.jobs.loading.ingest_runs
from ketenbalans.broker.dead_letter_records import PLACE
from ketenbalans.broker.errors import DeadLettersNotPublished
from ketenbalans.cli.main import run
from ketenbalans.jobs.loading.dead_letter_outbox import publish_dead_letters
from ketenbalans.jobs.loading.dead_letters import discard, list_letters, show_letter
from ketenbalans.jobs.loading.ingest import Loaded, ingest
from ketenbalans.jobs.loading.ingest_runs import ingest_for_a_run
from ketenbalans.jobs.loading.redrive import redrive
from ketenbalans.settings import Settings
from schemas.dead_letters import LetterState, LetterStep
from schemas.declaration import Source
from schemas.wire.events import Message, decode
from schemas.wire.refusals import Reason
from tests.integration import dying_publisher
from tests.integration.by_hand import ingest_by_hand
from tests.integration.conftest import REPOSITORY
from tests.integration.poison import TOKEN, committed, poison
from tests.integration.topics import make_topic, messages, publish, source_with_a_topic_of_its_own, suspects
from warehouse.dead_letters import DeadLetterEvent, keep_steps, waiting_dead_letters
from warehouse.errors import DecisionRefused, LettersTaken
from warehouse.loading import Batch, load
from warehouse.offsets import Topic
from warehouse.staging import copy_rows

pytestmark = pytest.mark.stack


@pytest.fixture
def source(bootstrap: str) -> Source:
    own = source_with_a_topic_of_its_own()
    make_topic(bootstrap, own.topic)
    return own


@pytest.fixture
def before_the_fix(source: Source) -> Source:
    """The source as code declared it that did not know its version yet: what is refused then is good today."""
    return replace(source, event_type="nl.keten.police.delivery.v2")


def refused(source: Source, engine: Engine, bootstrap: str, sent: list[Message]) -> list[int]:
    """Publish messages, load them, and give the numbers of those that became dead letters."""
    before = {row.dead_letter_id for row in list_letters(engine, source=None, reason=None, state=None)}
    publish(bootstrap, source.topic, sent)
    ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    after = list_letters(engine, source=None, reason=None, state=None)
    return [row.dead_letter_id for row in after if row.dead_letter_id not in before]


def states(engine: Engine) -> dict[int, str]:
    return {row.dead_letter_id: row.state for row in list_letters(engine, source=None, reason=None, state=None)}


GOOD = 10_000


def origins(records: list[Any]) -> Counter[tuple[bytes, ...]]:
    return Counter(tuple(dict(record.headers)[name] for name in PLACE) for record in records)


def test_poison_of_every_reason_costs_itself_and_comes_out_with_its_reason(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    bad = poison(999)
    assert set(bad) == set(Reason) - {Reason.UNREADABLE}  # which no client sends: test_unreadable
    good = list(messages(range(1, GOOD + 1)))
    apart = GOOD // len(bad)
    mixed = [
        one
        for number, message in enumerate(good)
        for one in (*list(bad.values())[number // apart : number // apart + (number % apart == 0)], message)
    ]
    with KafkaProducer(bootstrap_servers=bootstrap, max_request_size=8_000_000, compression_type="lz4") as client:
        for message in mixed:
            if message.key is None and message.value is None:  # which kafka-python's own send() refuses
                client.partitions_for(source.topic)
                place = TopicPartition(source.topic, 2)
                client._accumulator.append(place, None, None, None, list(message.headers))
            else:
                client.send(source.topic, key=message.key, value=message.value, headers=list(message.headers))
        client.flush()
    loaded, failed = ingest_by_hand([source], engine=engine, bootstrap=bootstrap)
    assert failed == []
    assert loaded == {source.name: Loaded(read=GOOD + len(bad), inserted=GOOD, dead_letters=len(bad))}
    assert suspects(engine) == list(range(1, GOOD + 1))
    letters = list_letters(engine, source=None, reason=None, state=LetterState.WAITING)
    assert Counter(row.reason for row in letters) == Counter(map(str, bad))
    assert TOKEN not in str(letters) + str([show_letter(engine, row.dead_letter_id) for row in letters])

    records = committed(bootstrap, source.dead_letter_topic)
    assert len(records) == len(bad)
    for record in records:
        said = {name.removeprefix("__connect.errors."): value.decode() for name, value in record.headers[-10:]}
        came = bad[Reason.of(said["exception.message"].partition(":")[0])]
        assert (record.key, record.value) == (came.key, came.value)
        assert record.headers[:-10] == came.headers
        assert (said["topic"], said["connector.name"]) == (source.topic, "ingest_police_deliveries")
        assert TOKEN not in str(said)


def test_killed_after_any_step_each_letter_is_on_the_topic_once(source: Source, engine: Engine, bootstrap: str) -> None:
    sent = [Message(b"%d" % number, b"\x00\xff poison %d" % number, [("own", b"\xfe")]) for number in range(40)]
    numbers = refused(source, engine, bootstrap, sent)
    assert len(numbers) == 40
    url = engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", dying_publisher.__name__, bootstrap, url, source.topic]
    ran = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    assert ran.stdout.splitlines() == [f"{step} killed" for step in dying_publisher.STEPS], ran.stderr
    half_way = committed(bootstrap, source.dead_letter_topic)
    assert len(half_way) == 2 * dying_publisher.BATCH_LETTERS  # of the deaths after the commit and after the mark
    assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 40 - len(half_way)
    assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 0
    records = committed(bootstrap, source.dead_letter_topic)
    assert set(origins(records).values()) == {1}
    assert sorted((record.key, record.value) for record in records) == sorted((one.key, one.value) for one in sent)
    for partition in range(4):  # in the order in which they came
        offsets = [int(dict(one.headers)[PLACE[2]]) for one in records if one.partition == partition]
        assert offsets == sorted(offsets)
    assert set(states(engine).values()) == {"waiting"}
    places = [show_letter(engine, number).history for number in numbers]
    assert {(one.partition, one.offset) for (one,) in places} == {(one.partition, one.offset) for one in records}


def test_two_publishers_at_once_and_a_warehouse_made_anew_send_nothing_twice(
    source: Source, engine: Engine, new_warehouse: Any, bootstrap: str
) -> None:
    refused(source, engine, bootstrap, [Message(b"k", b"%d" % number, []) for number in range(30)])
    sent: list[int] = []
    threads = [
        threading.Thread(target=lambda: sent.append(publish_dead_letters(source, engine=engine, bootstrap=bootstrap)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [0, 30]
    anew = new_warehouse()
    assert len(refused(source, anew, bootstrap, [Message(b"k", b"one more", [("naam", b""), ("leeg", b"")])])) == 31
    assert publish_dead_letters(source, engine=anew, bootstrap=bootstrap) == 1
    records = committed(bootstrap, source.dead_letter_topic)
    assert (len(records), set(origins(records).values())) == (31, {1})


def test_what_cannot_be_published_now_is_reported_and_sent_by_the_next_ingest(  # noqa: PLR0917 (fixtures)
    source: Source,
    engine: Engine,
    bootstrap: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(ketenbalans.broker.dead_letter_topic, "SILENT_SECONDS", 0.5)
    publish(bootstrap, source.topic, [*messages([1]), Message(b"k", b"poison", [])])
    make_topic(bootstrap, source.dead_letter_topic)
    stranger = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"stranger of {source.topic}")
    stranger.init_transactions()
    stranger.begin_transaction()
    stranger.send(source.dead_letter_topic, b"somebody else's", partition=0)
    stranger.flush()
    url = engine.url.render_as_string(hide_password=False)
    for name, value in {"KAFKA_BOOTSTRAP": bootstrap, "WAREHOUSE_URL": url, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(f"KETENBALANS_{name}", value)
    monkeypatch.setattr(ketenbalans.jobs.loading.ingest_runs, "source_named", lambda _name: source)
    totals = ingest_for_a_run(Settings(), source.name, run="a task")
    refused = [{"column": "ce_specversion", "messages": 1, "reason": "header", "rule": "is 1.0"}]
    assert totals == {"read": 2, "inserted": 1, "duplicates": 0, "dead_letters": 1, "refused": refused}
    assert f"dead letters were not published to {source.dead_letter_topic}" in caplog.text

    loaded, (answer,) = ingest_by_hand([source], engine=engine, bootstrap=bootstrap)
    assert loaded[source.name] == Loaded()
    assert isinstance(answer, DeadLettersNotPublished)
    assert source.dead_letter_topic in str(answer)
    assert "ketenbalans deadletters publish" in str(answer)
    stranger.commit_transaction()
    stranger.close()
    loaded, failed = ingest_by_hand([source], engine=engine, bootstrap=bootstrap)
    assert (loaded[source.name], failed) == (Loaded(), [])
    values = [record.value for record in committed(bootstrap, source.dead_letter_topic)]
    assert sorted(values) == [b"poison", b"somebody else's"]


def test_no_broker_is_reported_and_nothing_is_marked(
    source: Source, engine: Engine, bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert publish_dead_letters(source, engine=engine, bootstrap="127.0.0.1:1") == 0  # nothing to send, nobody asked
    (number,) = refused(source, engine, bootstrap, [Message(b"k", b"poison", [])])
    monkeypatch.setattr(ketenbalans.broker.topic_state, "ANSWERS_WITHIN_SECONDS", 0.3)
    with pytest.raises(DeadLettersNotPublished, match=r"127\.0\.0\.1:1"):
        publish_dead_letters(source, engine=engine, bootstrap="127.0.0.1:1")
    assert show_letter(engine, number).letter.published_at is None


def test_a_letter_that_its_topic_does_not_take_goes_without_its_value_and_holds_up_nobody(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    make_topic(bootstrap, source.dead_letter_topic)  # as somebody else made it: it takes a megabyte
    large = b"[" + b"1, " * 400_000 + b"1]"
    with KafkaProducer(bootstrap_servers=bootstrap, max_request_size=8_000_000, compression_type="lz4") as client:
        client.send(source.topic, key=b"k", value=large)
        client.send(source.topic, key=b"k", value=b"poison")
    ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 2
    records = {record.value: dict(record.headers) for record in committed(bootstrap, source.dead_letter_topic)}
    assert set(records) == {None, b"poison"}
    assert records[None]["ketenbalans.value.bytes"] == b"%d" % len(large)


def test_redriven_after_a_fix_an_event_is_loaded_once_also_one_that_came_properly_meanwhile(
    source: Source, before_the_fix: Source, engine: Engine, bootstrap: str
) -> None:
    numbers = refused(before_the_fix, engine, bootstrap, [*messages([1, 2, 3, 3]), Message(b"k", b"poison", [])])
    assert suspects(engine) == []
    publish(bootstrap, source.topic, messages([1]))
    ingest(source, engine=engine, bootstrap=bootstrap, run="b")
    done = redrive(engine, by="desk-1")
    assert (len(done.redriven), done.already) == (4, [])
    assert done.loaded == Loaded(read=4, inserted=2, duplicates=2)
    (still,) = done.waiting
    assert (still.reason, still.column, still.rule) == ("header", "ce_specversion", "is 1.0")
    assert suspects(engine) == [1, 2, 3]
    assert sorted(states(engine).values()) == ["redriven"] * 4 + ["waiting"]

    again = redrive(engine, ids=numbers, by="desk-2")
    assert (again.redriven, sorted(again.already), again.loaded) == ([], sorted(done.redriven), Loaded())
    assert suspects(engine) == [1, 2, 3]
    (step,) = show_letter(engine, done.redriven[0]).history
    assert (step.step, step.by) == ("redriven", "desk-1")
    with engine.connect() as connection:
        assert waiting_dead_letters(connection) == [(source.name, 1, max(numbers))]


def test_of_two_who_redrive_at_once_each_letter_is_redriven_by_one(
    source: Source, before_the_fix: Source, engine: Engine, bootstrap: str
) -> None:
    numbers = refused(before_the_fix, engine, bootstrap, messages(range(1, 31)))
    done: list[Any] = []
    threads = [
        threading.Thread(target=lambda by=by: done.append(redrive(engine, by=by))) for by in ("desk-1", "desk-2")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for one in done for number in one.redriven) == numbers
    assert suspects(engine) == list(range(1, 31))


def test_discarded_is_for_good_and_kept(source: Source, before_the_fix: Source, engine: Engine, bootstrap: str) -> None:
    one, other = refused(before_the_fix, engine, bootstrap, messages([1, 2]))
    (kept,) = discard(engine, [one], note="a test of the sender", by="desk-1")
    assert kept.state == "discarded"
    assert discard(engine, [one], note="a test of the sender", by="desk-1") == [kept]
    for refuse in (
        lambda: discard(engine, [other, one], note="another reason", by="desk-2"),
        lambda: redrive(engine, ids=[other, one], by="desk-2"),
    ):
        with pytest.raises(
            DecisionRefused, match=rf"{one} was discarded by desk-1 .*a test of the sender.*nothing was"
        ):
            refuse()
    assert states(engine) == {one: "discarded", other: "waiting"}
    assert redrive(engine, by=None).redriven == [other]
    with pytest.raises(DecisionRefused, match=rf"{other} was redriven"):
        discard(engine, [other], note="too late", by="desk-1")
    with pytest.raises(DecisionRefused, match="there is no dead letter 123456"):
        redrive(engine, ids=[other, 123456], by=None)
    assert len(suspects(engine)) == 1
    with engine.connect() as connection:
        assert waiting_dead_letters(connection) == []


def test_a_letter_is_in_one_state_whoever_writes(
    source: Source, before_the_fix: Source, engine: Engine, bootstrap: str
) -> None:
    (number,) = refused(before_the_fix, engine, bootstrap, messages([1]))
    discard(engine, [number], note="no event", by="desk-1")
    with pytest.raises(LettersTaken), engine.begin() as connection:
        keep_steps(connection, [DeadLetterEvent(dead_letter_id=number, step=LetterStep.REDRIVEN)])
    batch = Batch(
        source=source,
        topic=Topic(source.name, source.topic, "T"),
        run="b",
        rows=copy_rows(source, decode(source, messages([1])).events),
        moves=[],
        steps=[DeadLetterEvent(dead_letter_id=number, step=LetterStep.REDRIVEN)],
    )
    with pytest.raises(LettersTaken):
        load(engine, batch)
    assert suspects(engine) == []  # the event and the step, or neither
    wrong = "INSERT INTO dead_letter_step (dead_letter_id, step) VALUES (:number, :step)"
    for step in ("redriven", "discarded", "published", "lost"):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text(wrong), {"number": number, "step": step})
    for change in ("UPDATE {} SET dead_letter_id = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
        for table in ("dead_letter", "dead_letter_step"):
            with pytest.raises(DBAPIError), engine.begin() as connection:
                connection.execute(text(change.format(table)))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(text("dead_letter_step"))) == 1


def test_the_verbs_show_everything_but_the_values(  # noqa: PLR0917 (fixtures)
    source: Source,
    before_the_fix: Source,
    engine: Engine,
    bootstrap: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = Message(TOKEN.encode(), f'{{"person_token": "{TOKEN}"'.encode(), [("ce_id", TOKEN.encode()), ("x\x1b", b"")])
    first, second, third = sorted(refused(before_the_fix, engine, bootstrap, [bad, *messages([1, 2])]))
    said: list[str] = []
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    monkeypatch.setenv("KETENBALANS_KAFKA_BOOTSTRAP", bootstrap)
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))

    def command(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["ketenbalans", "deadletters", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run()
        answer = capsys.readouterr()
        said.append(answer.out + answer.err)
        return int(ended.value.code or 0), answer.out + answer.err

    code, listed = command("list")
    assert (code, listed.count("police.deliveries")) == (0, 3)
    number = next(row for row in list_letters(engine, source=None, reason="header", state=None)).dead_letter_id
    assert command("list", "--reason", "header", "--source", "police", "--json")[1].count('"dead_letter_id"') == 1
    code, shown = command("show", number)
    assert (code, "ce_id, x?" in shown, f"value {len(bad.value or b'')} bytes" in shown) == (0, True, True)
    out = tmp_path / "raw"
    assert command("show", number, "--raw", "--out", out)[0] == 0
    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (bad.value, 0o600)
    assert command("show", number, "--raw", "--out", out)[0] == 2  # it is there already, and stays
    assert command("show", number, "--raw")[0] == 2
    assert command("show", number, "--out", tmp_path / "other")[0] == 2
    assert command("list", "--reason", "wrong")[0] == 2
    assert command("list", "--state", "wrong")[0] == 2
    assert command("show", 123456)[0] == 1
    code, answer = command("redrive")
    assert (code, "still waiting 1" in answer, "header: ce_specversion is 1.0" in answer) == (3, True, True)
    assert command("redrive", *({first, second, third} - {number}), "--json")[0] == 0
    assert command("discard", number, "--by", "desk-1")[0] == 2  # no reason is given
    assert command("discard", number, "--by", "desk-1", "--note", " ")[0] == 2
    assert command("discard", number, "--by", "desk-1", "--note", "a test", "--json")[0] == 0
    assert command("redrive", number)[0] == 1
    assert command()[1].strip() == "no dead letters"
    assert TOKEN not in "".join(said)
