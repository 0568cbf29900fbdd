"""A balance on the terminal: the bridge both ways, what was published beside it, and the units."""

from collections.abc import Sequence

from rich.text import Text

from ketenbalans.cli.output import Listing, answers
from ketenbalans.reports.bridge_lines import BridgeLine, Weight, bridge_lines
from schemas.answer import ShownBalance
from schemas.answer_parts import Bridge
from schemas.causes import Cause
from schemas.verdicts import BalanceVerdict, Judgement

WANTS_SOMEBODY = (BalanceVerdict.INCOMPLETE, BalanceVerdict.UNEXPLAINED, BalanceVerdict.OPEN)


def print_balance(balance: ShownBalance) -> None:
    """Print a balance for a person; its verdict where it has one."""
    start, end = balance.period.start, balance.period.end
    answers.print(f"[figure]Balance of {start} to {end}, as known on {balance.as_of}[/figure] (suspects)")
    if balance.synthetic:
        answers.print("Synthetic data: the splits are assumptions; only what stands under 'published' is real.")
    if balance.judgement is not None:
        print_verdict(balance.judgement)
    answers.print(_bridge(balance))
    answers.print()
    answers.print(_units(balance.by_unit))
    answers.print()
    for party in balance.other_parties or ():
        answers.print(f"Delivered by {party.party}, apart from the police: {_in_words(party.total)}.", soft_wrap=True)
        answers.print(_units(party.by_unit))
        answers.print()
    closes = "The bridge closes both ways" if balance.closes else "THE BRIDGE DOES NOT CLOSE"
    answers.print(f"{closes}. Quality of the data behind it: {_quality(balance)}.")


def print_verdict(judged: Judgement, *, of: str = "") -> None:
    """Print a verdict and its reason on one line."""
    style = "warning" if judged.verdict in WANTS_SOMEBODY else None
    answers.print(f"{of}{judged.verdict.upper()}: {judged.because}.", style=style, markup=False, soft_wrap=True)


def _quality(balance: ShownBalance) -> str:
    if not balance.counts_anything:
        return "nothing to check"
    return "not checked yet" if balance.quality == "not_checked" else balance.quality


def _bridge(balance: ShownBalance) -> Listing:
    table = Listing("", "suspects", "published", "in", numbers=["suspects", "published"], copied=["in"])
    for line in bridge_lines():
        value = line.value_in(balance)
        if line.weight is Weight.STEP and value == 0:
            continue
        published = balance.published.get(line.key)
        table.add(
            _label(line),
            f"{line.sign} {value}".strip(),
            str(published.value) if published else "",
            published.document if published else "",
            style="figure" if line.weight is Weight.FIGURE else None,
        )
        if line.key == "recognised":
            table.add(f"  gap, of which {_unexplained(balance)}", str(balance.gap), "", "", style="soft")
    cases = balance.published.get("cases_delivered")
    table.add(
        "Cases with a delivered suspect",
        str(balance.cases_delivered),
        str(cases.value) if cases else "",
        cases.document if cases else "",
    )
    return table


def _unexplained(balance: ShownBalance) -> str:
    missing = balance.causes[Cause.MISSING.value]
    return f"{missing} unexplained (missing)" if missing else "nothing is unexplained"


def _label(line: BridgeLine) -> str:
    return line.label if line.weight is Weight.FIGURE else f"  {line.label}"


def _in_words(bridge: Bridge) -> str:
    figures = f"[figure]{bridge.delivered}[/figure] suspects in {bridge.cases_delivered} cases"
    return f"{figures}, [figure]{bridge.recognised}[/figure] recognised, {bridge.gap} in between"


def _units(by_unit: Sequence[Bridge]) -> Listing:
    numbers = ("delivered", "recognised", "gap", "cases")
    table = Listing("unit", *numbers, "of which", numbers=numbers, copied=["unit"])
    for unit in by_unit:
        figures = map(str, (unit.delivered, unit.recognised, unit.gap, unit.cases_delivered))
        by_cause = ((cause.value.replace("_", " "), unit.causes[cause.value]) for cause in Cause)
        causes = (f"{suspects} {name}" for name, suspects in by_cause if suspects)
        table.add(str(unit.unit), *figures, Text(", ".join(causes), style="soft"))
    return table
