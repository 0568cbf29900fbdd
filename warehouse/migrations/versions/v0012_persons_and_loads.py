"""Persons become numbers, loads are numbered, and each day of each source has a digest.

A token stands in ``person`` alone; the event tables hold its number. What one transaction brought is one load, for its
rows have one ``ingested_at``; they are numbered in the order of these. Each event table is written anew once, by
PostgreSQL itself, which keeps its rights, triggers and constraints; so this needs as much room again as the event
tables take. All of it is one transaction.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import polars as pl
import sqlalchemy as sa
from alembic import context, op

from warehouse.copying import read_frames
from warehouse.day_digests import NOTHING_BEFORE, DaySum, load_digest, named_by_day, sums_of

revision = "0012"
down_revision = "0011"

BYTES_AT_ONCE = 16 * 1024 * 1024

LOAD = ("source", "load_number", "loaded_at", "rows", "rows_in_all", "digest")
EVENT_DAY = ("source", "recorded_on", "events", "digest", "state")

EVENT_TABLES = """
SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND attname IN ('event_source', 'event_id', 'recorded_at', 'ingested_at')
GROUP BY relname HAVING count(*) = 4 ORDER BY relname
"""
"""Also those of sources that are no longer declared."""

LOOK_UP = """
CREATE FUNCTION pg_temp.number_of(token text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT person_id FROM public.person WHERE person_token = token);
END $$;
CREATE FUNCTION pg_temp.load_of(moment timestamptz) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT load_number FROM pg_temp.load_then WHERE ingested_at = moment);
END $$
"""


def upgrade() -> None:
    """Make the tables, and bring what is there into their form."""
    connection = op.get_bind()
    say: Callable[[str], None] = context.config.attributes.get("on_progress", lambda _what: None)
    _tables()
    tables = connection.execute(sa.text(EVENT_TABLES)).scalars().all()
    op.execute("SET LOCAL maintenance_work_mem = '256MB'")  # every index of theirs is made anew
    columns = {table: {one["name"] for one in sa.inspect(connection).get_columns(table)} for table in tables}
    with_persons = [table for table in tables if "person_token" in columns[table]]
    if with_persons:
        say("numbering persons")
        tokens = " UNION ".join(f"SELECT person_token FROM {table}" for table in with_persons)  # noqa: S608 (names of tables)
        op.execute(
            f"INSERT INTO person (person_token) SELECT person_token FROM ({tokens}) AS came "  # noqa: S608
            "WHERE person_token IS NOT NULL ORDER BY person_token"
        )
    _keys_of_persons()
    op.execute(LOOK_UP)
    for table in tables:
        say(f"writing {table} anew")
        _rewrite(table, has_persons=table in with_persons)
        say(f"adding up the days of {table}")
        _sum_up(connection, table)
    op.execute("DROP FUNCTION pg_temp.number_of(text), pg_temp.load_of(timestamptz)")


def _tables() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("person_token", sa.Text(collation="C")),
    )
    op.create_table(
        "load",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("load_number", sa.Integer, nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("rows_in_all", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("source", "load_number", name="pk_load"),
    )
    op.create_table(
        "event_day",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("source", "recorded_on", name="pk_event_day"),
    )
    # beside the rows, so that a look at the digests does not pass over it; a sum of random words cannot be compressed
    op.execute("ALTER TABLE event_day ALTER COLUMN state SET STORAGE EXTERNAL")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON load "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _keys_of_persons() -> None:
    """Made when the persons are there, which takes less than to keep them up for each."""
    op.create_primary_key("pk_person", "person", ["person_id"])
    op.create_unique_constraint("uq_person_person_token", "person", ["person_token"])
    op.execute("ANALYZE person")


def _rewrite(table: str, *, has_persons: bool) -> None:
    op.execute(
        "CREATE TEMPORARY TABLE load_then AS SELECT ingested_at, "  # noqa: S608 (names of tables)
        f"CAST(row_number() OVER (ORDER BY ingested_at) AS integer) AS load_number FROM {table} GROUP BY ingested_at"
    )
    op.execute("ALTER TABLE load_then ADD PRIMARY KEY (ingested_at)")
    op.execute(f"ALTER TABLE {table} ADD COLUMN load_number integer")
    changes = [
        "ALTER COLUMN load_number TYPE integer USING pg_temp.load_of(ingested_at)",
        "ALTER COLUMN load_number SET NOT NULL",
    ]
    if has_persons:
        changes.append("ALTER COLUMN person_token TYPE bigint USING pg_temp.number_of(person_token)")
    op.execute(f"ALTER TABLE {table} {', '.join(changes)}")
    if has_persons:
        op.alter_column(table, "person_token", new_column_name="person_id")
    op.execute(f"CREATE INDEX ix_{table}_load ON {table} USING brin (load_number) WITH (autosummarize=on)")
    op.execute(f"ANALYZE {table}")


def _sum_up(connection: sa.Connection, table: str) -> None:
    """Keep the loads and the days of an event table, which is read in pieces; one without events has none."""
    moments = dict(map(tuple, connection.execute(sa.text("SELECT load_number, ingested_at FROM load_then"))))
    op.execute("DROP TABLE load_then")
    days: dict[date, DaySum] = {}
    digest, rows_in_all = NOTHING_BEFORE, 0
    loads: list[dict[str, object]] = []
    for number, sums in _sums_by_load(connection, table):
        rows = sum(one.events for one in sums.values())
        rows_in_all += rows
        digest = load_digest(digest, source=table, load_number=number, sums=sums)
        loads.append(dict(zip(LOAD, (table, number, moments[number], rows, rows_in_all, digest), strict=True)))
        _add(days, sums)
    op.bulk_insert(sa.table("load", *map(sa.column, LOAD)), loads)
    op.bulk_insert(
        sa.table("event_day", *map(sa.column, EVENT_DAY)),
        [
            dict(zip(EVENT_DAY, (table, day, one.events, one.digest, one.state), strict=True))
            for day, one in sorted(days.items())
        ],
    )


def _sums_by_load(connection: sa.Connection, table: str) -> Iterator[tuple[int, dict[date, DaySum]]]:
    """The sum of each day of each load, by number; one load's days are in memory at a time."""
    current, sums = 0, dict[date, DaySum]()
    for events in _events(connection, table):
        for (number,), some in events.group_by("load_number", maintain_order=True):
            if number != current and sums:
                yield current, sums
                sums = {}
            current = number
            _add(sums, sums_of(named_by_day(some)))
    if sums:
        yield current, sums


def _add(days: dict[date, DaySum], others: Mapping[date, DaySum]) -> None:
    for day, one in others.items():
        days[day] = days[day] + one if day in days else one


def _events(connection: sa.Connection, table: str) -> Iterator[pl.DataFrame]:
    """What is summed of a table's events, by load."""
    names = ("event_source", "event_id", "recorded_at", "load_number")
    stored = sa.table(table, *(sa.column(name, sa.Text) for name in names))
    microseconds = sa.cast(sa.func.extract("epoch", stored.c.recorded_at) * 1_000_000, sa.BigInteger)
    columns = (stored.c.event_source, stored.c.event_id, microseconds, stored.c.load_number)
    query = sa.select(*columns).order_by(stored.c.load_number)
    schema = dict(zip(names, (pl.String(), pl.String(), pl.Int64(), pl.Int64()), strict=True))
    moment = pl.col("recorded_at").cast(pl.Datetime("us", "UTC"))
    for events in read_frames(connection, query, schema, bytes_at_once=BYTES_AT_ONCE):
        yield events.with_columns(moment)
