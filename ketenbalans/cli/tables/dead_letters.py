"""Dead letters on the terminal: places, reasons and sizes."""

from collections import Counter
from collections.abc import Sequence

from ketenbalans.cli.output import Row, answers, print_labelled, print_rows
from ketenbalans.jobs.loading.dead_letters import ShownLetter
from ketenbalans.jobs.loading.redrive import Redriven
from schemas.people import who_acted
from schemas.period import AMSTERDAM
from warehouse.dead_letters import KeptLetter

COLUMNS = ("id", "topic", "place", "reason", "column", "rule", "stored", "state")


def print_letters(letters: Sequence[KeptLetter]) -> None:
    """Print one row per letter, and how many there are of each reason."""
    rows = [
        (
            str(one.dead_letter_id),
            one.topic,
            f"{one.partition}/{one.offsets}",
            one.reason,
            one.column or "-",
            one.rule,
            f"{one.failed_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}",
            one.state if one.published_at else f"{one.state}, not published yet",
        )
        for one in letters
    ]
    if not rows:
        answers.print("no dead letters")
        return
    print_rows(COLUMNS, list(map(Row, rows)))
    counted = sorted(Counter(one.reason for one in letters).items())
    answers.print(", ".join(f"[figure]{number}[/figure] {reason}" for reason, number in counted))


def print_letter(shown: ShownLetter) -> None:
    """Print one letter: where it was, why it is no event, what it looks like from outside, and its history."""
    letter = shown.letter
    answers.print(f"[figure]dead letter {letter.dead_letter_id}[/figure]  {letter.state}")
    for label, text in (
        ("source", letter.source),
        ("place", f"{letter.topic}, partition {letter.partition}, offset {letter.offsets}"),
        ("topic id", letter.topic_id),
        ("stored", f"{letter.failed_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"),
        ("reason", f"{letter.reason}: {shown.means}"),
        ("rule", f"{letter.column} {letter.rule}" if letter.column else letter.rule),
        ("form", f"{letter.form}: {shown.form_means}"),
        ("size", f"key {_size(letter.key_bytes)}, value {_size(letter.value_bytes)}"),
        ("headers", ", ".join(shown.headers) or "none"),
    ):
        print_labelled(label, text, width=9)
    answers.print("[soft]History[/soft]")
    for step in shown.history:
        who = f" by {who_acted(step.by, step.identity)}" if step.by is not None else ""
        why = f": {step.note}" if step.note is not None else ""
        where = f" to partition {step.partition}, offset {step.offset}" if step.offset is not None else ""
        answers.print(f"  {step.at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}  {step.step}{where}{who}{why}", markup=False)
    if not shown.history:
        answers.print("  nothing happened to it yet")
    if shown.raw is not None:
        answers.print(f"{shown.raw.size_bytes} bytes written to {shown.raw.file}", markup=False)


def print_redriven(done: Redriven) -> None:
    """Print what reading letters again came to, and why those that still wait do."""
    line = f"redriven {len(done.redriven)}   new {done.loaded.inserted}   known {done.loaded.duplicates}"
    again = f"   redriven before {len(done.already)}" if done.already else ""
    answers.print(f"{line}   still waiting {len(done.waiting)}{again}")
    for one in done.waiting:
        about = f"{one.column} {one.rule}" if one.column else one.rule
        answers.print(f"  {one.dead_letter_id}  {one.reason}: {about}", markup=False)


def _size(size_bytes: int | None) -> str:
    return "null" if size_bytes is None else f"{size_bytes} bytes"
