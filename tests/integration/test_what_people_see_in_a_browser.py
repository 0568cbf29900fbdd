"""The pages and the form in Airflow as a person uses them, in Chromium: with a mouse, on a phone, at night."""

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.integration.airflow_api import Airflow
from tests.integration.command_line import CommandLine

pytestmark = [pytest.mark.stack, pytest.mark.airflow, pytest.mark.timeout(400)]  # the first starts Airflow and signs in

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BALANCE = "/ketenbalans/"
IN_AIRFLOW = "/plugin/ketenbalans"
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE = 180_000
SOME_BREAKS = 3
"""How many pages of breaks are walked: they are all made alike."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(scope="module")
def page(browser: Browser, ketenbalans: CommandLine) -> Page:
    """A page of somebody who signed in to Airflow, as a person does."""
    answer = ketenbalans("status", "--json").json["airflow"]
    page = browser.new_context(base_url=answer["url"], viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.goto(IN_AIRFLOW)
    page.fill("input[name=username]", answer["user"])
    page.fill("input[name=password]", answer["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{IN_AIRFLOW}/**")
    return page


def asked_in_the_form(page: Page, **filled: str) -> str:
    """Fill in the form of ``report`` and trigger it; gives the id of the run."""
    page.goto("/dags/report")
    page.get_by_role("button", name="Trigger").first.click()
    form = page.get_by_role("dialog").filter(has_text="Run Parameters")
    for name, value in filled.items():
        form.locator(f"[name=element_{name}]").fill(value)
    form.get_by_role("button", name="Trigger").click()
    page.wait_for_url("**/dags/report/runs/*")
    return unquote(urlsplit(page.url).path.rpartition("/")[2])


@pytest.mark.parametrize(
    ("filled", "made"),
    [
        ({}, ["20"]),
        ({"period": "2014", "as_of": "2015-01-31"}, ["2014 as of 2015-01-31: 560 delivered, 516 recognised"]),
        (
            {"period": "2014", "from_month": "2014-12", "until_month": "2015-01"},
            ["2014 as of 2014-12-31: ", "2014 as of 2015-01-31: 560 delivered, 516 recognised"],
        ),
    ],
    ids=["empty", "a period and a day", "two months"],
)
def test_the_form_of_the_report_makes_what_is_asked(
    page: Page, airflow: Airflow, filled: dict[str, str], made: list[str]
) -> None:
    run = asked_in_the_form(page, **filled)
    assert airflow.state_at_the_end_of("report", run) == "success"
    note = airflow.task("report", run, "report")["note"]
    assert [one for one in made if one not in note] == []


def test_a_form_that_contradicts_itself_is_refused_with_one_sentence(page: Page, airflow: Airflow) -> None:
    run = asked_in_the_form(page, as_of="2015-01-31", from_month="2014-12", until_month="2015-01")
    assert airflow.state_at_the_end_of("report", run) == "failed"
    note = airflow.task("report", run, "report")["note"]
    assert note == "**Not made:** as_of 2015-01-31 and months were both asked for; leave one of them empty."


def test_a_link_to_a_dag_leaves_the_frame(page: Page) -> None:
    page.goto(IN_AIRFLOW)
    page.frame_locator("iframe").get_by_role("link", name="ingest_police_deliveries").click()
    page.wait_for_url("**/dags/ingest_police_deliveries*")
    expect(page.get_by_role("link", name="data-engineering").first).to_have_attribute(
        "href", re.compile(r"/docs/runbooks/README\.md$")
    )


@pytest.mark.parametrize("link", ["2014", "en", "data docs of police_deliveries", "Runbook", "Runbooks"])
def test_every_page_of_ours_opens_in_the_frame_and_leads_back(page: Page, link: str) -> None:
    page.goto(IN_AIRFLOW)
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="Where everything stands").wait_for()
    if link == "Runbook" and frame.get_by_text("No alert stands.").count():
        pytest.skip("no alert stands")
    frame.get_by_role("link", name=link, exact=True).first.click()
    frame.get_by_role("link", name="Overview" if link == "2014" else "← Balance").click()
    frame.get_by_role("heading", name="Where everything stands").wait_for()
    assert urlsplit(page.url).path == f"{IN_AIRFLOW}{BALANCE}"


class Links(HTMLParser):
    """Where the links of a page lead, and what it can be led to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hrefs: set[str] = set()
        self.names: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names |= {value for key in ("id", "name") if (value := given.get(key))}
        if tag == "a" and given.get("href"):
            self.hrefs.add(str(given["href"]))


@pytest.fixture(scope="module")
def walked(airflow: Airflow) -> dict[str, str]:
    """Every page of ours that can be reached from "Balance", by its address; a link that leads nowhere is an error."""
    found: dict[str, str] = {}
    waiting = [(BALANCE, "")]
    while waiting:
        address, asked_by = waiting.pop()
        if address in found or _is_one_of_many(address, found):
            continue
        answer = airflow.client.get(address)
        assert answer.status_code == 200, f"{address}, to which {asked_by} leads"
        is_page = answer.headers["content-type"].startswith("text/html")
        found[address] = answer.text if is_page else ""
        for href in Links(answer.text).hrefs if is_page else ():
            target = urlsplit(urljoin(address, href))
            if not target.netloc and target.path.startswith(BALANCE):
                waiting.append((target.path, address))
            else:
                assert target.netloc or target.path == "/" or target.path.startswith("/dags/"), f"{href} of {address}"
    return found


def _is_one_of_many(address: str, found: dict[str, str]) -> bool:
    """Whether it is a page of a break, and some were walked already."""
    breaks = f"{BALANCE}breaks/"
    return address.startswith(breaks) and sum(one.startswith(breaks) for one in found) >= SOME_BREAKS


def test_every_link_from_balance_on_leads_somewhere(walked: dict[str, str]) -> None:
    kinds = {path.removeprefix(BALANCE).partition("/")[0] or "balance" for path in walked}
    rooms = {"audit", "breaks", "incidents", "letters", "signoffs", "suggestions", "years"}
    assert kinds == {"balance", "files", "docs"} | rooms
    docs = [path for path in walked if "/files/quality/police_deliveries/" in path]
    assert any("/expectations/" in path for path in docs)
    assert any("/validations/" in path for path in docs)


def test_every_part_of_a_page_that_is_linked_to_is_there(walked: dict[str, str]) -> None:
    lost = []
    for address, text in walked.items():
        for href in Links(text).hrefs:
            target = urlsplit(urljoin(address, href))
            if target.fragment and not target.netloc and walked.get(target.path):
                there = Links(walked[target.path]).names
                lost += [] if target.fragment in there else [f"{href} of {address}"]
    assert lost == []


def test_the_data_docs_say_what_balance_says(walked: dict[str, str]) -> None:
    index = walked[f"{BALANCE}files/quality/police_deliveries/index.html"]
    rows, numbers = r"(?: \([^)]*\))?", r"(?:, \d+ of \d+ numbers unusual)?"  # of a check of what came in since
    verdict = re.search(rf"Passed (\d+ expectations{rows}{numbers})", index)
    assert verdict
    assert f"passed {verdict[1]}" in walked[BALANCE]


def test_no_page_scrolls_sideways_on_a_phone_and_all_are_dark_at_night(page: Page, walked: dict[str, str]) -> None:
    kinds = {
        re.sub(r"20\d\d[^/]*|[\w-]+\.md$|/(?!quality)[a-z]+_[a-z]+", "_", path): path for path in walked if walked[path]
    }
    at_night = page.context.new_page()
    at_night.emulate_media(color_scheme="dark")
    at_night.set_viewport_size(PHONE)
    wide, light = [], []
    for path in sorted(kinds.values()):
        at_night.goto(path)
        if at_night.evaluate("document.scrollingElement.scrollWidth") > PHONE["width"]:
            wide.append(path)
        paper = at_night.evaluate("getComputedStyle(document.body).backgroundColor")
        if sum(map(int, re.findall(r"\d+", paper)[:3])) > 150 or "rgba" in paper:
            light.append(f"{path}: {paper}")
    at_night.close()
    assert (wide, light) == ([], [])


def test_the_frame_lets_no_link_out_by_itself_so_one_script_does(page: Page) -> None:
    """When Airflow's frame lets links out one day, the script can go."""
    page.goto(IN_AIRFLOW)
    allowed = page.locator("iframe").get_attribute("sandbox")
    assert "allow-scripts" in str(allowed)
    assert "allow-top-navigation" not in str(allowed)


def test_the_chain_of_pages_holds_no_file_of_the_home_but_pages(airflow: Airflow, airflow_home: Path) -> None:
    assert (airflow_home / "chain-key").is_file()
    for path in ("docs/../chain-key", "docs/%2e%2e/policy.toml", "docs/nothing.md", "docs/runbooks"):
        assert airflow.client.get(f"{BALANCE}{path}").status_code == 404, path
