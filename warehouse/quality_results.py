"""What the quality suites found, kept as a history, and whether the data behind something has passed.

A result holds for the rows before the offsets that were stored when its check began. Findings name an expectation, a
column and a number; a value never gets here.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from schemas.catalogue import linked_sources
from schemas.declaration import Source
from schemas.quality import Concern
from warehouse.extracts import REGISTERS_OF_THE_BALANCE
from warehouse.offsets import Positions, have_reached, positions
from warehouse.tables.quality import QUALITY_RESULT

Verdict = Literal["passed", "failed", "not_checked"]


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


@dataclass(frozen=True, kw_only=True)
class QualityResult:
    """One run of one suite over one event table. What is wrong fails it; ``measures`` out of band are only unusual."""

    source: str
    success: bool
    positions: Mapping[str, Mapping[str, int]]
    expectations: int
    findings: tuple[QualityFinding, ...]
    measures: tuple[Measured, ...] = ()

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
        numbers = f", {len(self.unusual)} of {len(self.measures)} numbers unusual" if self.measures else ""
        return verdict + numbers


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
        results.append(StoredQualityResult(**values))
    return results


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
    newest_first = select(table.success, table.positions).where(table.source == source.name)
    for success, reached in connection.execute(newest_first.order_by(table.quality_result_id.desc())):
        if have_reached(reached, at):
            return "passed" if success else "failed"
    return "not_checked"


def is_any_row_before(at: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether anything of a source was loaded before given offsets: a suite over nothing has passed nothing."""
    return any(next_offset for partitions in at.values() for next_offset in partitions.values())
