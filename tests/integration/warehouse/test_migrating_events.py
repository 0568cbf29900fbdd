"""A warehouse of before persons were numbers becomes what it would be, had all of it been loaded today."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, inspect, select, text

from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.settings import Settings
from schemas.catalogue import source_named
from schemas.period import Period
from tests.integration.conftest import NewWarehouse
from tests.integration.scenario_events import event
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, load_rows, police, tokens, with_token
from tests.integration.warehouse.state_by_sql import read_deliveries, read_registrations
from tests.integration.warehouse.tables_of_0011 import begin_at, put
from warehouse.balances import input_fingerprint, stored_balances
from warehouse.database import migrate, snapshot
from warehouse.errors import NotBroughtUpToDate
from warehouse.loading import Loaded
from warehouse.tables.events import event_table
from warehouse.tables.loads import EVENT_DAY, LOAD

pytestmark = pytest.mark.stack

UNTIL = date(2015, 6, 30)
DAYS = (date(2014, 6, 30), date(2015, 1, 31), UNTIL)
SETTINGS = Settings()
POLICY = SETTINGS.read_policy()
PARTS = (slice(0, 300), slice(300, None))
"""The rows of each of two transactions."""

WITHOUT_A_TOPIC = {"made_at", "quality", "verdict", "because"}
"""What differs where nothing was read from a topic: nothing was checked, and no extract counts as loaded."""


def rows_of(name: str) -> list[dict[str, Any]]:
    source = source_named(name)
    return [event(source, f"{name}-{place:05}", row) for place, row in enumerate(YEAR_2014.records.rows[name])]


def covered(name: str) -> dict[str, Any]:
    return control("0", name, UNTIL, topic_id="none", offsets="{}") | {"event_id": name}


def of_before(engine: Engine) -> None:
    """Fill a warehouse as it was filled then, in two transactions."""
    with engine.begin() as connection:
        begin_at(connection, "0011")
        if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = 'reader_of_before'")):
            connection.execute(text("CREATE ROLE reader_of_before"))
        connection.execute(text(f"GRANT SELECT ON {POLICE.name} TO reader_of_before"))
    for part in PARTS:
        with engine.begin() as connection:
            for source in (POLICE, OM):
                put(connection, source, rows_of(source.name)[part])
    with engine.begin() as connection:
        put(connection, EXTRACTS, [covered(name) | {"offsets": {}} for name in (POLICE.name, OM.name)])


def state(engine: Engine, day: date) -> list[list[dict[str, Any]]]:
    token_of = tokens(engine)
    with snapshot(engine) as connection:
        both = read_deliveries(connection, as_of=day), read_registrations(connection, as_of=day)
    return [[with_token(row, token_of) for row in one.to_dicts()] for one in both]


def answers(engine: Engine) -> list[Any]:
    found: list[Any] = []
    for day in DAYS:
        with snapshot(engine) as connection:
            found.append(input_fingerprint(connection, as_of=day))
        found.append(state(engine, day))
        answer = reconcile(engine, SETTINGS, period=Period.of_year(2014), as_of=day, policy=POLICY, keeps_breaks=True)
        found.append({name: value for name, value in answer.to_json().items() if name not in WITHOUT_A_TOPIC})
    return found


def test_it_answers_as_if_it_had_been_loaded_today(new_warehouse: NewWarehouse) -> None:
    old, new = new_warehouse(), new_warehouse()
    of_before(old)
    said: list[str] = []
    migrate(old, on_progress=said.append)
    for part in PARTS:
        for source in (POLICE, OM):
            load_rows(new, source, rows_of(source.name)[part])
    load_rows(new, EXTRACTS, [covered(name) for name in (POLICE.name, OM.name)])
    assert answers(old) == answers(new)
    assert {f"writing {POLICE.name} anew", f"adding up the days of {OM.name}"} <= set(said)

    with old.connect() as one, new.connect() as other:
        for table in (EVENT_DAY, LOAD):
            columns = [column for column in table.c if column.name != "loaded_at"]
            rows = select(*columns).order_by(*table.primary_key.columns)
            assert list(one.execute(rows)) == list(other.execute(rows))
        table = event_table(POLICE)
        when = select(table.c.load_number, table.c.ingested_at).distinct().order_by(table.c.load_number)
        loads = select(LOAD.c.load_number, LOAD.c.loaded_at).where(LOAD.c.source == POLICE.name)
        assert list(one.execute(when)) == list(one.execute(loads.order_by(LOAD.c.load_number)))
        assert one.scalar(select(func.count(table.c.ingested_at.distinct()))) == 2, "when we knew stays"
        can_read = text(f"SELECT has_table_privilege('reader_of_before', '{POLICE.name}', 'SELECT')")
        assert one.scalar(can_read), "the rights of others stay"
    assert [column["name"] for column in inspect(old).get_columns(POLICE.name)] == [
        column["name"] for column in inspect(new).get_columns(POLICE.name)
    ]


def test_it_goes_on_from_there(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    of_before(engine)
    migrate(engine)
    rows = rows_of(POLICE.name)
    assert load_rows(engine, POLICE, rows) == Loaded(read=len(rows), duplicates=len(rows))
    moment = max(row["recorded_at"] for row in rows) + timedelta(days=1)
    known = next(row["person_token"] for row in rows if row["person_token"])
    load_rows(engine, POLICE, [police("new", moment, suspect_number=77, person_token=known)])
    with engine.connect() as connection:
        loads = select(LOAD.c.load_number, LOAD.c.rows_in_all).where(LOAD.c.source == POLICE.name)
        assert dict(map(tuple, connection.execute(loads))) == {1: 300, 2: len(rows), 3: len(rows) + 1}
        table = event_table(POLICE)
        assert Counter(connection.scalars(select(table.c.load_number))) == {1: 300, 2: len(rows) - 300, 3: 1}
    assert Counter(tokens(engine).values())[known] == 1
    with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
        connection.execute(text(f"UPDATE {POLICE.name} SET unit = 'PL0600'"))


def test_balances_of_before_stay_readable_under_their_own_fingerprint(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    of_before(engine)
    migrate(engine)
    reconcile(engine, SETTINGS, period=Period.of_year(2014), as_of=UNTIL, policy=POLICY, keeps_breaks=True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE balance SET input_fingerprint = repeat('0', 64), confirmed_at = '2020-01-01'"))
        (before,) = stored_balances(connection, period=Period.of_year(2014), policy=POLICY.to_dict())
    again = reconcile(engine, SETTINGS, period=Period.of_year(2014), as_of=UNTIL, policy=POLICY, keeps_breaks=True)
    assert again.input_fingerprint != before.input_fingerprint
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM balance")) == 2
        assert connection.scalar(text("SELECT count(DISTINCT answer::text) FROM balance")) == 1


@pytest.mark.parametrize(
    ("hindrance", "remedy"),
    [
        (f"CREATE VIEW of_others AS SELECT person_token FROM {POLICE.name}", "mend what it names"),
        (
            """CREATE FUNCTION is_full() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
            CREATE EVENT TRIGGER disk ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION is_full()
            """,
            "make room",
        ),
    ],
)
def test_what_fails_names_place_and_remedy_and_leaves_all_as_it_was(
    new_warehouse: NewWarehouse, hindrance: str, remedy: str
) -> None:
    engine = new_warehouse()
    of_before(engine)
    with engine.begin() as connection:
        connection.execute(text(hindrance))
    with pytest.raises(NotBroughtUpToDate, match=remedy) as caught:
        migrate(engine)
    assert str(engine.url.database) in str(caught.value)
    assert "ketenbalans prepare" in str(caught.value)
    assert not inspect(engine).has_table("person")
    assert "person_token" in {column["name"] for column in inspect(engine).get_columns(POLICE.name)}
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0011"
        assert connection.scalar(text(f"SELECT count(*) FROM {POLICE.name}")) == len(rows_of(POLICE.name))
