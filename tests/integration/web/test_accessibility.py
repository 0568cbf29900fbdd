"""Every page in Chromium: axe finds nothing, nothing runs off the side of a phone, and one scrolls with the keyboard.

The pages are found by walking the links, so a page that is added is looked at too: one of each kind.
"""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, ViewportSize, sync_playwright
from sqlalchemy import Engine

from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.signoff.acting import prepare
from ketenbalans.settings import Settings
from schemas.people import Identity, Person
from schemas.period import Period
from tests.integration.audit.a_chain import decide, discard, resume
from tests.integration.command_line import in_this_process
from tests.integration.conftest import NewWarehouse
from tests.integration.handing_over import handed_over_apart
from tests.integration.poison import poison
from tests.integration.web.kept_letters import keep_letters
from tests.integration.web.pages import PLACE, Pages
from warehouse.incidents import keep_incident

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(os.environ["KETENBALANS_CACHE"]) / "node_modules" / "axe-core" / "axe.min.js"
DAY = date(2015, 1, 31)
HERE = "http://127.0.0.1:28080"
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def balanced(new_warehouse: NewWarehouse, bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The year 2014 with its breaks, its figures prepared, incidents that run and are over, letters in each state."""
    folder = tmp_path_factory.mktemp("of-2014")
    assert in_this_process("scenario", "2014", "--out", folder).code == 0
    handed = handed_over_apart(folder, new_warehouse(), bootstrap)
    handed.publish(sorted(folder.glob(f"*-{DAY}.*")))
    handed.ingest()
    settings = Settings()
    period, policy = Period.of_year(2014), settings.read_policy()
    reconcile(handed.engine, settings, period=period, as_of=DAY, policy=policy, keeps_breaks=True)
    for one in (decide, resume, discard):
        with handed.engine.begin() as connection:
            one(connection)
    keep_letters(handed.engine, poison(1).values())
    ben = Person(handle="ben", identity=Identity.SIGNED_IN)
    prepare(handed.engine, settings, period=period, as_of=DAY, person=ben)
    with handed.engine.begin() as connection:
        keep_incident(connection, subject="om_registrations", kind="covers_less", message="it covers `less`", mark="1")
    return handed.engine


@pytest.fixture(scope="module")
def of_2014(all_pages: Pages, balanced: Engine) -> Pages:
    return all_pages.of(balanced)


@pytest.fixture(scope="module")
def kinds(of_2014: Pages) -> list[str]:
    """One page of each kind that can be reached from the first one by links of ours."""
    found: dict[str, str] = {}
    waiting = [""]
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"\d[\w.-]*|(?<=/)[0-9a-f]{64}", "_", path)
        if kind in found or path.startswith(("files/", "docs/", "static/")):
            continue
        page = of_2014.get(path)
        if not page.headers["content-type"].startswith("text/html"):
            continue
        assert page.status == 200, f"{path}: {page.text}"
        found[kind] = path
        waiting += [link.removeprefix(PLACE) for link, _ in page.markup.links if link.startswith(PLACE)]
    return list(found.values())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


def answering(pages: Pages) -> Any:
    """What answers the browser: the process of the pages, and nothing from elsewhere."""

    def answer(route: Route) -> None:
        url = route.request.url
        if not url.startswith(HERE + PLACE):
            route.abort()
            return
        answered = pages.get(url.removeprefix(HERE + PLACE))
        route.fulfill(status=answered.status, headers=answered.headers, body=answered.content)

    return answer


def test_the_walk_finds_the_pages(kinds: list[str]) -> None:
    first = {path.partition("?")[0].partition("/")[0] for path in kinds}
    assert {"", "years", "breaks", "suggestions", "incidents", "letters", "signoffs", "audit"} <= first


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_and_nothing_runs_off_the_side(
    of_2014: Pages, kinds: list[str], browser: Browser, screen: ViewportSize, scheme: Any
) -> None:
    if not AXE.is_file():
        pytest.skip(f"there is no axe here: npm install --prefix {AXE.parents[2]} axe-core")
    context = browser.new_context(viewport=screen, color_scheme=scheme)
    page = context.new_page()
    page.route("**/*", answering(of_2014))
    found = []
    for path in kinds:
        page.goto(f"{HERE}{PLACE}{path}")
        page.evaluate(AXE.read_text(encoding="utf-8"))  # the policy of the page lets no script in beside its own
        result = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
        assert result["passes"], path
        found += [(path, one["id"], one["nodes"][0]["html"]) for one in result["violations"]]
        width = page.evaluate("document.scrollingElement.scrollWidth")
        found += [(path, "wider than the screen", width)] if width > screen["width"] else []
    context.close()
    assert found == []


def test_every_form_can_be_reached_and_sent_with_the_keyboard(
    of_2014: Pages, kinds: list[str], browser: Browser
) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    page.route("**/*", answering(of_2014))
    for path in kinds:
        page.goto(f"{HERE}{PLACE}{path}")
        page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")  # their own key: Enter
        wanted = page.evaluate(
            "document.querySelectorAll('form button, form input:not([type=hidden]), form select').length"
        )
        reached = set()
        for _ in range(
            page.evaluate(
                "document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex]').length"
                " + 5 * document.querySelectorAll('input[type=date]').length"  # each part of a day is a stop
            )
        ):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate(
                    "[...document.querySelectorAll('form button, form input:not([type=hidden]), form select')]"
                    ".indexOf(document.activeElement)"
                )
            )
        assert len(reached - {-1}) == wanted, path
    context.close()
