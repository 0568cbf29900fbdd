"""docs/counts.md names every measure whose rule it holds, every source and every basis."""

from ketenbalans.figures.measure import COUNTS
from ketenbalans.figures.measures import ALL, Derivation
from ketenbalans.jobs.pages.measure_pages import FOLDER
from schemas.vocabulary import Basis

PAGE = (FOLDER.parents[1] / COUNTS).read_text(encoding="utf-8")


def test_every_measure_that_refers_to_the_page_is_on_it() -> None:
    missing = [measure.name for measure in ALL if measure.rule == COUNTS and f"`{measure.name}`" not in PAGE]
    assert not missing


def test_every_measure_of_a_source_beside_the_registers_refers_to_it() -> None:
    for measure in ALL:
        if measure.source in ("interventions", "investigations", "hotline_reports", "aggregates"):
            assert measure.rule == COUNTS, measure.name


def test_every_basis_and_way_is_named() -> None:
    assert not [basis for basis in Basis if f"`{basis}`" not in PAGE]
    assert not [way for way in Derivation if way.counted_from.removeprefix("a ") not in PAGE]
