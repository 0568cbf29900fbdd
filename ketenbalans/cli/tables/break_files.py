"""Print what a file of decisions does, row by row, and what became of it."""

from pathlib import Path

from ketenbalans.cli.output import Row, answers, aside, print_rows
from schemas.answer_decision_file import DecidedRow, DecisionFileAnswer, RowOutcome

COLUMNS = ("line", "outcome", "decision", "break")


def print_answer(answer: DecisionFileAnswer, file: Path) -> None:
    """Print a row for each that is filled in, with the reason where it is refused or changes nothing."""
    if answer.rows:
        print_rows(COLUMNS, [_row(row) for row in answer.rows])
    counts = ", ".join(f"[figure]{rows}[/figure] {outcome}" for outcome, rows in answer.counted.items() if rows)
    left = f"{answer.not_filled_in} not filled in"
    answers.print(f"{counts}; {left}" if counts else f"nothing is decided; {left}")
    aside.print(_what_was_kept(answer, file), markup=False)


def _row(row: DecidedRow) -> Row:
    style = "warning" if row.outcome is RowOutcome.REFUSED else None
    return Row((str(row.line), row.outcome.value, row.word or "-", row.break_id or "-"), style, row.because)


def _what_was_kept(answer: DecisionFileAnswer, file: Path) -> str:
    new, refused = (answer.counted[outcome] for outcome in (RowOutcome.NEW, RowOutcome.REFUSED))
    if answer.is_dry_run:
        if not answer.keeps_the_new:
            return "a dry run: nothing would be kept while a row is refused; --partial keeps the others"
        return f"a dry run: without --dry-run {new} would be kept"
    if not answer.keeps_the_new:
        return f"nothing was kept, for {refused} cannot be; mend {file}, or keep the others with --partial"
    return f"kept: {new}" if new else "nothing new was kept"
