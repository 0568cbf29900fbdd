"""The audit chain on the terminal."""

from collections.abc import Sequence

from ketenbalans.cli.output import Row, answers, print_rows
from ketenbalans.jobs.audit.entries import ListedEntry
from ketenbalans.jobs.audit.verify import AuditResult
from schemas.period import AMSTERDAM

HASH_DIGITS = 16


def print_entries(entries: Sequence[ListedEntry]) -> None:
    """Print one row per entry, the newest first."""
    if not entries:
        answers.print("nothing was decided or stored yet")
        return
    rows = []
    for one in entries:
        sealed = f"{one.sealed_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M:%S}"
        rows.append(Row((str(one.entry_number), one.kind, one.subject, sealed, one.hash[:HASH_DIGITS])))
    print_rows(("entry", "kind", "row", "sealed", "hash"), rows)


def print_result(result: AuditResult) -> None:
    """Print whether the chain fits, and how far checkpoints prove it; else what does not fit and how."""
    finding = result.finding
    if finding is not None:
        at = "" if finding.entry_number is None else f", entry {finding.entry_number}"
        answers.print(f"[error]{finding.how}[/error]{at}: ", end="")
        answers.print(finding.says, markup=False)
        answers.print(finding.how.meaning, style="soft")
        return
    signed = f"signed up to entry {result.proven}" if result.checkpoints else "no checkpoint to hold it against"
    count = "1 entry fits" if result.entries == 1 else f"{result.entries} entries fit"
    answers.print(f"{count}; {signed}; the last is {result.root[:HASH_DIGITS]}", markup=False)
