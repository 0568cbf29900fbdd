"""Quality as a DAG and a person ask for it: several tables in one process, red when a suite failed; what was kept."""

import fcntl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ketenbalans.jobs.pages.balance_pages import renew_pages
from ketenbalans.jobs.pages.navigation import BALANCE, PAGES
from ketenbalans.jobs.quality.check_quality import check_quality, docs_of
from ketenbalans.jobs.servers.giving_way import Waits, give_way
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.settings import Settings
from ketenbalans.telemetry import lineage
from schemas.catalogue import source_named
from schemas.declaration import Source
from warehouse.database import snapshot
from warehouse.quality_results import (
    QualityResult,
    StoredQualityResult,
    sources_to_check,
    stored_quality_results,
)


class SuiteFailed(Exception):
    """What is stored is not as it is declared; the results were stored, and the message names what was found."""


def check_quality_of(
    settings: Settings, names: Iterable[str] | None, *, all_rows: bool, say: Callable[[str], None]
) -> dict[str, QualityResult]:
    """Check the tables of these sources one after the other, renew the pages, and say what came out.

    One such run at a time: another one waits for it. One without names then checks what is left; named sources are
    checked again.

    Args:
        settings: where the warehouse is, the policies, and the home, in which the data docs are kept.
        names: the sources; None: those of which something came in since they were last checked.
        all_rows: look at all rows, not only at those that came since the last run that passed.
        say: called with a line per source, with the place of its data docs, also when a suite failed.

    Returns:
        The result of each source that was checked; empty when nothing came in.

    Raises:
        SuiteFailed: at least one suite failed; all of them were run and stored.
    """
    give_way(Waits.LONG)
    with _one_at_a_time(settings), warehouse_from(settings) as engine:
        if names is None:
            with snapshot(engine) as connection:
                names = sources_to_check(connection)
        checked = [source_named(name) for name in names]
        if not checked:
            return {}
        read = lineage.tables([source.name for source in checked], engine)
        written = lineage.tables(["quality_result"], engine)
        with lineage.run_of("quality", inputs=read, outputs=written, place=settings.lineage) as lineage_run:
            results = [check_quality(source, engine=engine, settings=settings, all_rows=all_rows) for source in checked]
            lineage_run.wrote(len(results))
        renew_pages(engine, settings=settings)
    _say_results(results, say)
    failed = [result for result in results if not result.success]
    if failed:
        watch_now(settings)
        raise SuiteFailed("\n".join(_in_words(result) for result in failed))
    return {result.source: result for result in results}


def _say_results(results: Iterable[QualityResult], say: Callable[[str], None]) -> None:
    ordered = sorted(results, key=lambda one: (one.success, not one.unusual))  # a note has room for few lines
    if not all(result.success for result in ordered):
        say("**What to do:** ask the source for a correction; its next extract mends a record. See the DAG's Docs.")
    for result in ordered:
        say(f"- [{result.source}]({BALANCE}{PAGES}/files/quality/{result.source}/index.html): {result.in_words()}")


@contextmanager
def _one_at_a_time(settings: Settings) -> Iterator[None]:
    folder = settings.home / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _in_words(result: QualityResult) -> str:
    return (
        f"{result.source} does not meet its declaration: {'; '.join(finding.describe() for finding in result.findings)}"
    )


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A result that was kept, and where the data docs of its source's newest one are; None: not on this machine."""

    result: StoredQualityResult
    data_docs: Path | None

    def to_dict(self) -> dict[str, Any]:
        """What ``quality --json`` prints of it."""
        result = self.result
        return {
            "source": result.source,
            "quality_result_id": result.quality_result_id,
            "checked_at": result.checked_at.isoformat(),
            "success": result.success,
            "covers": str(result.covers),
            "expectations": result.expectations,
            "findings": [vars(finding) for finding in result.findings],
            "measures": [vars(measured) for measured in result.measures],
            "data_docs": None if self.data_docs is None else str(self.data_docs),
        }


def kept_results(engine: Engine, asked: Iterable[Source], *, settings: Settings, history: bool) -> list[Kept]:
    """The newest result of each source that was ever checked, or all of them, by source and the newest first."""
    kept: list[Kept] = []
    with snapshot(engine) as connection:
        for source in asked:
            page = docs_of(settings, source) / "index.html"
            results = stored_quality_results(connection, source, newest=None if history else 1)
            kept += [Kept(result=result, data_docs=page if page.is_file() else None) for result in results]
    return kept
