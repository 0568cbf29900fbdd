"""Quality results on the terminal."""

from collections.abc import Sequence
from itertools import groupby

from ketenbalans.cli.output import answers
from ketenbalans.jobs.quality.runs import Kept
from schemas.period import AMSTERDAM


def print_kept(kept: Sequence[Kept]) -> None:
    """Print each result with what it found; where the data docs are, once per source."""
    if not kept:
        answers.print("nothing was checked yet: trigger the DAG quality")
    for source, results in groupby(kept, key=lambda one: one.result.source):
        answers.print(f"[figure]{source}[/figure]")
        for one in results:
            style = "soft" if one.result.success else "error"
            when = f"{one.result.checked_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
            answers.print(f"  {when}  {one.result.in_words()}", style=style, markup=False)
            for finding in one.result.findings:
                answers.print(f"    {finding.describe()}", style="error", markup=False)
            for measured in one.result.unusual:
                line = f"    unusual: {measured.describe()}"
                answers.print(line, style="warning", markup=False)
        if one.data_docs is not None:
            answers.print(f"  data docs: {one.data_docs}", style="soft", markup=False)
