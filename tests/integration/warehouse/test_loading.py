"""Loading: once whatever happens, whole or not at all, and nothing personal in what goes wrong."""

import threading
from datetime import date
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from schemas.events import Message, Refusal
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, frame, load_rows, om, police
from warehouse.errors import OffsetsMoved, WriteFailed
from warehouse.loading import Batch, DeadLetter, Loaded, copy_rows, load, run_totals
from warehouse.offsets import Move, Topic, positions, stored_offsets
from warehouse.tables import DEAD_LETTER, event_table

pytestmark = pytest.mark.stack

TOPIC = Topic(POLICE.name, POLICE.topic, "T")


def stored(engine: Engine) -> list[dict[str, Any]]:
    table = event_table(POLICE)
    with engine.connect() as connection:
        rows = connection.execute(select(table).order_by(table.c.event_source, table.c.event_id)).mappings()
        return [{name: value for name, value in row.items() if name != "ingested_at"} for row in rows]


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
    refusal = Refusal(0, "not_json", None, "the value is JSON in UTF-8")
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
            DeadLetter(0, start + place, Message(None, b"x", []), Refusal(place, "schema", column, "is filled"))
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


def test_what_postgresql_refuses_is_told_without_the_value(engine: Engine) -> None:
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
