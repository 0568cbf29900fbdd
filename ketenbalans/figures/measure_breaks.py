"""What the page of a measure says of its breaks in series: made from ``figures.series``, never written twice. Pure."""

from datetime import date

from ketenbalans.figures.measure import Measure
from ketenbalans.figures.segments import Segment, SeriesBreak
from ketenbalans.figures.series import APART
from ketenbalans.figures.series_asked import lanes
from schemas.contracts.dictionary import markdown_table


def breaks_section(measure: Measure) -> list[str]:
    """The lines of the section: each break with its day, what changes and why; then what is never put beside it."""
    every = dict.fromkeys(found for chain in lanes(measure.name) for found in chain.breaks())
    breaks = sorted(every, key=lambda found: found.on or date.min)
    lines = ["## Breaks in series", ""]
    if breaks:
        lines += markdown_table(
            ("from", "before", "after", "what changes", "why", "document"),
            [_row(found, measure.name) for found in breaks],
        )
    else:
        lines.append("No day is known from which it is counted otherwise.")
    apart = [
        f"- Never one series with {_listed(apart.from_(measure.name))}. {apart.why}"
        for apart in APART
        if apart.from_(measure.name)
    ]
    lines += ["", *apart] if apart else []
    return [*lines, "", measure.breaks] if measure.breaks else lines


def _row(found: SeriesBreak, measure: str) -> tuple[str, ...]:
    changes = "; ".join(str(change) for change in found.changes)
    before, after = (_named(segment, measure) for segment in (found.before, found.after))
    return (str(found.on), before, after, changes, found.why, found.document or "not known")


def _named(segment: Segment, measure: str) -> str:
    """The measure that is counted in a segment: the page's own, or another one with a link."""
    return "this measure" if measure in segment.measures else _listed((segment.measure,))


def _listed(measures: tuple[str, ...]) -> str:
    return ", ".join(f"[{measure}]({measure}.md)" for measure in measures)
