"""The linked registers as a snapshot sees them, in coded columns: the one way in which linking and figures read them.

An engine that was made with a folder (``warehouse.database.connect``) keeps the columns there between processes; with
none, or when they cannot be kept, all is read from the warehouse itself. Both give the same.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import polars as pl
from sqlalchemy import Connection
from sqlalchemy.engine import URL

from ketenbalans.columns.coding import (
    LOAD_NUMBER,
    MUTATION,
    RECORDED_AT,
    coded_source,
    delivery_state,
    version,
)
from ketenbalans.columns.files import RegisterFolder
from ketenbalans.columns.kept import RegisterLog, keep_up_to_date, log_of
from ketenbalans.columns.newest import KnownRows, amsterdam_day, is_recorded_by, newest_rows
from ketenbalans.columns.own_folder import Damaged
from schemas.catalogue import POLICE, delivering_sources, linked_sources
from schemas.declaration import Source
from schemas.linked_columns import REGISTRATION_COLUMNS, names
from schemas.period import Period
from schemas.sources import om_registrations, police_deliveries
from warehouse.database import columns_folder_of, memo_of
from warehouse.loaded_rows import LoadMark, loads_after, newest_loads

T = TypeVar("T")

FEW = 1 / 4
"""A share of the rows of which it is quicker to look for the newest than among all of them."""


def registers_of(connection: Connection) -> "Registers":
    """The linked registers as the snapshot of this connection sees them; the same object each time it is asked."""
    registers: Registers = memo_of(connection).setdefault(Registers, Registers(connection))
    return registers


class Registers:
    """All that a snapshot sees of the linked registers. A register is read when it is first asked for.

    Use it inside the snapshot. States are frames of their own and stay good after it.

    Args:
        connection: of a snapshot (``warehouse.database.snapshot``).
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._logs: dict[str, RegisterLog] = {}

    @cached_property
    def folder(self) -> Path | None:
        """Where files of this warehouse and this version of the columns lie; None when nothing is kept.

        Whatever else is kept there (in a folder below it) goes with them. It may not be there yet.
        """
        root = columns_folder_of(self._connection)
        return None if root is None else root / warehouse_name(self._connection.engine.url) / version()

    @cached_property
    def loads(self) -> Mapping[str, LoadMark | None]:
        """The last load of each register that the snapshot sees, by source; None where nothing was loaded."""
        marks = {source.name: newest_loads(self._connection, source, at_most=1) for source in linked_sources()}
        return {name: found[0] if found else None for name, found in marks.items()}

    @cached_property
    def key(self) -> str:
        """A SHA-256 that is equal only for the same events in the same loads, coded the same way."""
        return hashlib.sha256(repr((version(), sorted(self.loads.items()))).encode()).hexdigest()

    def keep_up_to_date(self, source: Source) -> None:
        """Bring the files of a linked register up to what the snapshot sees, for the next question.

        Nothing happens where nothing is kept, or while another process writes them.
        """
        place = self._place(source)
        if place is not None:
            keep_up_to_date(self._connection, coded_source(source), place)

    def state(
        self,
        *,
        as_of: date,
        loaded_by: datetime | None = None,
        changed_since: date | None = None,
        loaded_after: Mapping[str, int] | None = None,
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Deliveries of every party and registrations as known on a day, coded: what ``chain_of`` links.

        Args:
            as_of: what the sources had recorded by the end of this day.
            loaded_by: without what was loaded after this moment; None: all that the snapshot sees.
            changed_since: only records of which something known was recorded after this day; None: all.
            loaded_after: only records of which something known came with a later load of the source than this; None:
                all. With both, the records of which either holds: all others are as they were on that day in the state
                of those loads.

        Returns:
            ``schemas.coded_state.coded_deliveries``, withdrawn ones too, by dossier and suspect, the police's first
            where two parties delivered one; and ``coded_registrations``, by reported dossier and case.
        """
        of_which = _Which(as_of, loaded_by, changed_since, loaded_after)
        delivered = [
            self._newest(source, of_which).select(
                _delivery_column(name, kind, source, party) for name, kind in delivery_state().items()
            )
            for party, source in delivering_sources().items()
        ]
        filled = [frame for frame in delivered if not frame.is_empty()] or delivered[:1]
        deliveries = filled[0] if len(filled) == 1 else _in_order(filled)
        registrations = self._newest(om_registrations.SOURCE, of_which).select(names(REGISTRATION_COLUMNS))
        return (
            deliveries.with_columns(pl.col("dossier").set_sorted()),
            registrations.with_columns(pl.col("reported_dossier").set_sorted()),
        )

    def deliveries_with_figures(
        self, *, as_of: date, loaded_by: datetime | None = None, delivered_in: Period | None = None
    ) -> pl.DataFrame:
        """What the police delivered as known on a day, with what its cases are about; withdrawn ones too.

        Args:
            as_of: what the police had recorded by the end of this day.
            loaded_by: without what was loaded after this moment; None: all that the snapshot sees.
            delivered_in: at least all that was delivered then; None: all.

        Returns:
            ``dossier``, ``suspect_number``, ``delivered_on``, ``is_withdrawn``, ``qualifications_mask`` (the sum of
            ``coding.bit_of`` of its qualifications; null where the police said nothing) and ``is_transnational``.
        """
        newest = self._newest(police_deliveries.SOURCE, _Which(as_of, loaded_by, delivered_in=self._few(delivered_in)))
        columns = ("dossier", "suspect_number", "delivered_on", "is_withdrawn", "qualifications_mask")
        return newest.select(*columns, "is_transnational")

    def registrations_with_figures(self, *, as_of: date, loaded_by: datetime | None = None) -> pl.DataFrame:
        """The registrations as known on a day, with how they ended; also those that no longer stand.

        Returns:
            ``case``, ``registered_on``, ``round`` (``schemas.coded_state``: 3 no longer stands), ``disposal_rank``
            (``coding.rank_of`` of the disposal; null while there is none), and ``disposed_first_on``: the Amsterdam day
            on which the OM first recorded that disposal of that case.
        """
        of_which = _Which(as_of, loaded_by)
        newest = self._newest(om_registrations.SOURCE, of_which)
        ended = self._asked(om_registrations.SOURCE, lambda log: _disposals(log, self._known(log, of_which)))
        return newest.select("case", "registered_on", "round", "disposal_rank").join(
            ended, on=["case", "disposal_rank"], how="left", maintain_order="left"
        )

    def recorded_last(self, source: Source, *, as_of: date, records: pl.DataFrame) -> pl.DataFrame:
        """When something was last recorded of some records by the end of a day: their coded key, ``recorded_at``."""
        key = list(records.columns)

        def last(log: RegisterLog) -> pl.DataFrame:
            is_one = is_recorded_by(as_of) & pl.col(key[0]).is_in(records[key[0]].unique().implode())
            rows = pl.concat([one.rows.filter(is_one).select(*key, RECORDED_AT) for one in log.segments])
            return rows.join(records, on=key, how="semi").group_by(key).agg(pl.col(RECORDED_AT).max())

        return self._asked(source, last)

    def rows_known(self, source: Source, columns: Sequence[str], *, as_of: date) -> pl.DataFrame:
        """Every coded row of a register that was recorded by the end of a day, of each record the oldest first.

        Returns:
            ``columns``, and ``recorded_on``: the Amsterdam day on which the source recorded the row.
        """

        def known(log: RegisterLog) -> pl.DataFrame:
            wanted = dict.fromkeys([*log.coded.record_key, *columns, RECORDED_AT, MUTATION])
            rows = pl.concat([one.rows.filter(is_recorded_by(as_of)).select(*wanted) for one in log.segments])
            in_order = rows.sort(*log.coded.record_key, RECORDED_AT, MUTATION)
            return in_order.select(*columns, recorded_on=amsterdam_day(pl.col(RECORDED_AT)))

        return self._asked(source, known)

    def years(self, *, as_of: date) -> list[int]:
        """The calendar years in which a mutation known on a day says that something was delivered or registered.

        Also those that a later mutation took back: what changed a year's balance belongs to that year.
        """
        found: set[int] = set()
        for frame, days in self._rows_with_days():
            known = frame.filter(is_recorded_by(as_of))
            for day in days:
                found.update(known.select(pl.col(day).dt.year().unique().drop_nulls()).to_series())
        return sorted(found)

    def _few(self, delivered_in: Period | None) -> Period | None:
        """A period in which little of the police's was delivered; None when looking for it takes longer than all."""
        if delivered_in is None:
            return None
        rows = [one.rows for one in self._log(police_deliveries.SOURCE).segments]
        inside = sum(frame.select(_is_delivered_in(delivered_in).sum()).item() or 0 for frame in rows)
        return delivered_in if inside <= FEW * sum(frame.height for frame in rows) else None

    def _rows_with_days(self) -> list[tuple[pl.DataFrame, tuple[str, ...]]]:
        logs = [self._log(source) for source in linked_sources()]
        return [(one.rows, log.coded.days) for log in logs for one in log.segments]

    def _newest(self, source: Source, which: "_Which") -> pl.DataFrame:
        return self._asked(
            source,
            lambda log: newest_rows(
                log.coded, log.segments, self._known(log, which), of_records_with=which.of_records_with(source)
            ),
        )

    def _known(self, log: RegisterLog, which: "_Which") -> KnownRows:
        later = () if which.loaded_by is None else loads_after(self._connection, log.coded.source, which.loaded_by)
        return KnownRows(as_of=which.as_of, without_loads=later)

    def _asked(self, source: Source, question: Callable[[RegisterLog], T]) -> T:
        """The answer to a question, asked of columns made anew when a file turns out to be damaged or replaced."""
        try:
            return question(self._log(source))
        except Damaged:
            self._logs[source.name] = self._read(source, with_ids=True)
        try:
            return question(self._logs[source.name])
        except Damaged:  # again: whatever happens to the files, the warehouse itself answers
            self._logs[source.name] = log_of(self._connection, coded_source(source), None)
            return question(self._logs[source.name])

    def _log(self, source: Source) -> RegisterLog:
        if source.name not in self._logs:
            self._logs[source.name] = self._read(source, with_ids=False)
        return self._logs[source.name]

    def _read(self, source: Source, *, with_ids: bool) -> RegisterLog:
        return log_of(self._connection, coded_source(source), self._place(source), with_ids=with_ids)

    def _place(self, source: Source) -> RegisterFolder | None:
        root, folder = columns_folder_of(self._connection), self.folder
        return None if root is None or folder is None else RegisterFolder(root, folder / source.name)


@dataclass(frozen=True)
class _Which:
    """Which records a state is asked of (``Registers.state``)."""

    as_of: date
    loaded_by: datetime | None = None
    changed_since: date | None = None
    loaded_after: Mapping[str, int] | None = None
    delivered_in: Period | None = None

    def of_records_with(self, source: Source) -> pl.Expr | None:
        """Whether a row is one that a record has to have; None when every record counts."""
        asked = [] if self.changed_since is None else [~is_recorded_by(self.changed_since)]
        if self.loaded_after is not None:
            asked.append(pl.col(LOAD_NUMBER) > self.loaded_after[source.name])
        if self.delivered_in is not None:
            asked.append(_is_delivered_in(self.delivered_in))
        return pl.any_horizontal(asked) if asked else None


def _is_delivered_in(period: Period) -> pl.Expr:
    return pl.col("delivered_on").is_between(period.start, period.end)


def warehouse_name(url: URL) -> str:
    """The folder of a warehouse: its database, and where it is reached; two of one name are told apart."""
    reached = repr((url.host, url.port, url.database, sorted(url.query.items())))
    readable = re.sub(r"[^A-Za-z0-9]+", "-", url.database or "warehouse")[:40]
    return f"{readable}-{hashlib.sha256(reached.encode()).hexdigest()[:12]}"


def _delivery_column(name: str, kind: pl.DataType, source: Source, party: str) -> pl.Expr:
    """A column of the state of deliveries; null where a party does not say what the police do."""
    if name == "party":
        return pl.lit(party).cast(kind).alias(name)
    made = {column.name for column in coded_source(source).columns}
    if name in made or (name == "transferred_on" and "transferred_to" in made):
        return pl.col(name)
    return pl.lit(None, kind).alias(name)


def _in_order(delivered: list[pl.DataFrame]) -> pl.DataFrame:
    """What several parties delivered as one state; of one number the police's first."""
    words = pl.col("party").cast(pl.String)
    return pl.concat(delivered).sort("dossier", "suspect_number", words != POLICE, words)


def _disposals(log: RegisterLog, known: KnownRows) -> pl.DataFrame:
    """The day on which each disposal of each case was first recorded."""
    ended = pl.col("disposal_rank").is_not_null()
    rows = [one.rows.filter(known.rows() & ended).select("case", "disposal_rank", RECORDED_AT) for one in log.segments]
    first = pl.concat(rows).group_by("case", "disposal_rank").agg(pl.col(RECORDED_AT).min())
    return first.select("case", "disposal_rank", disposed_first_on=amsterdam_day(pl.col(RECORDED_AT)))
