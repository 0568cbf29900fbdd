"""Dead letters on the terminal: places, reasons and sizes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ketenbalans.cli.output import Row, answers, print_labelled, print_rows
from ketenbalans.jobs.loading.redrive import Redriven
from schemas.period import AMSTERDAM

COLUMNS = ("id", "topic", "place", "reason", "column", "rule", "stored", "state")


def print_letters(letters: Sequence[Mapping[str, Any]]) -> None:
    """Print one row per letter, and how many there are of each reason."""
    rows = [
        (
            str(row["dead_letter_id"]),
            row["topic"],
            f"{row['partition']}/{_offsets(row)}",
            row["reason"],
            row["column"] or "-",
            row["rule"],
            f"{row['failed_at'].astimezone(AMSTERDAM):%Y-%m-%d %H:%M}",
            row["state"] if row["published_at"] else f"{row['state']}, not published yet",
        )
        for row in letters
    ]
    if not rows:
        answers.print("no dead letters")
        return
    print_rows(COLUMNS, list(map(Row, rows)))
    counted = sorted(Counter(row["reason"] for row in letters).items())
    answers.print(", ".join(f"[figure]{number}[/figure] {reason}" for reason, number in counted))


def print_letter(shown: Mapping[str, Any]) -> None:
    """Print one letter: where it was, why it is no event, what it looks like from outside, and its history."""
    answers.print(f"[figure]dead letter {shown['dead_letter_id']}[/figure]  {shown['state']}")
    about = f"{shown['column']} {shown['rule']}" if shown["column"] else shown["rule"]
    sizes = [f"{part} {_size(shown[f'{part}_bytes'])}" for part in ("key", "value")]
    for label, text in (
        ("source", shown["source"]),
        ("place", f"{shown['topic']}, partition {shown['partition']}, offset {_offsets(shown)}"),
        ("topic id", shown["topic_id"]),
        ("stored", f"{shown['failed_at'].astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"),
        ("reason", f"{shown['reason']}: {shown['means']}"),
        ("rule", about),
        ("form", f"{shown['form']}: {shown['form_means']}"),
        ("size", ", ".join(sizes)),
        ("headers", ", ".join(shown["headers"]) or "none"),
    ):
        print_labelled(label, text, width=9)
    answers.print("[soft]History[/soft]")
    for step in shown["history"]:
        who = f" by {step['by']}" if "by" in step else ""
        why = f": {step['note']}" if "note" in step else ""
        where = f" to partition {step['partition']}, offset {step['offset']}" if "offset" in step else ""
        moment = f"{step['at'].astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
        answers.print(f"  {moment}  {step['step']}{where}{who}{why}", markup=False)
    if not shown["history"]:
        answers.print("  nothing happened to it yet")
    if "raw" in shown:
        answers.print(f"{shown['raw']['bytes']} bytes written to {shown['raw']['file']}", markup=False)


def print_redriven(done: Redriven) -> None:
    """Print what reading letters again came to, and why those that still wait do."""
    told = f"redriven {len(done.redriven)}   new {done.loaded.inserted}   known {done.loaded.duplicates}"
    again = f"   redriven before {len(done.already)}" if done.already else ""
    answers.print(f"{told}   still waiting {len(done.waiting)}{again}")
    for row in done.waiting:
        about = f"{row['column']} {row['rule']}" if row["column"] else row["rule"]
        answers.print(f"  {row['dead_letter_id']}  {row['reason']}: {about}", markup=False)


def _offsets(row: Mapping[str, Any]) -> str:
    """Where in its partition: an offset, or those of a batch from the first to the last."""
    last_offset = row["last_offset"]
    return f"{row['offset']}" if last_offset in (None, row["offset"]) else f"{row['offset']}-{last_offset}"


def _size(size_bytes: int | None) -> str:
    return "null" if size_bytes is None else f"{size_bytes} bytes"
