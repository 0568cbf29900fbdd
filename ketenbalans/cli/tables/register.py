"""Published figures on the terminal."""

from collections import Counter
from collections.abc import Sequence

from rich.text import Text

from ketenbalans.cli.output import Listing, answers
from ketenbalans.figures.published import PublishedFigure, Qualifier
from ketenbalans.jobs.figures.verify import Verdict, Verified, in_words

SIGN = {Qualifier.EXACT: "", Qualifier.ABOUT: "about ", Qualifier.MORE_THAN: "> ", Qualifier.LESS_THAN: "< "}


def print_figures(figures: Sequence[PublishedFigure]) -> None:
    """Print one row per figure, in the order of the register."""
    names = ("figure", "period", "measure", "value", "unit", "as known on", "document")
    table = Listing(*names, numbers=["value"], copied=["figure", "document"])
    for figure in figures:
        table.add(
            figure.figure_id,
            str(figure.period),
            f"target: {_measure(figure)}" if figure.is_target else _measure(figure),
            f"{SIGN[figure.qualifier]}{figure.value}",
            figure.unit.value,
            str(figure.as_of) if figure.as_of else "not stated",
            figure.document,
        )
    answers.print(table)


def print_verified(verified: Sequence[Verified]) -> None:
    """Print ours beside the letters', by what ours is counted from; then what differs, and what has none."""
    for counted_from in dict.fromkeys(one.counted_from for one in verified if one.ours is not None):
        answers.print(f"[figure]From {counted_from}[/figure]")
        answers.print(_beside([one for one in verified if one.counted_from == counted_from]))
        answers.print()
    for one in verified:
        if one.verdict is Verdict.DIFFERS:
            answers.print(in_words(one), markup=False, style="error" if one.fails else None)
            answers.print(f"  {_acceptance_in_words(one)}", markup=False, style="soft")
            answers.print()
    counted = Counter(one.verdict for one in verified)
    answers.print(", ".join(f"[figure]{counted[verdict]}[/figure] {verdict.value}" for verdict in Verdict))
    for reason, figures in sorted(Counter(one.says for one in verified if one.says).items()):
        answers.print(f"  {figures:>3}  {reason}", markup=False, style="soft")


def _beside(verified: Sequence[Verified]) -> Listing:
    """Figures beside ours: each keeps its line, and only the measure's name is broken where it is too long."""
    names = ("figure", "period", "measure", "published", "ours", "known on", "")
    whole = [name for name in names if name != "measure"]
    table = Listing(*names, numbers=["published", "ours"], copied=["figure"], whole=whole)
    for one in verified:
        table.add(
            one.figure.figure_id,
            Text(str(one.figure.period).replace("/", "\n")),
            _measure(one.figure),
            f"{SIGN[one.figure.qualifier]}{one.figure.value}",
            one.rounded or "",
            str(one.as_of or ""),
            "" if one.verdict is Verdict.AGREES else "accepted" if one.accepted else one.verdict.value,
            style="error" if one.fails else None,
        )
    return table


def _acceptance_in_words(one: Verified) -> str:
    acceptance = one.accepted
    if acceptance is None:
        return f"to accept it: ketenbalans verify accept {one.figure.figure_id} --note TEXT"
    return f"accepted by {acceptance.decided_by} on {acceptance.decided_on}: {acceptance.note}"


def _measure(figure: PublishedFigure) -> str:
    """Its measure as words, with the category unless the words name it: a narrow terminal breaks between them."""
    names_category = not figure.category or figure.measure.endswith(figure.category)
    words = figure.measure.replace("_", " ")
    return words if names_category else f"{words} ({figure.category})"
