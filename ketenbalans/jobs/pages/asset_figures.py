"""What an event of an asset carries: counts, days and words of ours, so that a DAG that waits for it need not look."""

from collections.abc import Mapping, Sequence

from ketenbalans.jobs.balancing.reconcile_changed import BalancedYear
from ketenbalans.jobs.reporting.written import WrittenReport
from schemas.causes import Cause
from schemas.json_object import JsonObject
from warehouse.quality_results import QualityResult

FIGURES = ("delivered", "recognised", "gap", "om_count")


def figures_of_balances(balances: Sequence[BalancedYear]) -> JsonObject:
    """The balances that were made: suspects of each, as known on its day, and the verdict where it leads."""
    return {
        "balances": [
            {
                "period": str(one.stored.period),
                "as_of": one.stored.as_of.isoformat(),
                **{name: one.stored.answer.figure(name) for name in FIGURES},
                "missing": one.stored.answer.causes[Cause.MISSING.value],
                "verdict": None if one.judgement is None else one.judgement.verdict.value,
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
