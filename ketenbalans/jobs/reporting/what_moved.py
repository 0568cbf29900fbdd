"""Name the records that moved a published figure, with their breaks: what was loaded since it last came out so."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache

import polars as pl
from sqlalchemy import Connection

from ketenbalans.columns.registers import registers_of
from ketenbalans.figures.measure import REGISTERS, Derivation, Measure
from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.jobs.figures.cases import delivered_cases
from ketenbalans.reconciliation.balance import Balance, balance
from ketenbalans.reconciliation.breaks import found_breaks, with_break_ids
from ketenbalans.reconciliation.moves import in_words, moved_between
from schemas.breaks import Side
from schemas.catalogue import POLICE, delivering_sources, source_named
from schemas.coded_state import case_key, case_number, dossier_key, dossier_number
from schemas.json_object import JsonObject, fields_to_json
from schemas.period import Period
from schemas.policy import Policy
from schemas.revisions import Movement
from warehouse.register import Agreed, Concerned, RecordKey, records_loaded_since

NAMED_AT_MOST = 200
"""So many records are named of one figure in JSON, three of them in a sentence; how many there are is always said."""

BALANCES_AT_ONCE = 4
"""So many balances are in memory with what they rest on, which is as large as both registers."""

SUSPECT = ("dossier_number", "suspect_number")
RECOGNISED, CASES = "recognised", "cases_delivered"
OF_CASES = (Derivation.SHARE_OF_CASES, Derivation.TRANSNATIONAL_CASES)


@dataclass(frozen=True, kw_only=True)
class MovedRecord:
    """A record that moved a figure, or may have.

    Attributes:
        source: its register.
        record: its key, as ``PL0900-2014000123/1``.
        movement: ``came``, ``left`` or ``changed`` of a delivered suspect whose count is another one now; ``loaded`` of
            a record of which something was loaded since; ``break`` of a break that was there all along.
        break_id: its break of the period now, else that of the registration it was linked with; None: neither is one.
        cause: of the break.
    """

    source: str
    record: str
    movement: str
    break_id: str | None = None
    cause: str | None = None

    def to_json(self) -> JsonObject:
        """What ``verify --json`` prints of it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What moved a figure.

    Attributes:
        since: a moment by which the figure came out as published; None: never here, so what moved it cannot be reported
            from what was there all along, and the period's breaks are named, those recorded last first.
        records: at most ``NAMED_AT_MOST``.
        in_all: how many there are.
    """

    since: datetime | None
    records: tuple[MovedRecord, ...]
    in_all: int

    def to_json(self) -> JsonObject:
        """What ``verify --json`` prints of it."""
        since = self.since.isoformat() if self.since else None
        return {"since": since, "records": [one.to_json() for one in self.records], "records_in_all": self.in_all}

    def in_words(self) -> str:
        """One sentence for a terminal, a log or an alert."""
        named = "; ".join(_named(one) for one in self.records[:3])
        more = f"; {self.in_all - 3} more" if self.in_all > 3 else ""
        if self.since is None:
            return f"it never came out as published here; breaks, recorded last first: {named}{more}" if named else ""
        when = f"since {self.since:%Y-%m-%d %H:%M} UTC, when it came out as published"
        return f"{when}: {named or 'no record moved it, so the code or the policy did'}{more}"


def _named(one: MovedRecord) -> str:
    about = f"break {one.break_id} ({one.cause})" if one.break_id else "no break"
    return f"{one.record} {one.movement}, {about}" if one.movement != "break" else f"{one.break_id} ({one.cause})"


class WhatMoved:
    """Names what moved figures of one moment of the warehouse; each balance is made once."""

    def __init__(self, connection: Connection, *, policy: Policy) -> None:
        """Ask over a connection inside one snapshot."""
        self._connection, self._policy = connection, policy
        self._balance = lru_cache(maxsize=BALANCES_AT_ONCE)(
            lambda period, as_of, loaded_by: balance(
                chain_on(connection, as_of, policy=policy, loaded_by=loaded_by), period
            )
        )
        self._breaks, self._standing = cache(self._found_breaks), cache(self._breaks_of)

    def moved(self, measure: Measure, period: Period, as_of: date, *, since: Agreed | None) -> Moved:
        """Name the records that moved a figure of a measure, as known on a day.

        Of delivered and recognised suspects those whose count is another one than it was from what was seen ``since``;
        of cases and shares the records of those cases; of any other figure, and where none of these is found, the
        records that it may hold of which something was not seen then.
        """
        how = measure.derived
        if how is None:
            return Moved(since=None, records=(), in_all=0)
        if since is None:
            return (
                self._standing(period, as_of) if how.sources == REGISTERS else Moved(since=None, records=(), in_all=0)
            )
        if how.sources == REGISTERS and how not in OF_CASES and measure.key != CASES:
            suspects = self._moved_suspects(measure, period, as_of, since)
            if suspects:
                return Moved(since=since.loaded_by, records=tuple(suspects[:NAMED_AT_MOST]), in_all=len(suspects))
        loaded = self._loaded(measure, period, as_of, since)
        if how.sources == REGISTERS:
            cases = self._moved_cases(measure, period, as_of, since)
            loaded = [(source, key) for source, key in loaded if key.get("dossier_number") in cases] or loaded
        named = tuple(self._named(source, key, period, as_of) for source, key in loaded[:NAMED_AT_MOST])
        return Moved(since=since.loaded_by, records=named, in_all=len(loaded))

    def _moved_cases(self, measure: Measure, period: Period, as_of: date, since: Agreed) -> set[str]:
        """The cases that the figure counts now and did not, or did."""
        before = delivered_cases(self._connection, period, as_of=since.as_of, loaded_by=since.loaded_by)
        after = delivered_cases(self._connection, period, as_of=as_of)
        is_transnational = measure.derived is Derivation.TRANSNATIONAL_CASES
        moved_cases = before.dossiers(transnational=is_transnational) ^ after.dossiers(transnational=is_transnational)
        if measure.qualities:
            moved_cases |= before.dossiers(measure.qualities) ^ after.dossiers(measure.qualities)
        return set(moved_cases)

    def _moved_suspects(self, measure: Measure, period: Period, as_of: date, since: Agreed) -> list[MovedRecord]:
        before, after = self._balance(period, since.as_of, since.loaded_by), self._balance(period, as_of, None)
        is_counted = pl.col("movement").is_in([Movement.CAME.value, Movement.LEFT.value])
        if measure.key == RECOGNISED:
            is_counted = pl.col("recognised_before") != pl.col("recognised_after")
        moves = in_words(moved_between(before, after)).filter(is_counted).sort(*SUSPECT)
        rows = moves.select(*SUSPECT, "movement", case_number="case_number_before")
        ids = self._breaks(period, as_of).select("side", *SUSPECT, "case_number", "break_id", "cause")
        of_police = ids.filter(pl.col("side") == POLICE).drop("side", "case_number")
        of_the_case = ids.filter(pl.col("side") == Side.OM.value).select("case_number", om_break="break_id", om="cause")
        rows = (
            rows.join(of_police, on=SUSPECT, how="left", maintain_order="left")
            .join(of_the_case, on="case_number", how="left", maintain_order="left")
            .select(*SUSPECT, "movement", pl.coalesce("break_id", "om_break"), pl.coalesce("cause", "om"))
        )
        return [
            MovedRecord(
                source=REGISTERS[0], record=f"{dossier}/{suspect}", movement=movement, break_id=id_, cause=cause
            )
            for dossier, suspect, movement, id_, cause in rows.iter_rows()
        ]

    def _loaded(self, measure: Measure, period: Period, as_of: date, since: Agreed) -> list[tuple[str, RecordKey]]:
        """Source and key of the records that the figure may hold and of which something was not seen before."""
        concerned = Concerned(period=period, measure=measure.name)
        return [
            (name, key)
            for name in (measure.derived.sources if measure.derived else ())
            for key in records_loaded_since(self._connection, source_named(name), concerned, since=since, as_of=as_of)
        ]

    def _named(self, source: str, key: RecordKey, period: Period, as_of: date) -> MovedRecord:
        break_id, cause = self._break_of(key, period, as_of) if source in REGISTERS else (None, None)
        record = "/".join(map(str, key.values()))
        return MovedRecord(source=source, record=record, movement="loaded", break_id=break_id, cause=cause)

    def _break_of(self, key: RecordKey, period: Period, as_of: date) -> tuple[str | None, str | None]:
        rows = self._breaks(period, as_of)
        for column, value in key.items():
            rows = rows.filter(pl.col(column) == value)
        return next(rows.select("break_id", "cause").iter_rows(), (None, None))

    def _breaks_of(self, period: Period, as_of: date) -> Moved:
        """The breaks of a period, those whose records were recorded last first."""
        found = self._breaks(period, as_of)
        of_parties, of_cases = found.filter(pl.col("side") != Side.OM.value), found.drop_nulls("case_number")
        suspects = of_parties.select(dossier=dossier_key(pl.col("dossier_number")), suspect_number="suspect_number")
        cases = of_cases.select(case=case_key(pl.col("case_number")))
        registers = registers_of(self._connection)
        by_suspect = pl.concat(
            registers.recorded_last(source, as_of=as_of, records=suspects) for source in delivering_sources().values()
        )
        by_suspect = by_suspect.group_by("dossier", "suspect_number").agg(pl.col("recorded_at").max())
        by_case = registers.recorded_last(source_named(REGISTERS[1]), as_of=as_of, records=cases)
        rows = found.join(
            by_suspect.select(
                pl.col("recorded_at").alias("of_suspect"),
                "suspect_number",
                dossier_number=dossier_number(pl.col("dossier")),
            ),
            on=SUSPECT,
            how="left",
        ).join(
            by_case.select(pl.col("recorded_at").alias("of_case"), case_number=case_number(pl.col("case"))),
            on="case_number",
            how="left",
        )
        in_order = rows.sort(pl.max_horizontal("of_suspect", "of_case"), "break_id", descending=[True, False])
        named = in_order.head(NAMED_AT_MOST).select("side", *SUSPECT, "case_number", "break_id", "cause")
        records = tuple(
            MovedRecord(
                source=REGISTERS[1] if side == Side.OM.value else delivering_sources()[side].name,
                record=case if side == Side.OM.value else f"{dossier}/{suspect}",
                movement="break",
                break_id=id_,
                cause=cause,
            )
            for side, dossier, suspect, case, id_, cause in named.iter_rows()
        )
        return Moved(since=None, records=records, in_all=found.height)

    def _found_breaks(self, period: Period, as_of: date) -> pl.DataFrame:
        made: Balance = self._balance(period, as_of, None)
        return with_break_ids(found_breaks(made, policy=self._policy), year=period.start.year)
