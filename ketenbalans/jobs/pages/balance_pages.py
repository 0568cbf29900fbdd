"""Write the page of a period: its newest balance and the earlier as-of dates beside it."""

import fcntl
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from ketenbalans.jobs.balancing.balances import read_balances
from ketenbalans.reports.balance_page import render_balance_page
from ketenbalans.settings import Settings
from ketenbalans.whole_files import WholeFiles
from schemas.answer import ShownBalance
from schemas.period import Period
from warehouse.database import snapshot

LOOK_EVERY_SECONDS = 0.1


def pages_folder(settings: Settings) -> Path:
    """Where the page of each period is written."""
    return settings.home / "balances"


def page_of(settings: Settings, period: Period) -> Path:
    """The page of one period."""
    return pages_folder(settings) / f"{str(period).replace('/', '_')}.html"


def wait_for_page(settings: Settings, *, period: Period, as_of: date, within_seconds: float) -> Path | None:
    """The page of a period once it is about that day: it is written after the balance. None when it came too late."""
    page = page_of(settings, period)
    deadline = time.monotonic() + within_seconds
    while not (page.exists() and as_of.isoformat() in page.read_text(encoding="utf-8")):
        if time.monotonic() >= deadline:
            return None
        time.sleep(LOOK_EVERY_SECONDS)
    return page


def write_balance_pages(engine: Engine, *, settings: Settings, periods: Sequence[Period]) -> dict[Period, ShownBalance]:
    """Write what was stored about each period: its page, and its newest balance as JSON beside it.

    All are read in one snapshot. The newest is that of the default as-of date, or of the last day before it that was
    asked for, under the policy of the settings: what somebody asked of another day or under other numbers does not
    lead. A reader never sees half a file, and of two writers the later one has read what the earlier one stored.

    Returns:
        The newest balance of each period that has one, with its verdict.
    """
    policy, alert_policy = settings.read_policy(), settings.read_alert_policy()
    newest: dict[Period, ShownBalance] = {}
    with _one_writer(pages_folder(settings)), snapshot(engine) as connection:
        for period in periods:
            balances = read_balances(connection, period=period, policy=policy, alert_policy=alert_policy)
            if balances:
                _write(page_of(settings, period), balances)
                newest[period] = balances[-1]
    return newest


def _write(page: Path, balances: Sequence[ShownBalance]) -> None:
    newest = json.dumps(balances[-1].to_json(), indent=1, ensure_ascii=False) + "\n"
    with WholeFiles(page.parent) as files:
        files.add(page.name, render_balance_page(balances).encode())
        files.add(page.with_suffix(".json").name, newest.encode())


def renew_pages(engine: Engine, *, settings: Settings) -> None:
    """Write every year's page again: what is known about the data behind its balances may have changed.

    One after the other, each under the lock for itself: a balance that wants to write its pages waits for one of them.
    """
    for page in sorted(pages_folder(settings).glob("[0-9][0-9][0-9][0-9].html")):
        write_balance_pages(engine, settings=settings, periods=[Period.of_year(int(page.stem))])


@contextmanager
def _one_writer(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
