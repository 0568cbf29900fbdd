"""What an event of an asset carries: counts, days and words of ours, so that a DAG that waits for it need not look."""

from collections.abc import Mapping, Sequence

from ketenbalans.jobs.reporting.written import WrittenReport
from schemas.causes import Cause
from schemas.json_object import JsonObject
from warehouse.balances import StoredBalance
from warehouse.quality_results import QualityResult

FIGURES = ("delivered", "recognised", "gap", "om_count")


def figures_of_balances(balances: Sequence[StoredBalance]) -> JsonObject:
    """The balances that were made: suspects of each, as known on its day."""
    return {
        "balances": [
            {
                "period": str(one.period),
                "as_of": one.as_of.isoformat(),
                **{name: one.answer.figure(name) for name in FIGURES},
                "missing": one.answer.causes[Cause.MISSING.value],
            }
            for one in balances
        ]
    }


def figures_of_checks(results: Mapping[str, QualityResult]) -> JsonObject:
    """The sources that were checked: whether all is met, how many expectations there are, how many numbers are unusual.

    A check that fails raises no event: it is an alert.
    """
    return {
        "checked": [
            {
                "source": source,
                "success": result.success,
                "expectations": result.expectations,
                "unsuccessful": result.unsuccessful,
                "numbers": len(result.measures),
                "unusual": len(result.unusual),
            }
            for source, result in results.items()
        ]
    }


def figures_of_reports(made: Sequence[WrittenReport]) -> JsonObject:
    """The reports that were made: the figures of each, and how many files."""
    return {"reports": [{**one.figures(), "files": len(one.files)} for one in made]}
