"""A bar on standard error for work that takes its time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ketenbalans.cli.output import aside
from schemas.control_signs import escape_control_signs


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error where that is a terminal; gives a callback that takes (done, total)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    line = TextColumn("{task.description}", markup=False)
    columns = (line, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=aside, transient=True, disable=not aside.is_terminal) as bar:
        task = bar.add_task(escape_control_signs(name), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
