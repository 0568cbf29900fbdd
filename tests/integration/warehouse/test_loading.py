"""Loading: once whatever happens, whole or not at all, and nothing personal in what goes wrong."""

import threading
from datetime import date
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from ketenbalans.broker.batch_reading import TopicRecord
from schemas.log_proofs import LogProof
from schemas.wire.events import Message, Refusal
from schemas.wire.refusals import Reason
from tests.integration.warehouse.rows import (
    EXTRACTS,
    OM,
    POLICE,
    control,
    frame,
    load_rows,
    om,
    police,
    tokens,
    with_token,
)
from warehouse.errors import OffsetsMoved, WriteFailed
from warehouse.extract_rows import keep_extract_rows, rows_arrived
from warehouse.loading import Batch, DeadLetter, Loaded, load, run_totals
from warehouse.offsets import (
    Move,
    Topic,
    earlier_proofs,
    move_offsets,
    positions,
    proofs_before,
    stored_offsets,
)
from warehouse.staging import copy_rows
from warehouse.tables.dead_letters import DEAD_LETTER
from warehouse.tables.events import event_table
from warehouse.tables.extracts import ROWS_OF_A_CHUNK

pytestmark = pytest.mark.stack

TOPIC = Topic(POLICE.name, POLICE.topic, "T")


def stored(engine: Engine) -> list[dict[str, Any]]:
    """The events as they came, each person by the token again."""
    table, token_of = event_table(POLICE), tokens(engine)
    columns = [column for column in table.c if column.name not in ("ingested_at", "load_number")]
    with engine.connect() as connection:
        rows = connection.execute(select(*columns).order_by(table.c.event_source, table.c.event_id)).mappings().all()
    return [with_token(row, token_of) for row in rows]


@pytest.mark.parametrize("seed", range(3))
def test_batches_in_any_order_and_any_number_of_times_are_the_events_once(engine: Engine, seed: int) -> None:
    random = Random(seed)
    events = [
        police(f"{number:03d}", suspect_number=1 + number, event_source=random.choice(["/a", "/b"]))
        for number in range(60)
    ]
    loaded = Loaded()
    for _ in range(12):
        loaded += load_rows(engine, POLICE, random.choices(events, k=random.randint(0, 40)))
    missing = random.sample(events, len(events))
    loaded += load_rows(engine, POLICE, missing + missing[:7])
    assert stored(engine) == sorted(events, key=lambda event: (event["event_source"], event["event_id"]))
    assert loaded.inserted == len(events)
    assert loaded.read == loaded.inserted + loaded.duplicates
    assert run_totals(engine, "run", POLICE) == loaded


def test_every_kind_comes_back_as_it_went_in(engine: Engine) -> None:
    rows = [
        police("a", qualifications=None, transferred_to="regel 1\nregel 2", person_token="f" * 64),
        police("b", qualifications=["abuse"], suspect_number=2**31 - 1, transnational=True),
    ]
    load_rows(engine, POLICE, rows)
    assert stored(engine) == rows
    load_rows(engine, EXTRACTS, [control("c", POLICE.name, date(2015, 1, 31), topic_id="T", offsets='{"0": 7}')])
    with engine.connect() as connection:
        assert connection.scalar(select(event_table(EXTRACTS).c.offsets)) == {"0": 7}


def test_event_tables_only_grow(engine: Engine) -> None:
    load_rows(engine, POLICE, [police("a")])
    for change in ("UPDATE {} SET unit = 'PL0600'", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change.format(POLICE.name)))
    assert stored(engine) == [police("a")]


def sent(*events: dict[str, Any]) -> list[TopicRecord]:
    """Messages that stand for these events: whatever they say, it is kept as it came."""
    return [
        TopicRecord(0, place, b"key", str(event["suspect_number"]).encode(), [("ce_id", b"x")], 0)
        for place, event in enumerate(events)
    ]


def load_sent(engine: Engine, before: int | None, *events: dict[str, Any]) -> Loaded:
    return load(
        engine,
        Batch(
            source=POLICE,
            topic=TOPIC,
            run="run",
            rows=copy_rows(POLICE, frame(POLICE, events)),
            sent=sent(*events),
            moves=[Move(0, before, (before or 0) + len(events))],
        ),
    )


@pytest.mark.parametrize("at_once", [True, False])
def test_an_id_that_is_used_again_for_something_else_is_a_dead_letter(
    engine: Engine,
    at_once: bool,  # noqa: FBT001
) -> None:
    first, again, other = police("a"), police("a"), police("a", suspect_number=2, qualifications=["abuse"])
    another_sender = police("a", suspect_number=2, event_source="/another")
    came = [first, again, other, another_sender]
    if at_once:
        loaded = load_sent(engine, None, *came)
    else:
        loaded = load_sent(engine, None, first)
        for place, event in enumerate(came[1:], 1):
            loaded += load_sent(engine, place, event)
    assert loaded == Loaded(read=4, inserted=2, duplicates=1, dead_letters=1)
    assert [(one.reason, one.column, one.messages) for one in loaded.refused] == [("id_reused", "ce_id", 1)]
    with engine.connect() as connection:
        (letter,) = connection.execute(select(DEAD_LETTER)).mappings()
    assert (letter["reason"], bytes(letter["value"])) == ("id_reused", b"2")
    assert sorted(row["suspect_number"] for row in stored(engine)) == [1, 2]


def test_rows_of_an_extract_count_once_each_in_any_order(engine: Engine) -> None:
    some = Random(3)
    numbers = [some.randint(1, 2 * ROWS_OF_A_CHUNK + 3) for _ in range(300)]
    edges = [1, ROWS_OF_A_CHUNK, ROWS_OF_A_CHUNK + 1, 2 * ROWS_OF_A_CHUNK]
    parts = [numbers[:100], edges, numbers[50:], numbers, []]
    came: set[int] = set()
    for part in parts:
        came |= set(part)
        with engine.begin() as connection:
            keep_extract_rows(connection, POLICE, {"a" * 64: part, "b" * 64: part[:1]})
            keep_extract_rows(connection, OM, {"a" * 64: part[:2]})
        with engine.connect() as connection:
            assert rows_arrived(connection)[POLICE.name, "a" * 64] == len(came)
    with engine.connect() as connection:
        arrived = rows_arrived(connection)
    assert arrived[OM.name, "a" * 64] == len({*numbers[:2], *edges[:2], *numbers[50:52]})
    assert arrived[POLICE.name, "b" * 64] == len({numbers[0], edges[0], numbers[50]})


def test_an_offset_that_goes_back_leaves_no_proof_beyond_it(engine: Engine) -> None:
    def proof(offset: int) -> LogProof:
        return LogProof(offset - 1, 0, 0, f"digest {offset}")

    with engine.begin() as connection:
        for before, after in ((None, 3), (3, 5), (5, 9)):
            move_offsets(
                connection, TOPIC, [Move(0, before, after, proof(after)), Move(1, before, after, proof(after))]
            )
        assert proofs_before(connection, "T", {0: 9, 1: 5}) == {0: proof(9), 1: proof(5)}
        move_offsets(connection, TOPIC, [Move(0, 9, 5)])
        assert earlier_proofs(connection, "T", 0) == {3: proof(3), 5: proof(5)}
        assert proofs_before(connection, "T", {0: 9, 1: 9}) == {1: proof(9)}


def test_of_two_loaders_at_the_same_offset_one_writes_and_the_other_nothing(engine: Engine) -> None:
    both_are_there = threading.Barrier(2, timeout=30)
    outcomes: list[Loaded | type[Exception]] = []

    def one_loader(prefix: str) -> None:
        events = frame(POLICE, [police("shared"), police(f"{prefix}", suspect_number=2)])
        moves = [Move(3, None, 2), Move(0, None, 5)]
        batch = Batch(source=POLICE, topic=TOPIC, run=prefix, rows=copy_rows(POLICE, events), moves=moves)

        def wait_for_the_other(step: str) -> None:
            if step == "copied":
                both_are_there.wait()

        try:
            outcomes.append(load(engine, batch, on_step=wait_for_the_other))
        except OffsetsMoved as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=one_loader, args=(prefix,)) for prefix in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == sorted(map(str, [Loaded(read=2, inserted=2), OffsetsMoved]))
    assert len(stored(engine)) == 2
    assert sum(run_totals(engine, run, POLICE).read for run in ("first", "second")) == 2
    with engine.connect() as connection:
        assert positions(connection) == {POLICE.name: {"T": {"0": 5, "3": 2}}}


def test_a_dead_letter_keeps_every_byte_once_per_place(engine: Engine) -> None:
    message = Message(b"\x00\xff", b"{not json\x00", [("ce_id", b"\xfe"), ("ce_id", None), ("naam\x00\u00e9", b"")])
    refusal = Refusal(0, Reason.NOT_JSON, None, "the value is JSON in UTF-8")
    batch = Batch(
        source=POLICE,
        topic=TOPIC,
        run="run",
        rows=copy_rows(POLICE, frame(POLICE, [police("a")])),
        dead_letters=[DeadLetter(1, 41, message, refusal), DeadLetter(1, 40, Message(None, None, []), refusal)],
        moves=[Move(1, None, 42)],
    )
    assert load(engine, batch) == Loaded(read=3, inserted=1, dead_letters=2)
    with engine.connect() as connection:
        rows = connection.execute(select(DEAD_LETTER).order_by(DEAD_LETTER.c.offset)).mappings().all()
    assert [(row["topic_id"], row["partition"], row["offset"]) for row in rows] == [("T", 1, 40), ("T", 1, 41)]
    assert (rows[0]["key"], rows[0]["value"], rows[0]["headers"]) == (None, None, [])
    assert (bytes(rows[1]["key"]), bytes(rows[1]["value"])) == (message.key, message.value)
    assert rows[1]["headers"] == [["ce_id", "/g=="], ["ce_id", None], ["naam\x00\u00e9", ""]]


def test_what_a_run_refused_is_counted_by_rule_over_all_its_batches_and_over_no_other_run(engine: Engine) -> None:
    def refused(start: int, run: str, *columns: str | None) -> Loaded:
        letters = [
            DeadLetter(0, start + place, Message(None, b"x", []), Refusal(place, Reason.SCHEMA, column, "is filled"))
            for place, column in enumerate(columns)
        ]
        moves = [Move(0, start or None, start + len(letters))]
        return load(
            engine,
            Batch(source=POLICE, topic=TOPIC, run=run, dead_letters=letters, moves=moves),
        )

    first, second = refused(0, "a", "unit", None, "unit"), refused(3, "a", "team", "unit")
    refused(5, "b", "unit")
    totals = run_totals(engine, "a", POLICE)
    assert totals == first + second
    assert totals.refused == (first + second).refused
    assert [(one.column, one.messages) for one in totals.refused] == [("", 1), ("team", 1), ("unit", 3)]
    with pytest.raises(OffsetsMoved):
        refused(0, "a", "unit")
    assert run_totals(engine, "a", POLICE).refused == totals.refused, "a batch that was not written counts nothing"


def test_what_postgresql_refuses_is_reported_without_the_value(engine: Engine) -> None:
    token = "f" * 64
    bad = frame(POLICE, [police("a", person_token=token), police("b", person_token=token)])
    bad = bad.with_columns(unit=pl.lit(None, dtype=pl.String))
    with pytest.raises(WriteFailed, match=r"police\.deliveries.*null value in column \"unit\"") as caught:
        load(
            engine, Batch(source=POLICE, topic=TOPIC, run="run", rows=copy_rows(POLICE, bad), moves=[Move(0, None, 1)])
        )
    assert token not in str(caught.value)
    assert caught.value.__suppress_context__
    with engine.connect() as connection:
        assert stored_offsets(connection, POLICE) == {}
        assert connection.scalar(select(func.count()).select_from(event_table(POLICE))) == 0


def test_an_empty_batch_moves_the_offsets(engine: Engine) -> None:
    batch = Batch(source=OM, topic=Topic(OM.name, OM.topic, "U"), run="run", moves=[Move(0, None, 3)])
    assert load(engine, batch) == Loaded()
    with pytest.raises(OffsetsMoved, match="another loader"):
        load(engine, batch)
    assert load_rows(engine, OM, [om("a")], topic_id="U") == Loaded(read=1, inserted=1)
    with engine.connect() as connection:
        assert stored_offsets(connection, OM) == {"U": {0: 4}}
