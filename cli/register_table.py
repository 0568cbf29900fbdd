"""Published figures on the terminal."""

from collections.abc import Sequence

from rich.table import Table

from cli.output import answers
from schemas.published import PublishedFigure, Qualifier

SIGN = {Qualifier.EXACT: "", Qualifier.MORE_THAN: "> ", Qualifier.LESS_THAN: "< "}


def print_figures(figures: Sequence[PublishedFigure]) -> None:
    """Print one row per figure, in the order of the register."""
    table = Table(box=None, pad_edge=False, header_style="soft")
    for name in ("figure", "period", "measure", "value", "unit", "as known on", "document"):
        table.add_column(name, justify="right" if name == "value" else "left", overflow="fold")
    for figure in figures:
        measure = f"{figure.measure}{f' ({figure.category})' if figure.category else ''}"
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
