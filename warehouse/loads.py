"""The numbers of loads: each transaction that inserts events of a source takes the next, and commits before the next.

A number is taken under a lock that its transaction holds until it ends, so numbers are committed in their order and
without gaps: whoever can read one can read all before it, and what is new since then is ``load_number > n``.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from schemas.declaration import Source
from warehouse.day_digests import NOTHING_BEFORE, DaySum, DaySums, load_digest
from warehouse.locks import Lock, hold
from warehouse.tables.loads import EVENT_DAY, LOAD


@dataclass(frozen=True)
class LastLoad:
    """The load of a source that was committed last: 0 when nothing was ever loaded."""

    load_number: int = 0
    rows_in_all: int = 0
    digest: bytes = NOTHING_BEFORE

    @property
    def following(self) -> int:
        """The number of the load after this one."""
        return self.load_number + 1


def last_load_held(connection: Connection, source: Source) -> LastLoad:
    """The last load of a source, which stays the last one until this transaction ends."""
    hold(connection, Lock.LOADS, of=source.name)
    table = LOAD.c
    newest = select(table.load_number, table.rows_in_all, table.digest).where(table.source == source.name)
    row = connection.execute(newest.order_by(table.load_number.desc()).limit(1)).one_or_none()
    return LastLoad() if row is None else LastLoad(*row)


def keep_load(connection: Connection, source: Source, before: LastLoad, sums: DaySums) -> None:
    """Keep the load that follows on another, and add its events to the days of their source.

    Args:
        connection: in the transaction that inserted the events and holds the lock of the source.
        source: whose events.
        before: ``last_load_held``.
        sums: the events that were inserted; at least one.
    """
    rows = sum(one.events for one in sums.values())
    number = before.following
    connection.execute(
        insert(LOAD).values(
            source=source.name,
            load_number=number,
            rows=rows,
            rows_in_all=before.rows_in_all + rows,
            digest=load_digest(before.digest, source=source.name, load_number=number, sums=sums),
        )
    )
    _add_to_days(connection, source, sums)


def _add_to_days(connection: Connection, source: Source, sums: DaySums) -> None:
    table = EVENT_DAY.c
    stored = select(table.recorded_on, table.events, table.state).where(
        table.source == source.name, table.recorded_on.in_(list(sums))
    )
    there = {day: DaySum.of_state(events, state) for day, events, state in connection.execute(stored)}
    days = {day: one + there[day] if day in there else one for day, one in sums.items()}
    new = insert(EVENT_DAY)
    changed = {name: new.excluded[name] for name in ("events", "digest", "state")}
    connection.execute(
        new.on_conflict_do_update(index_elements=["source", "recorded_on"], set_=changed),
        [
            {"source": source.name, "recorded_on": day, "events": one.events, "digest": one.digest, "state": one.state}
            for day, one in sorted(days.items())
        ],
    )


def last_load_numbers(connection: Connection) -> dict[str, int]:
    """The number of the last load of each source that a connection sees; a source without any is left out."""
    table = LOAD.c
    newest = select(table.source, func.max(table.load_number)).group_by(table.source)
    return {source: int(number) for source, number in connection.execute(newest)}


def events_loaded(connection: Connection) -> dict[str, int]:
    """How many events of each source are loaded; a source of which none is, is left out."""
    table = EVENT_DAY.c
    rows = connection.execute(select(table.source, func.sum(table.events)).group_by(table.source))
    return {source: int(events) for source, events in rows}
