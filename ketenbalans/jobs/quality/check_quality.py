"""Hold what is stored of a source against its declaration, the other sources and its own past; keep what was found."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from ketenbalans.jobs.quality.numbers import numbers_of
from ketenbalans.quality.running import Docs, SuiteOutcome, run
from ketenbalans.quality.suite import expectations, references
from ketenbalans.reports.quality_page import render_quality_page
from ketenbalans.settings import Settings
from schemas.declaration import Source
from warehouse.database import snapshot
from warehouse.extracts import covered_until
from warehouse.quality_results import QualityResult, positions_of, store_quality_result


def docs_of(settings: Settings, source: Source) -> Path:
    """The folder of the data docs of a source; they begin at ``index.html``."""
    return settings.home / "quality" / source.name


def check_quality(source: Source, *, engine: Engine, settings: Settings) -> QualityResult:
    """Run the suite of a source, store the result and write its data docs.

    A suite that fails raises nothing: ``success`` says so, and whoever called decides. The result holds for the rows
    before the offsets that were stored when the check began; rows that came meanwhile may have been looked at too.

    Raises:
        InvalidPolicy: a number is missing from the policy.
        WarehouseUnreachable: the warehouse does not answer.
    """
    quality_policy, alert_policy = settings.read_quality_policy(), settings.read_alert_policy()
    with snapshot(engine) as connection:
        positions = positions_of(connection, source)
        covered = covered_until(connection)
        numbers = numbers_of(connection, source, covered=covered, policy=alert_policy)
    expected = expectations(source)
    expected += references(source, covered=covered, awaited_days=quality_policy.awaited_days)

    def result_of(outcome: SuiteOutcome) -> QualityResult:
        return QualityResult(
            source=source.name,
            success=not outcome.findings,
            positions=positions,
            expectations=len(expected),
            findings=outcome.findings,
            measures=outcome.measures,
        )

    docs = Docs(
        folder=docs_of(settings, source), first_page=lambda outcome, pages: _first_page(result_of(outcome), pages)
    )
    result = result_of(run(engine.url, source.name, expected, numbers, docs=docs))
    with engine.begin() as connection:
        store_quality_result(connection, result)
    return result


def _first_page(result: QualityResult, pages: list[dict[str, str]]) -> str:
    return render_quality_page(
        {
            "source": result.source,
            "verdict": result.in_words(),
            "success": result.success,
            "findings": [asdict(finding) for finding in result.findings],
            "unusual": [asdict(measured) for measured in result.unusual],
        },
        checked_at=datetime.now(UTC),
        pages=pages,
    )
