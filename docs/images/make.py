"""Make the pictures of the docs anew from a running stack: ``python docs/images/make.py [--all FOLDER]``.

``make run`` starts the stack; then trigger ``report`` for 2014 as known on 2015-01-31. What the docs show goes beside
this file. With ``--all`` every page is taken at 1280 and 390 pixels, by day and at night, into a folder, to be looked
at. Needs Chromium, and ``pdftoppm`` for the pages on paper.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("ketenbalans")
BALANCE, IN_AIRFLOW = "/ketenbalans/", "/plugin/ketenbalans"
REPORT = "files/reports/2014/2015-01-31/balance-2014-as-of-2015-01-31"
PAGES = {
    "balance": "",
    "balance-2014": "files/balances/2014.html",
    "report-nl": f"{REPORT}.nl.html",
    "report-en": f"{REPORT}.en.html",
    "quality": "files/quality/police_deliveries/index.html",
    "runbook": "docs/runbooks/alerts.md",
}
SCHEMES = ("light", "dark")
WIDE, PHONE = {"width": 1280, "height": 980}, {"width": 390, "height": 844}
PAPER = 70
"""Dots per inch of a page on paper."""


@contextmanager
def signed_in(sign_in: dict[str, Any]) -> Iterator[Page]:
    """A page of somebody who signed in to Airflow."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(base_url=sign_in["url"], viewport=WIDE).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(60_000)
        page.goto(IN_AIRFLOW)
        page.fill("input[name=username]", sign_in["user"])
        page.fill("input[name=password]", sign_in["password"])
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{IN_AIRFLOW}/**")
        yield page
        browser.close()


def in_airflow(page: Page) -> None:
    """What Airflow itself shows: the page behind "Balance", and the form of the report."""
    page.goto(IN_AIRFLOW)
    page.frame_locator("iframe").get_by_role("heading", name="Where everything stands").wait_for()
    page.screenshot(path=HERE / "airflow-balance.png")
    page.goto("/dags/report")
    page.get_by_role("button", name="Trigger").first.click()
    page.get_by_role("dialog").locator("[name=element_period]").wait_for()
    page.screenshot(path=HERE / "airflow-report-form.png")


def notes_on_tasks(page: Page) -> None:
    """The note of a balance, and that of a task that is red for a new alert, opened."""
    page.set_viewport_size({"width": 1240, "height": 420})
    page.goto(place_of_task(page, "reconcile", "balance", noted="560 delivered"))
    page.get_by_text("560 delivered").first.wait_for()
    page.screenshot(path=HERE / "airflow-note.png")
    page.set_viewport_size({"width": 1240, "height": 600})
    page.goto(place_of_task(page, "watch", "standing", noted="What to do"))
    page.get_by_role("button", name="Edit note").click()
    page.get_by_role("dialog").get_by_text("What to do").wait_for()
    page.wait_for_timeout(1_000)  # it comes slowly
    page.screenshot(path=HERE / "airflow-red-task.png")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def place_of_task(page: Page, dag: str, task: str, *, noted: str) -> str:
    """Where Airflow shows the newest run of a task with a note that holds a text."""
    place = f"/api/v2/dags/{dag}/dagRuns"
    for run in page.request.get(place, params={"order_by": "-run_after"}).json()["dag_runs"]:
        run_id = quote(run["dag_run_id"], safe="")
        note = page.request.get(f"{place}/{run_id}/taskInstances/{task}").json()["note"]
        if noted in (note or ""):
            return f"/dags/{dag}/runs/{run_id}/tasks/{task}"
    message = f"no run of {dag} has a note on {task} with {noted!r}"
    raise LookupError(message)


def phones_and_nights(page: Page) -> None:
    """The first screens on a phone, by day and at night, side by side; and one page at night."""
    with TemporaryDirectory() as folder:
        every_page(page, Path(folder), ("balance", "report-nl"), full_page=False)
        screens = [
            Path(folder) / f"{name}-{PHONE['width']}-{scheme}.png"
            for name in ("balance", "report-nl")
            for scheme in SCHEMES
        ]
        said("convert", *screens, "+append", HERE / "on-a-phone.png")
        said("convert", Path(folder) / f"balance-{WIDE['width']}-dark.png", HERE / "at-night.png")


def the_report(page: Page, home: Path) -> None:
    """The top of the report in both languages, and its pages on paper."""
    for language in ("nl", "en"):
        file = home / f"{REPORT.removeprefix('files/')}.{language}.html"
        page.goto(file.as_uri())
        page.screenshot(path=HERE / f"report-2014-{language}.png")
        on_paper = HERE / f"report-2014-{language}-pages"
        said("pdftoppm", "-r", str(PAPER), "-l", "3", "-png", file.with_suffix(".pdf"), on_paper)
        sheets = sorted(HERE.glob(f"{on_paper.name}-*.png"))
        said("convert", *sheets, "+append", f"{on_paper}.png")
        for sheet in sheets:
            sheet.unlink()


def every_page(page: Page, folder: Path, names: Sequence[str], *, full_page: bool) -> None:
    """Pages at both widths, by day and at night."""
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            for name in names:
                page.goto(f"{BALANCE}{PAGES[name]}")
                page.screenshot(path=folder / f"{name}-{size['width']}-{scheme}.png", full_page=full_page)


def main() -> None:
    """Take them all."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--all", type=Path, metavar="FOLDER")
    folder = asked.parse_args().all
    airflow = json.loads(said(COMMAND, "status", "--json"))["airflow"]
    settings = {one["variable"]: one["value"] for one in json.loads(said(COMMAND, "settings", "--json"))}
    with signed_in(airflow) as page:
        in_airflow(page)
        notes_on_tasks(page)
        the_report(page, Path(settings["KETENBALANS_HOME"]))
        phones_and_nights(page)
        if folder:
            every_page(page, folder, list(PAGES), full_page=True)


def said(*command: object) -> str:
    """Run a command and give what it says."""
    return subprocess.run([str(part) for part in command], capture_output=True, check=True, text=True).stdout  # noqa: S603


if __name__ == "__main__":
    main()
