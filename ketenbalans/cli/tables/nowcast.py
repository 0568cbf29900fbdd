"""What may still come, on the terminal."""

from collections.abc import Mapping

from ketenbalans.cli.output import Listing, answers
from ketenbalans.jobs.nowcast.backtest import Backtest
from ketenbalans.nowcast.forecast import ENDS, TARGETS, Forecast, Nowcast
from ketenbalans.reports.words import percent

WAYS = [f"{name} %" for name in ENDS]
NUMBERS = ["known", "expected", *WAYS]


def print_nowcast(answer: Nowcast, *, is_synthetic: bool) -> None:
    """Print the three counts with their intervals, then each unit's registered suspects."""
    asked = answer.question
    until = "" if asked.delivered_until == asked.period.end else f", delivered until {asked.delivered_until}"
    answers.print(
        f"[figure]What may still come of {asked.period}, as known on {asked.as_of}{until}[/figure] (suspects)"
    )
    if is_synthetic:
        answers.print("Synthetic data: what comes, and what does not, is made up.")
    if answer.targets is None:
        answers.print(f"No forecast: {answer.refused}", markup=False)
        return
    answers.print(f"Expected to be known on {asked.known_on}; in so many of a hundred cases it lies between the ends:")
    table = Listing("count", *NUMBERS, numbers=NUMBERS, whole=WAYS)
    for target in TARGETS:
        table.add(target, *_figures(answer.targets[target]))
    answers.print(table)
    units = Listing("unit, registered", *NUMBERS, numbers=NUMBERS, whole=WAYS)
    for unit, targets in answer.by_unit.items():
        units.add(unit, *_figures(_registered(targets)))
    answers.print(units)


def _registered(targets: Mapping[str, Forecast]) -> Forecast:
    return targets["registered"]


def _figures(found: Forecast) -> list[str]:
    ends = (f"{lower} to {upper}" for lower, upper in found.intervals.values())
    return [str(found.known), str(found.median), *ends]


def print_backtest(tested: Backtest) -> None:
    """Print per month what was expected at its end and what came, then how the forecasts turned out."""
    numbers = ["known", "expected", "came", "last year's share"]
    table = Listing("month, registered", "known", "expected", "95 %", "came", "last year's share", numbers=numbers)
    for one in tested.questions:
        month, targets = f"{one.answer.question.period.start:%Y-%m}", one.answer.targets
        if targets is None:
            table.add(month, "", "", f"no forecast: {one.answer.refused}", "", "")
            continue
        found = _registered(targets)
        lower, upper = found.intervals["95"]
        came = "not yet" if one.came is None else str(one.came["registered"])
        share = "" if one.last_year is None else f"{one.last_year:.0f}"
        table.add(month, str(found.known), str(found.median), f"{lower} to {upper}", came, share)
    answers.print(table)
    held = [f"within {name} %" for name in ENDS]
    names = ["months", *held, "score", "last year's share"]
    scores = Listing("count", *names, numbers=names)
    for score in tested.scores:
        shares = [f"{percent(count, score.asked)}%" if score.asked else "" for count in score.held.values()]
        points = ["" if value is None else f"{value:.2f}" for value in (score.score, score.last_year)]
        scores.add(score.target, str(score.asked), *shares, *points)
    answers.print(scores)
    answers.print("Score: the mean distance from what came, in suspects; less is better.", style="soft")
