"""Hold what is stored of a source against its declaration, and keep what was found."""

from sqlalchemy import Engine

from quality.running import findings
from quality.suite import expectations
from schemas.declaration import Source
from warehouse.quality_results import QualityResult, positions_of, store_quality_result


def check_quality(source: Source, *, engine: Engine) -> QualityResult:
    """Run the suite of a source over its event table and store the result.

    A suite that fails raises nothing: ``success`` says so, and whoever called decides. The result holds for the rows
    before the offsets that were stored when the check began; rows that came meanwhile may have been looked at too.

    Raises:
        WarehouseUnreachable: the warehouse does not answer.
    """
    with engine.connect() as connection:
        positions = positions_of(connection, source)
    expected = expectations(source)
    found = findings(engine.url, source.name, expected)
    result = QualityResult(
        source=source.name,
        success=not found,
        positions=positions,
        expectations=len(expected),
        findings=tuple(found),
    )
    with engine.begin() as connection:
        store_quality_result(connection, result)
    return result
