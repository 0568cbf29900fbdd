"""What a quality run is reported as: nothing passes of nothing."""

import pytest

from warehouse.quality_results import QualityFinding, QualityResult

NOTHING = "nothing to check: no message of it is loaded"
FINDING = QualityFinding(expectation="is filled", column="unit", rows=1)


@pytest.mark.parametrize(
    ("positions", "findings", "answer"),
    [
        ({}, (), NOTHING),
        ({"topic": {}}, (), NOTHING),
        ({"topic": {"0": 0, "1": 0}}, (), NOTHING),
        ({"topic": {"0": 0, "1": 3}}, (), "passed 9 expectations"),
        ({"topic": {"0": 3}}, (FINDING,), "does not meet 1 of 9 expectations"),
        ({}, (FINDING,), "does not meet 1 of 9 expectations"),
    ],
)
def test_a_suite_over_no_rows_has_passed_nothing(
    positions: dict[str, dict[str, int]], findings: tuple[QualityFinding, ...], answer: str
) -> None:
    result = QualityResult(
        source="om_registrations", success=not findings, positions=positions, expectations=9, findings=findings
    )
    assert result.in_words() == answer
