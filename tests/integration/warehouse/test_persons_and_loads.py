"""Persons are numbers and loads are numbered: in order, without gaps, and with the token in one place alone."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, func, select, text

from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.settings import Settings
from schemas.catalogue import sources
from schemas.declaration import Source
from schemas.period import Period
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, frame, load_covered, load_rows, om, police, tokens
from tests.integration.warehouse.state_by_sql import read_deliveries, read_registrations
from warehouse.balances import input_fingerprint
from warehouse.database import snapshot
from warehouse.day_digests import NOTHING_BEFORE, DaySum, load_digest, named_by_day, sums_of
from warehouse.errors import WriteFailed
from warehouse.evidence import read_evidence
from warehouse.loading import Batch, Loaded, load
from warehouse.offsets import Topic
from warehouse.recent_rows import read_recent
from warehouse.staging import copy_rows
from warehouse.tables.events import event_table
from warehouse.tables.loads import EVENT_DAY, LOAD
from warehouse.tables.persons import PERSON

pytestmark = pytest.mark.stack

DAY = date(2015, 1, 31)
START = datetime(2014, 3, 1, 9, tzinfo=UTC)
Row = dict[str, Any]


def token(number: int) -> str:
    return f"{number:064x}"


def registers(random: Random, persons: int = 12) -> tuple[list[Row], list[Row]]:
    """Deliveries and registrations of a few persons, who are linked by their tokens and by nothing else."""
    deliveries = [
        police(
            f"p{place:03}",
            START + timedelta(hours=11 * place),
            dossier_number=f"PL0900-2014{place:06}",
            person_token=random.choice([None, token(random.randrange(persons))]),
            delivered_on=date(2014, 3, 1) + timedelta(days=place // 3),
        )
        for place in range(40)
    ]
    registrations = [
        om(
            f"o{place:03}",
            START + timedelta(hours=13 * place),
            case_number=f"09{place:06}14",
            person_token=random.choice([None, token(random.randrange(persons + 3))]),
            registered_on=date(2014, 3, 5) + timedelta(days=place // 3),
        )
        for place in range(40)
    ]
    return deliveries, registrations


def erase_tokens(engine: Engine, *, every: int = 1) -> None:
    with engine.begin() as connection:
        erased = "UPDATE person SET person_token = NULL WHERE person_id % :every = 0"
        connection.execute(text(erased), {"every": every})


def numbers_of_loads(engine: Engine, source: Source) -> list[tuple[int, int, int]]:
    """Each load's number, its rows and all rows since, by number."""
    columns = (LOAD.c.load_number, LOAD.c.rows, LOAD.c.rows_in_all)
    with engine.connect() as connection:
        found = connection.execute(select(*columns).where(LOAD.c.source == source.name).order_by(LOAD.c.load_number))
        return [(number, rows, in_all) for number, rows, in_all in found]


def rows_by_load(engine: Engine, source: Source) -> Counter[int]:
    with engine.connect() as connection:
        return Counter(connection.scalars(select(event_table(source).c.load_number)))


def persons_named(engine: Engine) -> set[int]:
    """The persons whom an event of any source names."""
    columns = [
        event_table(source).c[one.stored_as]
        for source in sources().values()
        for one in source.fields
        if one.is_personal
    ]
    with engine.connect() as connection:
        return {number for column in columns for number in connection.scalars(select(column)) if number is not None}


def days(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(EVENT_DAY).order_by(EVENT_DAY.c.source, EVENT_DAY.c.recorded_on)))


def fingerprint(engine: Engine, as_of: date = DAY) -> str:
    with snapshot(engine) as connection:
        return input_fingerprint(connection, as_of=as_of)


def test_a_token_stands_in_the_table_of_persons_alone(engine: Engine) -> None:
    deliveries, registrations = registers(Random(1))
    load_rows(engine, POLICE, deliveries)
    load_rows(engine, OM, registrations)
    came = {row["person_token"] for row in (*deliveries, *registrations)} - {None}
    with engine.connect() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        holding = [
            table
            for table in tables
            if any(
                one in row
                for row in connection.scalars(text(f"SELECT CAST(t AS text) FROM {table} AS t"))
                for one in came
            )
        ]
    assert holding == [PERSON.name]
    assert set(tokens(engine).values()) - {None} == came


def test_erased_tokens_change_no_link_no_count_and_no_fingerprint(engine: Engine) -> None:
    deliveries, registrations = registers(Random(2))
    load_covered(engine, POLICE, deliveries, until=DAY)
    load_covered(engine, OM, registrations, until=DAY)

    def answers() -> list[Any]:
        settings = Settings()
        period, policy = Period.of_year(2014), settings.read_policy()
        answer = reconcile(engine, settings, period=period, as_of=DAY, policy=policy, keeps_breaks=True)
        with snapshot(engine) as connection:
            return [
                answer.to_json() | {"made_at": None},
                read_deliveries(connection, as_of=DAY).to_dicts(),
                read_registrations(connection, as_of=DAY).to_dicts(),
                read_evidence(connection, suspects=[("PL0900-2014000001", 1)], cases=["0900000114"], as_of=DAY).rows(),
                read_recent(connection, POLICE, since=date(2014, 1, 1), long_after_days=30).rows(),
                input_fingerprint(connection, as_of=DAY),
            ]

    before = answers()
    assert before[0]["recognised"] > 0, "nothing but a token links them"
    for every in (2, 1):
        erase_tokens(engine, every=every)
        assert answers() == before
    assert set(tokens(engine).values()) == {None}


def test_what_is_published_again_after_its_tokens_were_taken_away_is_a_repetition(engine: Engine) -> None:
    deliveries, registrations = registers(Random(3))
    load_rows(engine, POLICE, deliveries)
    load_rows(engine, OM, registrations)
    erase_tokens(engine)
    before = (tokens(engine), days(engine), numbers_of_loads(engine, POLICE))
    assert load_rows(engine, POLICE, deliveries) == Loaded(read=40, duplicates=40)
    assert load_rows(engine, OM, registrations) == Loaded(read=40, duplicates=40)
    assert (tokens(engine), days(engine), numbers_of_loads(engine, POLICE)) == before
    known = next(row for row in deliveries if row["person_token"])
    nobody = next(row for row in deliveries if not row["person_token"])
    other = [known | {"person_token": None}, nobody | {"person_token": token(99)}]
    assert load_rows(engine, POLICE, other).reused == (0, 1), "nobody is not somebody, whose token is gone or not"
    load_rows(engine, POLICE, [known | {"event_id": "new"}])
    with_a_token = [number for number, one in tokens(engine).items() if one is not None]
    assert len(with_a_token) == 1
    assert with_a_token[0] not in before[0]


def test_an_id_with_another_person_is_used_again(engine: Engine) -> None:
    load_rows(engine, POLICE, [police("a", person_token=token(1)), police("b"), police("c", person_token=token(2))])
    again = [police("a", person_token=token(2)), police("b", person_token=token(3)), police("c")]
    loaded = load_rows(engine, POLICE, [*again, police("c", person_token=token(2))])
    assert (loaded.reused, loaded.duplicates) == ((0, 1, 2), 1)
    assert set(tokens(engine).values()) == {None, token(1), token(2)}, "whom no event names is no person"


@pytest.mark.parametrize("seed", range(3))
def test_persons_are_those_whom_events_name_whatever_comes_twice(engine: Engine, seed: int) -> None:
    random = Random(seed)
    deliveries, registrations = registers(random)
    named: dict[str, Source] = {"p": POLICE, "o": OM}
    stored: dict[str, Row] = {}
    for _ in range(12):
        prefix = random.choice("po")
        rows = random.choices(deliveries if prefix == "p" else registrations, k=random.randint(1, 12))
        rows = [row | {"person_token": random.choice([row["person_token"]] * 4 + [token(77)])} for row in rows]
        load_rows(engine, named[prefix], rows)
        for row in rows:
            stored.setdefault(row["event_id"], row)
        assert set(tokens(engine).values()) == {None, *(row["person_token"] for row in stored.values())}
        assert persons_named(engine) == set(tokens(engine)) - {None}


def test_tokens_become_numbers_in_their_order_and_once(engine: Engine) -> None:
    load_rows(engine, POLICE, [police(str(n), suspect_number=n, person_token=token(n % 7)) for n in range(40, 0, -1)])
    load_rows(engine, OM, [om("a", person_token=token(3)), om("b", person_token=token(9))])
    in_order = [one for number, one in sorted(tokens(engine).items(), key=lambda both: both[0] or 0) if number]
    assert in_order == [token(n) for n in (*range(7), 9)]


def test_registers_that_bring_the_same_persons_at_once_wait_for_each_other_and_double_nobody(engine: Engine) -> None:
    both_are_there = threading.Barrier(2, timeout=30)
    failures: list[BaseException] = []

    def one_loader(source: Source, rows: Sequence[Row]) -> None:
        def wait_for_the_other(step: str) -> None:
            if step == "copied":
                both_are_there.wait()

        try:
            for start in range(0, len(rows), 10):
                batch = Batch(
                    source=source,
                    topic=Topic(source.name, source.topic, "T"),
                    run="run",
                    rows=copy_rows(source, frame(source, rows[start : start + 10])),
                    moves=[],
                )
                load(engine, batch, on_step=wait_for_the_other)
        except BaseException as error:  # noqa: BLE001 (shown by the assertion)
            failures.append(error)

    tokens_of_both = [token(Random(4).randrange(10**6)) for _ in range(20)]
    random = Random(5)
    deliveries = [police(f"p{n}", suspect_number=1 + n, person_token=random.choice(tokens_of_both)) for n in range(80)]
    registrations = [
        om(f"o{n}", case_number=f"09{n:06}14", person_token=random.choice(tokens_of_both)) for n in range(80)
    ]
    threads = [
        threading.Thread(target=one_loader, args=(POLICE, deliveries)),
        threading.Thread(target=one_loader, args=(OM, registrations)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    came = {row["person_token"] for row in (*deliveries, *registrations)}
    assert Counter(tokens(engine).values()) == Counter([None, *came])


def test_loads_are_numbered_in_order_and_only_what_brings_events_takes_a_number(engine: Engine) -> None:
    assert load_rows(engine, POLICE, [police("a"), police("b", suspect_number=2)]).inserted == 2
    load_rows(engine, POLICE, [police("a")])
    load_rows(engine, POLICE, [police("b", suspect_number=3)])
    load_rows(engine, OM, [om("a")])
    load_rows(engine, POLICE, [police("a"), police("c", suspect_number=4)])
    assert numbers_of_loads(engine, POLICE) == [(1, 2, 2), (2, 1, 3)]
    assert rows_by_load(engine, POLICE) == {1: 2, 2: 1}
    assert numbers_of_loads(engine, OM) == [(1, 1, 1)]
    bad = frame(POLICE, [police("d", suspect_number=5)]).with_columns(unit=pl.lit(None, pl.String))
    batch = Batch(source=POLICE, topic=Topic(POLICE.name, "p", "T"), run="r", rows=copy_rows(POLICE, bad), moves=[])
    with pytest.raises(WriteFailed):
        load(engine, batch)
    load_rows(engine, POLICE, [police("d", suspect_number=5)])
    assert numbers_of_loads(engine, POLICE) == [(1, 2, 2), (2, 1, 3), (3, 1, 4)], "what was undone leaves no gap"
    with engine.connect() as connection:
        moments = select(event_table(POLICE).c.load_number, func.max(event_table(POLICE).c.ingested_at))
        by_load = connection.execute(moments.group_by(event_table(POLICE).c.load_number))
        loaded_at = select(LOAD.c.load_number, LOAD.c.loaded_at).where(LOAD.c.source == POLICE.name)
        assert sorted(by_load) == sorted(connection.execute(loaded_at))


def test_a_number_is_visible_only_with_all_before_it(engine: Engine) -> None:
    first_has_its_number, was_read = threading.Event(), threading.Event()
    visible: list[Counter[int]] = []

    def one_loader(event_id: str, number: int, *, is_slow: bool) -> None:
        def wait(step: str) -> None:
            if is_slow and step == "inserted":
                first_has_its_number.set()
                was_read.wait(1.0)  # the other one waits for the lock meanwhile

        rows = copy_rows(POLICE, frame(POLICE, [police(event_id, suspect_number=number)]))
        load(
            engine, Batch(source=POLICE, topic=Topic(POLICE.name, "p", "T"), run="r", rows=rows, moves=[]), on_step=wait
        )

    slow = threading.Thread(target=one_loader, args=("a", 1), kwargs={"is_slow": True})
    quick = threading.Thread(target=one_loader, args=("b", 2), kwargs={"is_slow": False})
    slow.start()
    assert first_has_its_number.wait(30)
    quick.start()
    visible.append(rows_by_load(engine, POLICE))
    was_read.set()
    for thread in (slow, quick):
        thread.join()
        visible.append(rows_by_load(engine, POLICE))
    assert visible[0] == {}
    assert visible[-1] == {1: 1, 2: 1}
    assert all(set(one) == set(range(1, len(one) + 1)) for one in visible)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_batches_give_the_same_days_and_the_same_fingerprint(engine: Engine, seed: int) -> None:
    random = Random(seed)
    deliveries, registrations = registers(Random(7))
    load_rows(engine, POLICE, deliveries)
    load_rows(engine, OM, registrations)
    whole = {day: fingerprint(engine, day) for day in (date(2014, 2, 28), date(2014, 3, 9), DAY)}
    expected = days(engine)
    assert len({*whole.values()}) == 3
    empty_again(engine)
    left = [(POLICE, row) for row in deliveries] + [(OM, row) for row in registrations]
    random.shuffle(left)
    while left:
        source, rows = left[0][0], random.randint(1, 15)
        some = [row for of, row in left if of is source][:rows]
        load_rows(engine, source, [*some, *some[:2]])
        left = [one for one in left if one[1] not in some]
    assert days(engine) == expected
    assert {day: fingerprint(engine, day) for day in whole} == whole


def empty_again(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in (POLICE.name, OM.name, "load"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
            connection.execute(text(f"TRUNCATE {table}"))
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER append_only"))
        connection.execute(text("TRUNCATE event_day, topic_offset"))


def test_the_days_and_the_chain_are_those_of_the_stored_events(engine: Engine) -> None:
    deliveries, _ = registers(Random(8))
    for start in (0, 10, 5, 30, 20):
        load_rows(engine, POLICE, deliveries[start : start + 10])
    table, digest = event_table(POLICE), NOTHING_BEFORE
    whole: dict[date, DaySum] = {}
    for number, _, _ in numbers_of_loads(engine, POLICE):
        named = select(table.c.event_source, table.c.event_id, table.c.recorded_at)
        with engine.connect() as connection:
            rows = list(map(tuple, connection.execute(named.where(table.c.load_number == number))))
        events = frame(POLICE, []).select("event_source", "event_id", "recorded_at")
        sums = sums_of(named_by_day(pl.DataFrame(rows, schema=events.schema, orient="row")))
        digest = load_digest(digest, source=POLICE.name, load_number=number, sums=sums)
        whole = {**whole, **{day: whole[day] + one if day in whole else one for day, one in sums.items()}}
    with engine.connect() as connection:
        newest = select(LOAD.c.digest).where(LOAD.c.source == POLICE.name).order_by(LOAD.c.load_number.desc())
        assert connection.scalars(newest).first() == digest
    kept = [(one.recorded_on, one.events, one.digest, one.state) for one in days(engine)]
    assert kept == [(day, one.events, one.digest, one.state) for day, one in sorted(whole.items())]


def test_control_records_and_every_other_source_have_loads_too(engine: Engine) -> None:
    load_covered(engine, POLICE, [police("a")], until=DAY)
    load_covered(engine, OM, [om("a")], until=DAY)
    assert numbers_of_loads(engine, EXTRACTS) == [(1, 1, 1), (2, 1, 2)]


def test_what_is_new_since_a_load_is_found_by_an_index(engine: Engine) -> None:
    load_rows(engine, POLICE, [police("a")])
    table = event_table(POLICE)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # of one row PostgreSQL would read the table
        query = f"EXPLAIN SELECT * FROM {table.name} WHERE load_number > 1"
        assert f"ix_{table.name}_load" in "".join(connection.scalars(text(query)))
