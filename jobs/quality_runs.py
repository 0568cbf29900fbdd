"""Quality as a DAG asks for it: several tables in one process, and red when a suite failed."""

import os
from collections.abc import Iterable

from jobs import lineage
from jobs.balance_pages import renew_pages
from jobs.check_quality import check_quality
from jobs.looking import look_now
from jobs.settings import Settings
from jobs.warehouse_at_hand import warehouse_at_hand
from schemas.catalogue import source_named
from warehouse.quality_results import QualityResult

GIVES_WAY = 10
"""How nice this process is to others: what starts beside it is waited for, a check is not."""


class SuiteFailed(Exception):
    """What is stored does not meet its declaration; the results were stored, and the message names what was found."""


def check_quality_of(names: Iterable[str]) -> dict[str, str]:
    """Check the tables of these sources one after the other, renew the pages, and say what came out.

    Raises:
        SuiteFailed: at least one suite failed; all of them were run and stored.
    """
    settings = Settings()
    os.nice(GIVES_WAY)
    with warehouse_at_hand(settings) as engine:
        checked = [source_named(name) for name in names]
        read = lineage.tables([source.name for source in checked], engine)
        written = lineage.tables(["quality_result"], engine)
        with lineage.run_of("quality", inputs=read, outputs=written, settings=settings) as lineage_run:
            results = [check_quality(source, engine=engine) for source in checked]
            lineage_run.wrote(len(results))
        renew_pages(engine, settings=settings)
    if failed := [result for result in results if not result.success]:
        look_now()
        raise SuiteFailed("\n".join(_told(result) for result in failed))
    return {result.source: f"passed {result.expectations} expectations" for result in results}


def _told(result: QualityResult) -> str:
    return f"{result.source} does not meet its declaration: {'; '.join(finding.told() for finding in result.findings)}"
