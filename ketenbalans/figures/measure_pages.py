"""A page per measure for people: what it counts, what was published of it, and what must not be put beside it.

Pure text; ``ketenbalans.jobs.pages.generated`` writes the pages down.
"""

from collections.abc import Sequence

from ketenbalans.figures.measure import Measure
from ketenbalans.figures.measure_breaks import breaks_section
from ketenbalans.figures.published import PublishedFigure, Qualifier
from schemas.contracts.command import COMMAND
from schemas.contracts.dictionary import markdown_table

SIGN = {
    Qualifier.EXACT: "",
    Qualifier.ABOUT: "about ",
    Qualifier.MORE_THAN: "more than ",
    Qualifier.LESS_THAN: "less than ",
}


def measure_page(measure: Measure, figures: Sequence[PublishedFigure]) -> str:
    """Give the page of a measure.

    Args:
        measure: the declaration.
        figures: what was published of it.
    """
    years = sorted({figure.period.start.year for figure in figures})
    facts = {
        "unit": measure.unit.value,
        "counted at": measure.counted_at,
        "carry-over": measure.carry_over,
        "basis": measure.basis,
        "valid": str(measure.valid),
        "published for": ", ".join(map(str, years)),
        **_derived(measure),
    }
    lines = [
        f"# {measure.name.replace('_', ' ')}",
        "",
        measure.meaning,
        "",
        f"Made from the declarations in `schemas/` and the register by `{COMMAND}`: change those, not this page.",
        "",
        *markdown_table(("", ""), list(facts.items())),
        "",
        *breaks_section(measure),
        "",
        "## Published",
        "",
        *markdown_table(
            ("period", "figure", "as known on", "document", "basis"),
            [
                (
                    str(figure.period),
                    f"{SIGN[figure.qualifier]}{figure.value}{f' ({figure.category})' if figure.category else ''}",
                    str(figure.as_of) if figure.as_of else "not stated",
                    f"{figure.document}, {figure.document_date}",
                    figure.basis,
                )
                for figure in sorted(figures, key=lambda one: (one.period, one.category, one.document_date))
            ],
        ),
    ]
    return "\n".join(lines) + "\n"


def _derived(measure: Measure) -> dict[str, str]:
    """How we come by its figures, or why we do not."""
    how = measure.derived
    if how is None:
        return {"derived here": f"no. {measure.why_not}", "counting rule": "none: not counted here"}
    only = f"yes, of {', '.join(measure.derived_for)} alone" if measure.derived_for else "yes"
    rest = f". Of the others not: {measure.why_not}" if measure.why_not else ""
    sources = ", ".join(f"`{source}`" for source in how.sources)
    facts = {
        "derived here": f"{only}: {how.says}{rest}",
        "made from": f"{how.counted_from}{f' ({sources})' if sources else ''}",
        "counting rule": f"[{measure.rule}](../../{measure.rule})",
        "decided in": f"[{measure.decided_in}](../../{measure.decided_in})",
    }
    if measure.bases:
        facts["bases"] = "; ".join(f"`{basis}`: {text}" for text, basis in measure.bases)
    if measure.reading:
        facts["our reading"] = measure.reading
    return facts


def measures_index(measures: Sequence[Measure]) -> str:
    """Give the page that lists all measures."""
    rows = [
        (
            f"[{measure.name}]({measure.name}.md)",
            measure.unit.value,
            measure.derived.counted_from if measure.derived else "no",
            measure.meaning,
        )
        for measure in measures
    ]
    opening = f"# Measures\n\nWhat letters to parliament published, by measure. Made by `{COMMAND}`.\n\n"
    return opening + "\n".join(markdown_table(("measure", "unit", "made here from", "what is counted"), rows)) + "\n"
