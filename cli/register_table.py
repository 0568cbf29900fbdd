"""Published figures on the terminal."""

from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_HALF_UP
from typing import Literal

from rich.table import Table

from cli.output import answers
from jobs.verify import Verdict, Verified
from schemas.published import PublishedFigure, Qualifier

LONGEST_WORD = {"measure": 14, "counted from": 9, "verdict": 7}
"""Such as investigations, published and differs: a narrower column would break inside one."""

FOLDED = {"period": 11, "counted from": 9, "as known on": 10}
"""Columns that are folded anyway, so that a terminal of 80 characters has room for the rest."""

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
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="soft")
    for name in ("figure", "period", "measure", "published", "ours", "counted from", "as known on", "verdict"):
        side: Literal["left", "right"] = "right" if name in ("published", "ours") else "left"
        table.add_column(
            name, justify=side, overflow="fold", min_width=LONGEST_WORD.get(name), max_width=FOLDED.get(name)
        )
    for one in verified:
        if one.ours is not None:
            table.add_row(
                one.figure.figure_id,
                str(one.figure.period),
                _named(one.figure),
                f"{SIGN[one.figure.qualifier]}{one.figure.value}",
                str(one.ours.quantize(one.figure.value, rounding=ROUND_HALF_UP)),
                one.counted_from,
                str(one.as_of) if one.as_of else "",
                one.verdict.value,
                style="error" if one.verdict is Verdict.DIFFERS else None,
            )
    answers.print(table)
    counted = Counter(one.verdict for one in verified)
    answers.print(", ".join(f"[figure]{counted[verdict]}[/figure] {verdict.value}" for verdict in Verdict))
    for says, figures in sorted(Counter(one.says for one in verified if one.says).items()):
        answers.print(f"  {figures:>3}  {says}", markup=False, style="soft", soft_wrap=True)


def _named(figure: PublishedFigure) -> str:
    """Its measure as words, with the category unless the words name it."""
    says_it = not figure.category or figure.measure.endswith(figure.category)
    return _words(figure.measure) if says_it else f"{_words(figure.measure)} ({figure.category})"


def _words(measure: str) -> str:
    """A measure's name as words, so that a narrow terminal breaks between them."""
    return measure.replace("_", " ")
