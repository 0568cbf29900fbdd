"""The focus shift on the terminal: overlapping shares, and no sum of them."""

from rich.text import Text

from ketenbalans.cli.output import Listing, answers
from ketenbalans.cli.tables.series import as_published
from ketenbalans.figures.published import PublishedFigure
from ketenbalans.jobs.figures.focus import OVERLAP, UNION, UNION_ONLY, Focus, years_published
from ketenbalans.jobs.figures.published import SHARE_OF_CASES


def print_focus(focus: Focus) -> None:
    """Print the years by quality, then the years of which only the union is reported."""
    if focus.synthetic:
        answers.print("[warning]Synthetic data.[/warning] Every figure that was not published is an assumption.")
    as_of = f", as known on {focus.as_of}" if focus.as_of else ""
    if focus.by_quality:
        answers.print(f"[figure]Delivered cases by quality[/figure], as the police judge them{as_of}")
        answers.print(_by_quality(focus))
        _print_reasons([one.says for one in focus.by_quality])
        answers.print(OVERLAP, style="soft")
    if focus.by_union:
        if focus.by_quality:
            answers.print()
        answers.print(f"[figure]Delivered cases with production, abuse or both[/figure]{as_of}")
        answers.print(_by_union(focus))
        _print_reasons([one.says for one in focus.by_union])
        answers.print(UNION_ONLY, style="soft")
    if not (focus.by_quality or focus.by_union):
        years = years_published(*SHARE_OF_CASES.values(), UNION)
        answers.print(f"Shares are published of {years[0]} to {years[-1]}.")


def _by_quality(focus: Focus) -> Listing:
    table = _table("year", "", "cases", "share", "published", "in")
    for year in focus.by_quality:
        cases = "-" if year.cases is None else str(year.cases)
        published = year.published_cases
        table.add(
            str(year.year),
            Text("delivered", style="figure"),
            Text(cases, style="figure"),
            "",
            *_published_cells(published),
        )
        for one in year.qualities:
            table.add(
                "", f"with {one.quality}", str(one.cases), f"{one.share} %", *_published_cells(one.published, " %")
            )
        if year.with_any is not None:
            table.add("", "with at least one of these", str(year.with_any), "", "", "")
            table.add("", "with more than one", str(year.with_several), "", "", "")
    return table


def _by_union(focus: Focus) -> Listing:
    table = _table("year", "share", "published", "in")
    for year in focus.by_union:
        table.add(
            str(year.year), "-" if year.share is None else f"{year.share} %", *_published_cells(year.published, " %")
        )
    return table


def _table(*names: str) -> Listing:
    return Listing(*names, numbers=["cases", "share", "published"], copied=["in"], whole=names)


def _published_cells(figure: PublishedFigure | None, unit: str = "") -> tuple[str, str]:
    return (f"{as_published(figure)}{unit}", figure.document) if figure else ("", "")


def _print_reasons(reasons: list[str]) -> None:
    for one in dict.fromkeys(filter(None, reasons)):
        answers.print(f"- {one}", style="soft", markup=False)
