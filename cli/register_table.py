"""Published figures on the terminal."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from cli.output import answers
from jobs.verify import Verdict, Verified, in_words
from schemas.published import PublishedFigure, Qualifier

SIGN = {Qualifier.EXACT: "", Qualifier.MORE_THAN: "> ", Qualifier.LESS_THAN: "< "}


def print_figures(figures: Sequence[PublishedFigure]) -> None:
    """Print one row per figure, in the order of the register."""
    table = Table(box=None, pad_edge=False, header_style="soft")
    for name in ("figure", "period", "measure", "value", "unit", "as known on", "document"):
        table.add_column(name, justify="right" if name == "value" else "left", overflow="fold")
    for figure in figures:
        measure = f"{_words(figure.measure)}{f' ({figure.category})' if figure.category else ''}"
        table.add_row(
            figure.figure_id,
            str(figure.period),
            f"target: {measure}" if figure.is_target else measure,
            f"{SIGN[figure.qualifier]}{figure.value}",
            figure.unit.value,
            str(figure.as_of) if figure.as_of else "not stated",
            figure.document,
        )
    answers.print(table)


def print_verified(verified: Sequence[Verified]) -> None:
    """Print what could be held against each other, then how many agree, differ, have no data or cannot be derived."""
    table = Table(box=None, pad_edge=False, header_style="soft")
    for name in ("figure", "period", "measure", "published", "ours", "counted from", "as known on", "verdict"):
        table.add_column(name, justify="right" if name in ("published", "ours") else "left", overflow="fold")
    for one in verified:
        if one.ours is not None:
            table.add_row(
                one.figure.figure_id,
                str(one.figure.period),
                _words(one.figure.measure),
                f"{SIGN[one.figure.qualifier]}{one.figure.value}",
                one.rounded,
                one.counted_from,
                str(one.as_of) if one.as_of else "",
                f"{one.verdict.value}, accepted" if one.accepted else one.verdict.value,
                style="error" if one.fails else None,
            )
    answers.print(table)
    counted = Counter(one.verdict for one in verified)
    answers.print(", ".join(f"[figure]{counted[verdict]}[/figure] {verdict.value}" for verdict in Verdict))
    for one in verified:
        if one.verdict is Verdict.DIFFERS:
            answers.print()
            answers.print(in_words(one), markup=False, style="error" if one.fails else None, soft_wrap=True)
            if one.accepted:
                said = f"  accepted by {one.accepted.decided_by} on {one.accepted.decided_on}: {one.accepted.note}"
                answers.print(said, markup=False, soft_wrap=True)
            else:
                remedy = f"  to accept it: ketenbalans verify accept {one.figure.figure_id} --note TEXT --by HANDLE"
                answers.print(remedy, markup=False, style="soft", soft_wrap=True)
    for says, figures in sorted(Counter(one.says for one in verified if one.says).items()):
        answers.print(f"  {figures:>3}  {says}", markup=False, style="soft", soft_wrap=True)


def _words(measure: str) -> str:
    """A measure's name as words, so that a narrow terminal breaks between them."""
    return measure.replace("_", " ")
