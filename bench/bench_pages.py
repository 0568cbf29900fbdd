"""How long the pages of breaks take with tens of thousands of breaks, a line per page.

A stack of its own is filled through Kafka: every police row of ``bench.extracts``, and one in ten of the OM's, so that
most suspects of ten years are a break. Each page is then asked as a browser does, over the app as Airflow mounts it but
without Airflow around it. *After a decision* is the first request after somebody decided about one of them, for which
what the process keeps is read anew; *median* and *worst* are of ten more. Times are printed as they are measured; none
fails the run. Goal: no page waits longer than a second.
"""

import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from bench.bench_whole_path import a_stack
from bench.extracts import extract_files
from bench.kinds import TEN_YEARS
from ketenbalans.jobs.balancing.balances import default_as_of_date
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.breaks.verbs import BreakAct, act_on_breaks
from ketenbalans.jobs.breaks.work_list import BreakQuestion, list_breaks
from ketenbalans.jobs.loading.ingest_runs import ingest_sources
from ketenbalans.jobs.loading.produce import produce
from ketenbalans.jobs.servers.addresses import chain_key_of
from ketenbalans.settings import Settings
from schemas.breaks import BreakStep
from schemas.catalogue import source_named
from schemas.period import AMSTERDAM, Period
from warehouse.database import connect

DELIVERIES, TIMES = 58_000, 10
ROWS_OF_THE_OM = 10
LINE = "{:<46}{:>18}{:>10}{:>10}"


def main(deliveries: int) -> None:
    """Fill a warehouse and ask each page."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"AIRFLOW_HOME": f"{folder}/airflow", "KETENBALANS_HOME": f"{folder}/stack"}
        with a_stack(Path(folder, "stack"), with_airflow=False) as (settings, servers):
            os.environ["KETENBALANS_WAREHOUSE_URL"] = servers.warehouse_url
            engine = connect(servers.warehouse_url)
            fill(engine, settings, servers.kafka_bootstrap, Path(folder, "extracts"), deliveries)
            measure(engine, settings)
            engine.dispose()


def fill(engine: Engine, settings: Settings, bootstrap: str, folder: Path, deliveries: int) -> None:
    """Publish, load, and balance every year."""
    made = extract_files(deliveries, folder)
    lines = made.om.read_text(encoding="utf-8").splitlines(keepends=True)
    made.om.write_text("".join([lines[0], *lines[1::ROWS_OF_THE_OM]]), encoding="utf-8")
    for name, file in (("police", made.police), ("om", made.om)):
        source, key = source_named(name), chain_key_of(settings)
        produce(source, file, bootstrap=bootstrap, chain_key=key, covers_until=None, on_progress=lambda *_: None)
    sources = [source_named(name) for name in ("extracts", "police", "om")]
    ingest_sources(settings.model_copy(update={"kafka_bootstrap": bootstrap}), sources, engine=engine, run="bench")
    as_of = default_as_of_date(engine)
    assert as_of is not None, "both registers were loaded"
    for year in range(TEN_YEARS.period.end.year - 9, TEN_YEARS.period.end.year + 1):
        policy = settings.read_policy()
        reconcile(engine, settings, period=Period.of_year(year), as_of=as_of, policy=policy, keeps_breaks=True)


def measure(engine: Engine, settings: Settings) -> None:
    """Ask each page again and again, once after a decision."""
    question = BreakQuestion(only_waiting=True, order="due")
    found = list_breaks(engine, question, policy=settings.read_policy())
    assert found is not None, "the years were balanced"
    every = sum(found.left_out.values()) + found.rows.height
    open_ones = iter(found.rows["break_id"].to_list())
    break_id = next(open_ones)
    print(f"{every:,} breaks, of which {found.rows.height:,} wait for somebody")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    print(LINE.format("page", "after a decision", "median", "worst"))
    with a_browser() as browser:
        decide(engine, next(open_ones))
        browser.get("/ketenbalans/breaks")  # what the first request of a process imports is no part of it
        last = browser.get("/ketenbalans/breaks?order=age&state=all").text
        walk = last.rpartition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        for name, path in (
            ("breaks", "/ketenbalans/breaks"),
            ("breaks?state=all&order=unit", "/ketenbalans/breaks?state=all&order=unit"),
            ("breaks?cause=suggested&days=100", "/ketenbalans/breaks?cause=suggested&days=100"),
            ("breaks?state=all&order=age, the second page", walk),
            ("breaks/BREAK_ID", f"/ketenbalans/breaks/{break_id}"),
            ("breaks/BREAK_ID, there is none", f"/ketenbalans/breaks/{break_id}9"),
            ("suggestions", "/ketenbalans/suggestions"),
        ):
            decide(engine, next(open_ones))
            first, *others = [seconds(browser, path) for _ in range(TIMES + 1)]
            times = f"{first:.3f} s", f"{statistics.median(others):.3f} s", f"{max(others):.3f} s"
            print(LINE.format(name, *times), flush=True)


def decide(engine: Engine, break_id: str) -> None:
    """Acknowledge a break today, as a person does: what the process keeps has to be brought up to date."""
    today = datetime.now(AMSTERDAM).date()
    act_on_breaks(engine, [break_id], BreakAct(verdict=BreakStep.ACKNOWLEDGED, by="desk-1", on=today, note="bench"))


def seconds(browser: TestClient, path: str) -> float:
    """How long a page takes from the request to its last byte; it has to be the page."""
    began = time.perf_counter()
    answer = browser.get(path)
    took = time.perf_counter() - began
    assert answer.status_code in (200, 404), answer.text[:400]
    return took


@contextmanager
def a_browser() -> Iterator[TestClient]:
    """Somebody signed in who may act."""
    from airflow.api_fastapi.app import create_auth_manager  # noqa: PLC0415 (reads AIRFLOW_HOME)
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser  # noqa: PLC0415
    from airflow.api_fastapi.core_api.security import get_user  # noqa: PLC0415
    from fastapi import FastAPI  # noqa: PLC0415

    from ketenbalans.web.app import pages  # noqa: PLC0415

    create_auth_manager()
    pages.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="anna", role="op")
    airflow = FastAPI()
    airflow.mount("/ketenbalans", pages)
    with TestClient(airflow, base_url="http://127.0.0.1:28080", headers={"accept": "text/html"}) as browser:
        yield browser


if __name__ == "__main__":
    main(int(sys.argv[1] if len(sys.argv) > 1 else DELIVERIES))
