"""Hold what is stored of a source against its declaration, the other sources and its own past; keep what was found."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from ketenbalans.jobs.quality.numbers import numbers_of
from ketenbalans.quality.running import Docs, StoredRows, SuiteOutcome, run
from ketenbalans.quality.suite import digest_of, expectations, references
from ketenbalans.reports.quality_page import render_quality_page
from ketenbalans.settings import Settings
from schemas.catalogue import sources
from schemas.declaration import EARLIEST_DAY, Source
from warehouse.database import snapshot
from warehouse.extracts import covered_until
from warehouse.loads import last_load_numbers
from warehouse.quality_results import (
    LoadsCovered,
    QualityResult,
    passed_up_to,
    positions_of,
    store_quality_result,
)


def docs_of(settings: Settings, source: Source) -> Path:
    """The folder of the data docs of a source; they begin at ``index.html``."""
    return settings.home / "quality" / source.name


def check_quality(source: Source, *, engine: Engine, settings: Settings, all_rows: bool = False) -> QualityResult:
    """Run the suite of a source, store the result and write its data docs.

    It looks at the rows that came since the last run that passed; at all of them when there is none, when another suite
    passed then, or when one failed since that had looked at all. A suite that fails raises nothing: ``success`` says
    so, and whoever called decides. The result holds for the rows before the offsets that were stored when the check
    began; where all are looked at, rows that came meanwhile may have been too.

    Args:
        source: whose suite.
        engine: the warehouse.
        settings: the policies, and the home, in which the data docs are kept.
        all_rows: look at all rows, whatever has passed.

    Raises:
        InvalidPolicy: a number is missing from the policy.
        WarehouseUnreachable: the warehouse does not answer.
    """
    quality_policy, alert_policy = settings.read_quality_policy(), settings.read_alert_policy()
    suite = _suite_of(source, awaited_days=quality_policy.awaited_days)
    with snapshot(engine) as connection:
        positions = positions_of(connection, source)
        covered = covered_until(connection)
        numbers = numbers_of(connection, source, covered=covered, policy=alert_policy)
        after = 0 if all_rows else passed_up_to(connection, source, suite=suite)
        covers = LoadsCovered(after, last_load_numbers(connection).get(source.name, 0))
    expected = expectations(source, of_loads=not covers.is_all)
    expected += references(source, covered=covered, awaited_days=quality_policy.awaited_days)

    def result_of(outcome: SuiteOutcome) -> QualityResult:
        return QualityResult(
            source=source.name,
            success=not outcome.findings,
            positions=positions,
            expectations=len(expected),
            findings=outcome.findings,
            measures=outcome.measures,
            covers=covers,
            suite=suite,
        )

    docs = Docs(
        folder=docs_of(settings, source), first_page=lambda outcome, pages: _first_page(result_of(outcome), pages)
    )
    result = result_of(run(engine.url, StoredRows(table=source.name, covers=covers), expected, numbers, docs=docs))
    with engine.begin() as connection:
        store_quality_result(connection, result)
    return result


def _suite_of(source: Source, *, awaited_days: int) -> str:
    """A digest of what is expected of a source, whatever the day: what is due by now is asked of all rows each time."""
    on_no_day = references(source, covered=dict.fromkeys(sources(), EARLIEST_DAY), awaited_days=awaited_days)
    return digest_of([*expectations(source), *on_no_day])


def _first_page(result: QualityResult, pages: list[dict[str, str]]) -> str:
    return render_quality_page(
        {
            "source": result.source,
            "verdict": result.in_words(),
            "success": result.success,
            "covers": None if result.covers.is_all else str(result.covers),
            "findings": [asdict(finding) for finding in result.findings],
            "unusual": [asdict(measured) for measured in result.unusual],
        },
        checked_at=datetime.now(UTC),
        pages=pages,
    )
