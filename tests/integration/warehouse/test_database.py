"""The way to the warehouse: tables as the models say, made once by however many, and errors that help."""

import importlib
import json
import pkgutil
import re
import threading
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, inspect, text

import warehouse.tables
from ketenbalans.stack.embedded import Addresses
from schemas.catalogue import sources
from schemas.declaration import Field
from tests.integration.conftest import NewWarehouse
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, frame, police
from tests.integration.warehouse.state_by_sql import read_deliveries
from tests.integration.warehouse.tables_of_0011 import begin_at, put
from warehouse.database import connect, migrate, snapshot
from warehouse.errors import WarehouseUnreachable
from warehouse.extracts import control_records
from warehouse.loading import Batch, Loaded, load
from warehouse.offsets import Move, Topic
from warehouse.staging import copy_rows
from warehouse.tables.events import event_table
from warehouse.tables.loading import TOPIC_OFFSET
from warehouse.tables.metadata import METADATA, NAMING_CONVENTION

pytestmark = pytest.mark.stack


def test_models_and_migrated_database_agree(engine: Engine) -> None:
    for module in pkgutil.iter_modules(warehouse.tables.__path__):  # tables are declared where their module is read
        importlib.import_module(f"{warehouse.tables.__name__}.{module.name}")
    models = MetaData(naming_convention=NAMING_CONVENTION)
    for table in [*METADATA.tables.values(), *map(event_table, sources().values())]:
        table.to_metadata(models)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, models) == []
        assert set(inspect(connection).get_table_names()) == {*models.tables, "alembic_version"}
        assert context.get_current_revision() == ScriptDirectory("warehouse/migrations").get_current_head()


def test_migrating_twice_and_at_once_is_harmless(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    failures: list[BaseException] = []

    def one() -> None:
        try:
            migrate(engine)
        except BaseException as error:  # noqa: BLE001 (shown by the assertion)
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    migrate(engine)
    assert set(sources()) < set(inspect(engine).get_table_names())


def test_extracts_that_were_loaded_before_stay_loaded_apart_from_those_that_were_short(
    new_warehouse: NewWarehouse,
) -> None:
    engine = new_warehouse()
    with engine.begin() as connection:
        begin_at(connection, "0007", of=[EXTRACTS])
        rows = [
            control("1", POLICE.name, date(2015, 1, 31), topic_id="P", offsets='{"0": 2}', published=9_000),
            control("2", POLICE.name, date(2015, 2, 28), topic_id="P", offsets='{"0": 3}', published=5),
            control("3", OM.name, date(2015, 1, 31), topic_id="O", offsets="{}", published=5),
        ]
        put(connection, EXTRACTS, [{**row, "offsets": json.loads(row["offsets"])} for row in rows])
        offset = {"topic_id": "P", "partition": 0, "topic": "p", "source": POLICE.name, "next_offset": 2}
        connection.execute(TOPIC_OFFSET.insert().values(offset))
        short = "INSERT INTO incident (subject, kind, message) VALUES (:source, 'TotalsDiffer', 'short of 1')"
        connection.execute(text(short), {"source": OM.name})
    migrate(engine)
    with engine.connect() as connection:
        loaded = [(record.extract_id[-1], record.arrived, record.is_loaded) for record in control_records(connection)]
        assert loaded == [("3", 0, False), ("1", 9_000, True), ("2", 0, False)]
        assert connection.scalar(text("SELECT kind FROM incident")) == "totals_differ"


def test_a_source_that_is_declared_later_gets_its_table(engine: Engine) -> None:
    declared_later = replace(POLICE, name="declared_later", topic="declared.later")
    migrate(engine, event_sources=[*sources().values(), declared_later])
    columns = {column["name"]: column for column in inspect(engine).get_columns("declared_later")}
    assert list(columns) == [
        "event_source",
        "event_id",
        *(one.stored_as for one in POLICE.fields),
        "ingested_at",
        "load_number",
    ]
    assert not columns["unit"]["nullable"]
    assert columns["person_id"]["nullable"]

    grown = replace(declared_later, fields=(*POLICE.fields, Field(name="remark", meaning="new", required=False)))
    migrate(engine, event_sources=[grown])
    migrate(engine, event_sources=[grown])
    assert [column["name"] for column in inspect(engine).get_columns("declared_later")][-1] == "remark"


@pytest.mark.parametrize(
    "url", ["postgresql://u:geheim@127.0.0.1:1/d", "postgresql+psycopg://u:geheim@/d?host=/nowhere"]
)
def test_no_warehouse_is_reported_with_its_place_and_a_remedy_and_without_the_password(url: str) -> None:
    with pytest.raises(WarehouseUnreachable, match="ketenbalans up") as caught:
        migrate(connect(url))
    assert re.search(r"127\.0\.0\.1:1/d|/nowhere/d", str(caught.value))
    assert "geheim" not in str(caught.value)


def test_a_connection_that_breaks_is_reported_the_same_way(engine: Engine, servers: Addresses) -> None:
    def ask_and_read_after_the_end(opened: AbstractContextManager[Connection], *, by_copy: bool) -> None:
        with opened as connection:
            connection.execute(text("SELECT 1"))
            end_connections(engine, servers)
            if by_copy:
                read_deliveries(connection, as_of=date(2014, 12, 31))
            connection.execute(text("SELECT 1"))

    for by_copy in (False, True):
        with pytest.raises(WarehouseUnreachable, match="cannot be reached"):
            ask_and_read_after_the_end(snapshot(engine), by_copy=by_copy)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_a_connection_that_breaks_while_a_batch_is_loaded_leaves_nothing(engine: Engine, servers: Addresses) -> None:
    rows = copy_rows(POLICE, frame(POLICE, [police("a")]))
    batch = Batch(
        source=POLICE, topic=Topic(POLICE.name, POLICE.topic, "T"), run="r", rows=rows, moves=[Move(0, None, 1)]
    )
    for step in ("copied", "inserted", "offsets"):

        def break_it(done: str, step: str = step) -> None:
            if done == step:
                end_connections(engine, servers)

        with pytest.raises(WarehouseUnreachable, match="cannot be reached"):
            load(engine, batch, on_step=break_it)
    assert load(engine, batch) == Loaded(read=1, inserted=1)


def end_connections(engine: Engine, servers: Addresses) -> None:
    server = create_engine(servers.warehouse_url)
    with server.begin() as connection:
        every = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(every, {"name": engine.url.database})
    server.dispose()
