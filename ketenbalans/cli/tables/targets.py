"""Targets on the terminal: each unit in a table of its own."""

from itertools import groupby

from rich.text import Text

from ketenbalans.cli.output import Listing, answers
from ketenbalans.cli.tables.series import as_published
from ketenbalans.figures.measures import MEASURES
from ketenbalans.figures.targets import TargetVerdict
from ketenbalans.jobs.figures.targets import COUNTED_FOR, OtherTarget, SuspectTarget, Targets

NOTES = {
    "target_interventions": "some deliver nobody to the OM, so they are no suspects",
    "target_investigations": "counted when they start; 2019 also counts what ran on 1 January",
}


def print_targets(targets: Targets) -> None:
    """Print the suspects of 2012 to 2014 with a verdict per day, then the other units, each apart."""
    if targets.synthetic:
        answers.print("[warning]Synthetic data.[/warning] Every figure that was not published is an assumption.")
    if not (targets.suspects or targets.others):
        answers.print("No letter gives a target of that year.")
    if targets.suspects:
        _print_suspects(targets.suspects)
    for aimed_at, others in groupby(targets.others, key=lambda one: one.aimed_at.measure):
        answers.print()
        _print_others(aimed_at, list(others))


def _print_suspects(years: tuple[SuspectTarget, ...]) -> None:
    base = years[0].base
    answers.print(f"[figure]Suspects[/figure] delivered to the OM, over {base.value} in 2010 ({base.document})")
    names = ("year", "agreed", "target", "known on", "delivered", "growth", "verdict", "published")
    table = Listing(*names, numbers=["agreed", "target", "delivered", "growth"], whole=names[:-1])
    for year in years:
        for place, known in enumerate(year.achieved):
            head = ("", "", "") if place else (str(year.year), f"+{year.agreed_growth.value} %", str(year.target))
            missed = known.verdict is TargetVerdict.MISSED
            table.add(
                *head,
                str(known.as_of),
                "-" if known.suspects is None else str(known.suspects),
                "" if known.growth is None else f"{known.growth:+} %",
                Text(known.verdict or "", style="warning" if missed else ""),
                "; ".join(f"{as_published(figure)} {figure.document}" for figure in known.published),
            )
    answers.print(table)
    for reason in dict.fromkeys(known.says for year in years for known in year.achieved if known.says):
        answers.print(f"- {reason}", style="soft", markup=False)


def _print_others(aimed_at: str, others: list[OtherTarget]) -> None:
    unit = MEASURES[COUNTED_FOR[aimed_at]].unit.value
    answers.print(f"[figure]{unit.capitalize()}[/figure], {NOTES[aimed_at]}")
    names = ("year", "kind", "target", "known on", "counted", "published", "in")
    table = Listing(*names, numbers=["target", "counted", "published"], copied=["in"], whole=names)
    for one in others:
        table.add(
            str(one.aimed_at.period.start.year),
            one.aimed_at.category,
            str(one.aimed_at.value),
            str(one.as_of),
            "-" if one.counted is None else str(one.counted),
            as_published(one.published) if one.published else "",
            one.published.document if one.published else "",
        )
    answers.print(table)
    for reason in dict.fromkeys(one.says for one in others if one.says):
        answers.print(f"- {reason}", style="soft", markup=False)
