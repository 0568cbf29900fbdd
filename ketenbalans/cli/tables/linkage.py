"""How good the links are, on the terminal."""

from ketenbalans.cli.output import Listing, answers
from ketenbalans.jobs.linkage.measuring import MeasuredLinks
from ketenbalans.reconciliation.linkage.links import RESTS_ON
from ketenbalans.reconciliation.linkage.rates import LinkVerdicts, Rate, rounded_outwards
from ketenbalans.reconciliation.linkage.truth import ExactRate
from ketenbalans.reports.words import percent

FOUND = ("same", "other", "unsure")


def print_measured(measured: MeasuredLinks) -> None:
    """Print a row per rule and one for all, then what was found about suspects without a recognised registration."""
    found, true = measured.quality, measured.truth
    answers.print(f"[figure]Links of {found.period}, as known on {found.as_of}[/figure] (suspects)")
    if measured.synthetic:
        answers.print("Synthetic data: the links are of suspects who do not exist.")
    rest = [name.replace("_", " ") for name in RESTS_ON]
    exact = ["in truth"] if true is not None else []
    names = ("rule", "links", *rest, *FOUND, "false links", *exact)
    table = Listing(*names, numbers=[name for name in names if name != "rule"], whole=["false links", *exact])
    for one in found.rules:
        counts = (one.links, *one.rests_on.values())
        of_truth = [] if true is None else [_exact(true.false_links[one.rule])]
        table.add(str(one.rule), *map(str, counts), *_found(one.verdicts), in_percent(one.false_links), *of_truth)
    in_all = [sum(one.rests_on[name] for one in found.rules) for name in RESTS_ON]
    of_truth = [] if true is None else [_exact(true.false_links_in_all)]
    counts = (found.links, *in_all)
    table.add("all", *map(str, counts), *_found(found.verdicts), in_percent(found.false_links), *of_truth)
    answers.print(table)
    verdicts = found.unlinked_verdicts
    judged = ", ".join(f"{count} {name}" for name, count in zip(FOUND, _found(verdicts), strict=True))
    answers.print(f"Without a recognised registration: {found.unlinked}; judged {verdicts.judged}: {judged}")
    answers.print(f"Missed links of these: {in_percent(found.missed_links)}")
    if true is not None:
        answers.print(f"Missed links of these in truth: {_exact(true.missed_links)}")
    if found.is_judged:
        days = ", ".join(map(str, found.drawn_as_of))
        line = f"Intervals at 95 %; unsure judgements are left out of the rates. Drawn as known on {days}."
        answers.print(line, style="soft")


def in_percent(rate: Rate) -> str:
    """A rate and its interval in percent, as people read them."""
    low, high = rounded_outwards(rate, 3)
    interval = f"({100 * low:.1f} to {100 * high:.1f})"
    if rate.rate is None:
        return f"not known {interval}"
    return f"{percent(rate.rate.numerator, rate.rate.denominator)}% {interval}"


def _found(verdicts: LinkVerdicts) -> tuple[str, ...]:
    return tuple(str(getattr(verdicts, name)) for name in FOUND)


def _exact(rate: ExactRate) -> str:
    share = "" if rate.rate is None else f" ({percent(rate.found, rate.of)}%)"
    return f"{rate.found} of {rate.of}{share}"
