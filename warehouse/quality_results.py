"""What the quality suites found, kept as a history, and whether the data behind something has passed.

A result holds for the rows before the offsets that were stored when its check began. A run looks at all of them, or at
those that came after a run that found them all good: what has passed once is not looked at again, and a failure is
covered by every run until one passes (ADR 0052). Findings name an expectation, a column and a number; a value never
gets here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, Row, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from schemas.catalogue import linked_sources
from schemas.declaration import Source
from schemas.quality import Concern
from warehouse.extracts import REGISTERS_OF_THE_BALANCE
from warehouse.loads import last_load_numbers
from warehouse.offsets import Positions, have_reached, positions
from warehouse.tables.quality import QUALITY_RESULT

Verdict = Literal["passed", "failed", "not_checked"]

RESULTS_AT_ONCE = 20
"""Results that are read at a time, the newest first."""


@dataclass(frozen=True, kw_only=True)
class QualityFinding:
    """One expectation that the stored rows do not meet.

    Attributes:
        expectation: what was expected, in words.
        column: the column it is about, several joined by a comma; None for the table as a whole.
        rows: how many rows do not meet it; None when the check itself failed.
        concern: what it is about (``schemas.quality.Concern``).
    """

    expectation: str
    column: str | None
    rows: int | None
    concern: str = Concern.DECLARATION.value

    def describe(self) -> str:
        """The finding in words, without a value."""
        rows = "could not be checked" if self.rows is None else f"{self.rows} rows"
        return f"{self.expectation} ({self.column or 'the table'}): {rows}"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A number beside its band: an expectation whose answer is a number, met or not.

    Attributes:
        concern: what it is about (``schemas.quality.Concern``).
        subject: the source, its unit or its column.
        what: what was counted, and when.
        counted: the number.
        lowest: the lowest that is ordinary; None: any.
        highest: the highest that is ordinary; None: any.
        is_met: whether it lies in the band.
    """

    concern: str
    subject: str
    what: str
    counted: int
    lowest: int | None
    highest: int | None
    is_met: bool

    def describe(self) -> str:
        """The number and its band in words."""
        least = "" if self.lowest is None else f" at least {self.lowest}"
        most = "" if self.highest is None else f" at most {self.highest}"
        expected = f"{least}{' and' if least and most else ''}{most}"
        return f"{self.subject}: {self.counted} {self.what}, expected{expected}"


@dataclass(frozen=True)
class LoadsCovered:
    """The rows of a source that a run looked at, by the numbers of the loads that brought them.

    Attributes:
        after: the load after which they came; 0: all rows were looked at.
        up_to: the last load that was there when the run began; None: not known, of a run from before it was kept.
    """

    after: int = 0
    up_to: int | None = None

    @property
    def is_all(self) -> bool:
        """Whether all rows were looked at."""
        return self.after == 0

    def __str__(self) -> str:
        """``all``, ``load 12``, ``loads 12 to 14``, or ``no new load`` where none came since the run that passed."""
        if self.after == 0 or self.up_to is None:
            return "all"
        if self.up_to == self.after:
            return "no new load"
        first = self.after + 1
        return f"load {first}" if first == self.up_to else f"loads {first} to {self.up_to}"


ALL_ROWS = LoadsCovered()


@dataclass(frozen=True, kw_only=True)
class QualityResult:
    """One run of one suite over one event table. What is wrong fails it; ``measures`` out of band are only unusual.

    Attributes:
        source: the name of the source.
        success: whether its rows meet all that is expected of them.
        positions: the offsets that were stored when the run began.
        expectations: how many there are.
        findings: those that are not met.
        measures: every number that was held against its band.
        covers: the rows that were looked at; those before them had passed.
        suite: a digest of what was expected; None: not known, of a run from before it was kept.
    """

    source: str
    success: bool
    positions: Mapping[str, Mapping[str, int]]
    expectations: int
    findings: tuple[QualityFinding, ...]
    measures: tuple[Measured, ...] = ()
    covers: LoadsCovered = ALL_ROWS
    suite: str | None = None

    @property
    def unusual(self) -> tuple[Measured, ...]:
        """The numbers out of their band."""
        return tuple(one for one in self.measures if not one.is_met)

    @property
    def unsuccessful(self) -> int:
        """How many expectations the rows do not meet."""
        return len(self.findings)

    def in_words(self) -> str:
        """What the run found, in one line."""
        if self.success and not is_any_row_before(self.positions):
            return "nothing to check: no message of it is loaded"
        verdict = f"passed {self.expectations} expectations"
        if not self.success:
            verdict = f"does not meet {self.unsuccessful} of {self.expectations} expectations"
        rows = "" if self.covers.is_all else f" ({self.covers})"
        numbers = f", {len(self.unusual)} of {len(self.measures)} numbers unusual" if self.measures else ""
        return verdict + rows + numbers


@dataclass(frozen=True, kw_only=True)
class StoredQualityResult(QualityResult):
    """A result that is kept."""

    quality_result_id: int
    checked_at: datetime


def positions_of(connection: Connection, source: Source) -> dict[str, dict[str, int]]:
    """How far one source has been loaded: topic id, partition, next offset."""
    return positions(connection).get(source.name, {})


def store_quality_result(connection: Connection, result: QualityResult) -> int:
    """Keep a result and give its number. The caller ends the transaction."""
    row = {
        "source": result.source,
        "success": result.success,
        "positions": {topic_id: dict(partitions) for topic_id, partitions in result.positions.items()},
        "expectations": result.expectations,
        "unsuccessful": result.unsuccessful,
        "findings": [asdict(finding) for finding in result.findings],
        "measures": [asdict(measured) for measured in result.measures],
        "after_load": result.covers.after,
        "up_to_load": result.covers.up_to,
        "suite": result.suite,
    }
    number = QUALITY_RESULT.c.quality_result_id
    return int(connection.execute(insert(QUALITY_RESULT).values(row).returning(number)).scalar_one())


def stored_quality_results(
    connection: Connection, source: Source, *, newest: int | None = None
) -> list[StoredQualityResult]:
    """Every result of a source, or so many of them, the newest first."""
    table = QUALITY_RESULT.c
    rows = connection.execute(
        select(QUALITY_RESULT).where(table.source == source.name).order_by(table.quality_result_id.desc()).limit(newest)
    )
    results = []
    for row in rows.mappings():
        values = dict(row)
        del values["unsuccessful"]
        values["findings"] = tuple(QualityFinding(**finding) for finding in values["findings"])
        values["measures"] = tuple(Measured(**measured) for measured in values["measures"])
        values["covers"] = LoadsCovered(values.pop("after_load"), values.pop("up_to_load"))
        results.append(StoredQualityResult(**values))
    return results


def passed_up_to(connection: Connection, source: Source, *, suite: str) -> int:
    """The load up to which every row is known to meet a suite; 0 where all of them have to be looked at.

    That is how far the last run came that passed. One that failed since has to have looked only at what came after it:
    a failure among the rows before it may not be passed over. What a record refers to is asked of all records in every
    run, so a run that failed in that alone has passed its rows.
    """
    table = QUALITY_RESULT.c
    failed_after: list[int] = []
    columns = (table.findings, table.after_load, table.up_to_load, table.suite)
    for _, findings, after, up_to, of_suite in map(tuple, _newest_first(connection, source, columns)):
        if of_suite != suite or up_to is None:
            break
        if all(finding["concern"] == Concern.REFERENCE for finding in findings):
            return int(up_to) if all(up_to <= one for one in failed_after) else 0
        failed_after.append(after)
    return 0


def _newest_first(connection: Connection, source: Source, columns: Sequence[Column[Any]]) -> Iterator[Row[Any]]:
    """The results of a source with their numbers, the newest first, read a page at a time: few are ever asked for."""
    table, before = QUALITY_RESULT.c, None
    while True:
        page = select(table.quality_result_id, *columns).where(table.source == source.name)
        if before is not None:
            page = page.where(table.quality_result_id < before)
        rows = connection.execute(page.order_by(table.quality_result_id.desc()).limit(RESULTS_AT_ONCE)).all()
        yield from rows
        if len(rows) < RESULTS_AT_ONCE:
            return
        before = rows[-1].quality_result_id


def sources_to_check(connection: Connection) -> list[str]:
    """The sources of which something was loaded or read since their newest check began, by name."""
    table, reached, loaded = QUALITY_RESULT.c, positions(connection), last_load_numbers(connection)
    newest_first = select(table.source, table.positions, table.up_to_load).order_by(
        table.source, table.quality_result_id.desc()
    )
    checked = {row.source: row for row in connection.execute(newest_first.ext(distinct_on(table.source)))}

    def is_due(name: str) -> bool:
        if name not in checked or checked[name].up_to_load is None:
            return True
        is_read = have_reached(checked[name].positions, reached.get(name, {}))
        return not is_read or loaded.get(name, 0) > checked[name].up_to_load

    return sorted(name for name in {*reached, *loaded} if is_due(name))


def quality_of(connection: Connection, at: Positions) -> dict[str, Verdict]:
    """Whether the rows before given offsets passed, failed or were not checked yet, per linked register.

    The police and the OM are always there, another delivering party when something of it was loaded.

    Args:
        connection: what it knows now is what counts: a check that ends later changes the answer.
        at: stored offsets (``positions``), such as those a balance was made at.
    """
    return {
        source.name: verdict_of(connection, source, at.get(source.name, {}))
        for source in linked_sources()
        if source in REGISTERS_OF_THE_BALANCE or source.name in at
    }


def verdict_of(connection: Connection, source: Source, at: Mapping[str, Mapping[str, int]]) -> Verdict:
    """Whether the rows of a source before given offsets passed, failed or were not checked yet.

    Where there are none, nothing was checked: a suite over no rows says nothing.
    """
    if not is_any_row_before(at):
        return "not_checked"
    table = QUALITY_RESULT.c
    for _, success, reached in map(tuple, _newest_first(connection, source, (table.success, table.positions))):
        if have_reached(reached, at):
            return "passed" if success else "failed"
    return "not_checked"


def is_any_row_before(at: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether anything of a source was loaded before given offsets: a suite over nothing has passed nothing."""
    return any(next_offset for partitions in at.values() for next_offset in partitions.values())
