"""What is kept beside the register of published figures, and which records were loaded since a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    column,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from schemas.declaration import Kind, Source
from schemas.people import Identity
from schemas.period import Period
from schemas.sources import aggregates, investigations, om_registrations
from warehouse.locks import Lock, hold
from warehouse.state import known_on
from warehouse.tables.events import event_table
from warehouse.tables.register import FIGURE_AGREED, RESTATEMENT_DECISION

RecordKey = Mapping[str, str | int]
"""The columns that name a record of a source, with their values."""

YEAR = timedelta(days=400)

ACCEPTED, WITHDRAWN = "accepted", "withdrawn"


@dataclass(frozen=True, kw_only=True)
class RestatementDecision:
    """What a person decided about a published figure that comes out otherwise.

    Attributes:
        figure_id: in the register.
        verdict: ``accepted`` or ``withdrawn``.
        published: the published value, as text.
        ours: the value that was accepted, rounded as the published one.
        note: a few words of administration.
        decided_by: a handle.
        decided_on: the day of the decision.
        identity: how it is known who decided.
    """

    figure_id: str
    verdict: str
    published: str
    ours: str
    note: str
    decided_by: str
    decided_on: date
    identity: Identity = Identity.DECLARED


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What a figure rested on when it last came out as published.

    Attributes:
        as_of: the day whose knowledge was used.
        loaded_by: a moment; what was loaded later was not seen.
    """

    as_of: date
    loaded_by: datetime

    def rows(self, table: Table) -> ColumnElement[bool]:
        """The rows of an event table that were seen then."""
        return known_on(table, self.as_of, loaded_by=self.loaded_by)


def last_agreed(connection: Connection) -> dict[str, Agreed]:
    """Per figure what it rested on when it last came out as published; one that never did is left out."""
    rested_on_a_day = select(FIGURE_AGREED).where(FIGURE_AGREED.c.as_of.is_not(None))
    rows = connection.execute(rested_on_a_day).mappings()
    return {row["figure_id"]: Agreed(as_of=row["as_of"], loaded_by=row["agreed_at"]) for row in rows}


def keep_agreed(connection: Connection, figures: Iterable[tuple[str, date | None]], *, at: datetime) -> None:
    """Keep that figures came out as published, each with the day that it rests on; a later moment stays."""
    rows = [{"figure_id": figure_id, "as_of": as_of, "agreed_at": at} for figure_id, as_of in figures]
    if not rows:
        return
    kept = upsert(FIGURE_AGREED)
    newer = {"as_of": kept.excluded.as_of, "agreed_at": kept.excluded.agreed_at}
    later = kept.on_conflict_do_update(
        index_elements=["figure_id"], set_=newer, where=FIGURE_AGREED.c.agreed_at < kept.excluded.agreed_at
    )
    connection.execute(later, rows)


def hold_restatements(connection: Connection) -> None:
    """Let nobody else decide about a restatement until the transaction ends."""
    hold(connection, Lock.RESTATEMENTS)


def restatements_decided(connection: Connection) -> dict[str, RestatementDecision]:
    """The last decision about each figure of which anybody decided anything."""
    table = RESTATEMENT_DECISION.c
    columns = [table[name] for name in RestatementDecision.__dataclass_fields__]
    last = select(*columns).ext(distinct_on(table.figure_id)).order_by(table.figure_id, table.decision_number.desc())
    rows = connection.execute(last).mappings()
    return {row["figure_id"]: RestatementDecision(**{**row, "identity": Identity.of(row["identity"])}) for row in rows}


def record_restatement(connection: Connection, decision: RestatementDecision) -> None:
    """Keep a decision about a restatement."""
    row = {**vars(decision), "identity": decision.identity.value}
    connection.execute(insert(RESTATEMENT_DECISION).values(row))


def moment_before_running_loads(connection: Connection) -> datetime:
    """A moment such that everything loaded by then is seen here, and nothing seen later can have been loaded by then.

    Rows report when their transaction began. One that began before now and has not ended is not seen, so the moment
    lies before the oldest that runs.
    """
    running: ColumnElement[datetime] = func.min(column("xact_start")) - text("interval '1 microsecond'")
    others = (
        select(running)
        .select_from(text("pg_stat_activity"))
        .where(text("datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"))
        .scalar_subquery()
    )
    moment = connection.scalar(select(func.least(func.now(), others)))
    assert isinstance(moment, datetime)
    return moment


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """Which records of a source a figure may hold.

    Attributes:
        period: the period that is counted.
        measure: its name: a delivered count is of one measure.
    """

    period: Period
    measure: str

    def rows(self, source: Source, table: Table) -> ColumnElement[bool]:
        """The rows of such records: a record may have left the period since, so one row is enough."""
        start, end = self.period.start, self.period.end
        if source is aggregates.SOURCE:
            return (table.c.measure == self.measure) & (table.c.period_start == start) & (table.c.period_end == end)
        if source is investigations.SOURCE:  # what runs in the period, from its start to its end
            return (table.c.started_on <= end) & (table.c.ended_on.is_(None) | (table.c.ended_on >= start))
        if source is om_registrations.SOURCE:  # a case may end, or its delivery fall, in another year
            return table.c.registered_on.between(start - YEAR, end + YEAR)
        days = [table.c[field.name].between(start, end) for field in source.fields if field.kind is Kind.DATE]
        return or_(*days)


def records_loaded_since(
    connection: Connection, source: Source, concerned: Concerned, *, since: Agreed, as_of: date
) -> list[RecordKey]:
    """The keys of the records that a figure may hold, of which something known on a day was not seen before.

    Those loaded last come first.
    """
    table = event_table(source)
    keys = [table.c[name] for name in source.record_key]
    known = known_on(table, as_of)
    of_the_figure = select(*keys).where(known, concerned.rows(source, table))
    query = (
        select(*keys)
        .where(known, not_(since.rows(table)), tuple_(*keys).in_(of_the_figure))
        .group_by(*keys)
        .order_by(func.max(table.c.ingested_at).desc(), *keys)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
