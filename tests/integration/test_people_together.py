"""Two people and a viewer in Chromium: suggestions by the keyboard, two signatures, and a record that comes late.

One stack of its own, with Airflow and real Kafka: what is decided here changes what is counted.
"""

import csv
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.integration.airflow_stack import FIRST, policy_without_quiet_hours, publish
from tests.integration.command_line import CommandLine
from tests.integration.guardian import guarded

pytestmark = [pytest.mark.stack, pytest.mark.own_servers, pytest.mark.timeout(900)]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
REPOSITORY = Path(__file__).parents[2]
PAGES = "/ketenbalans/"
PEOPLE = ("anna", "ben", "vera")
PATIENCE_SECONDS = 240
LATE = "2014-police-PL0900-2014999901-1"
PICTURES = os.environ.get("PLAY_PICTURES")
"""A folder for pictures of each scene, at both widths, by day and at night; without it none are taken."""


def registration_with_one_typing_error(dossier: str, number: int) -> dict[str, str]:
    """A registration that looks like one of a delivered suspect: one digit of its dossier number is another."""
    return {
        "mutatie": "ingeschreven",
        "parketnummer": f"16/99{number:04}-14",
        "registratienummer_politie": dossier[:-1] + str((int(dossier[-1]) + 1) % 10),
        "classificatie": "KP",
        "datum_inschrijving": "29-12-2014",
        "tijdstip_mutatie": "2014-12-29T10:00:00+01:00",
    }


def delivery_recorded_in_time() -> dict[str, str]:
    """A suspect who was delivered and recorded in time, and whose extract comes late."""
    return {
        "mutatie": "aangeleverd",
        "registratienummer": "PL0900-2014999901",
        "volgnummer_verdachte": "1",
        "eenheid": "PL0900",
        "team": "TBKK",
        "datum_aanlevering": "15-12-2014",
        "kwalificaties": "bezit",
        "kst": "N",
        "tijdstip_mutatie": "2015-01-20T10:00:00+01:00",
    }


def extract_of(rows: list[dict[str, str]], *, like: Path, name: str) -> Path:
    """An extract with these rows, with the columns of another one."""
    with like.open(encoding="utf-8") as opened:
        columns = opened.readline().strip().split(";")
    file = like.with_name(name)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, columns, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows(rows)
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(scope="module")
def home(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of the stack."""
    folder = tmp_path_factory.mktemp("people")
    with guarded(folder):
        yield folder


@pytest.fixture(scope="module")
def command(home: Path, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The command line on a stack with three people, and the balance of 2014 with two suggestions in it."""
    extracts = tmp_path_factory.mktemp("extracts")
    command = CommandLine(
        {
            "KETENBALANS_HOME": str(home),
            "KETENBALANS_KAFKA_PORT": "0",
            "KETENBALANS_AIRFLOW_PORT": "0",
            "KETENBALANS_CACHE": os.environ.get("KETENBALANS_CACHE", str(REPOSITORY / ".ketenbalans" / "cache")),
            "KETENBALANS_POLICY": str(policy_without_quiet_hours(tmp_path_factory.mktemp("policy"))),
            "KETENBALANS_USER": "desk-1",
        }
    )
    started = command("up", "--people", "anna:op,ben:op,vera:viewer", "--json")
    assert started.code == 0, started.err
    assert command("scenario", "2014", "--out", extracts).code == 0
    publish(command, extracts, FIRST)
    wait_for_balance(command)
    missing = [
        one["dossier_number"] for one in breaks(command) if one["cause"] == "missing" and one["side"] == "police"
    ]
    rows = [registration_with_one_typing_error(dossier, number) for number, dossier in enumerate(missing[:2], start=1)]
    late = extract_of(rows, like=extracts / f"om-{FIRST}.csv", name=f"om-more-{FIRST}.csv")
    assert command("produce", "om", late, "--covers-until", FIRST).code == 0
    wait_until(lambda: sum(one["cause"] == "suggested" for one in breaks(command)) >= len(rows), "two suggestions")
    extract_of([delivery_recorded_in_time()], like=extracts / f"police-{FIRST}.csv", name="police-late.csv").rename(
        home / "police-late.csv"
    )
    return command.here()


@pytest.fixture(scope="module")
def people(browser: Browser, command: CommandLine, home: Path) -> Mapping[str, Page]:
    """A page of each person, who signed in to Airflow as a person does."""
    address = command("status", "--json").json["airflow"]["url"]
    kept = json.loads((home / "airflow-people.json").read_text(encoding="utf-8"))
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    return {name: signed_in(browser, address, name, kept[name]["password"]) for name in PEOPLE}


def signed_in(browser: Browser, address: str, name: str, password: str) -> Page:
    page = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    page.goto("/plugin/ketenbalans")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/plugin/ketenbalans/**")
    page.goto(PAGES)
    expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()
    return page


def breaks(command: CommandLine) -> list[dict[str, Any]]:
    answer = command("breaks", "list", "--period", "2014", "--json")
    return answer.json if answer.code == 0 and answer.out else []


def wait_for_balance(command: CommandLine) -> None:
    asked = command("balance", "--period", "2014", "--as-of", FIRST, "--wait", "120")
    assert asked.code == 0, asked.err


def wait_until(holds: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.5)


def take_picture(page: Page, scene: str) -> None:
    """A scene at 1280 and 390 pixels, by day and at night, where somebody asked for pictures."""
    if PICTURES is None:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(PICTURES) / f"{scene}-{width}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_one_works_through_the_suggestions_with_the_keyboard(people: Mapping[str, Page], command: CommandLine) -> None:
    page = people["anna"]
    page.goto(f"{PAGES}suggestions")
    left = page.get_by_text(re.compile(r"Suggestion \d+ of \d+"))
    expect(left).to_be_visible()
    take_picture(page, "suggestions")
    before = int(re.findall(r"of\s+(\d+)", left.inner_text())[0])
    assert before >= 2
    page.keyboard.press("r")
    expect(page.get_by_role("status")).to_contain_text("rejected")
    page.keyboard.press("c")
    expect(page.get_by_role("status")).to_contain_text("confirmed")
    decided = command("audit", "list", "--json").json
    assert [one["kind"] for one in decided].count("decision") == 2


def test_a_break_is_taken_on_its_page_and_the_other_one_sees_whose_it_is(
    people: Mapping[str, Page], command: CommandLine
) -> None:
    open_now = next(one for one in breaks(command) if one["state"] == "open" and one["cause"] == "transferred")
    anna, ben = people["anna"], people["ben"]
    anna.goto(f"{PAGES}breaks/{open_now['break_id']}")
    ben.goto(f"{PAGES}breaks/{open_now['break_id']}")
    take_picture(anna, "break")
    for page, note in ((anna, "asked the unit"), (ben, "mine")):
        form = page.locator("form[action$='/acknowledge']")
        form.locator("input[name=note]").fill(note)
        form.get_by_role("button", name="Acknowledge").click()
    expect(anna.get_by_role("status")).to_contain_text("acknowledged")
    expect(ben.get_by_role("alert")).to_contain_text("Nothing was kept")
    shown = next(one for one in breaks(command) if one["break_id"] == open_now["break_id"])
    assert (shown["owner"], shown["note"]) == ("anna", "asked the unit")


def test_who_looks_is_offered_no_form(people: Mapping[str, Page], command: CommandLine) -> None:
    for place in (
        "",
        "breaks",
        "suggestions",
        "incidents",
        "letters",
        "signoffs",
        "audit",
        f"breaks/{any_break(command)}",
    ):
        people["vera"].goto(PAGES + place)
        assert people["vera"].locator("form[method=post]").count() == 0, place
        assert people["vera"].get_by_text("Signed in as vera").count() == 1, place


def any_break(command: CommandLine) -> str:
    return str(breaks(command)[0]["break_id"])


def test_two_sign_and_a_record_that_comes_late_makes_it_void(
    people: Mapping[str, Page], command: CommandLine, home: Path
) -> None:
    anna, ben = people["anna"], people["ben"]
    anna.goto(f"{PAGES}signoffs")
    anna.locator("select[name=question]").select_option(label=f"2014, as known on {FIRST}")
    anna.get_by_role("button", name="Prepare").click()
    expect(anna.get_by_text("another person has to approve them")).to_be_visible()
    assert anna.get_by_role("button", name="Approve these figures").count() == 0, "not who prepared them"
    take_picture(anna, "signoff-prepared")
    address = anna.url.split("?")[0]
    ben.goto(address)
    ben.get_by_role("button", name="Approve these figures").click()
    expect(ben.locator("main .status").first).to_have_text("approved")
    take_picture(ben, "signoff-approved")

    assert command("produce", "police", home / "police-late.csv", "--covers-until", FIRST).code == 0
    alert = "signature_void"
    wait_until(lambda: any(one["rule"] == alert for one in standing(command)), alert)
    (found,) = (one for one in standing(command) if one["rule"] == alert)
    assert found["period"] == ["2014-01-01", "2014-12-31"]
    assert LATE in found["says"] or LATE in json.dumps(found["evidence"])
    ben.goto(address)
    expect(ben.locator("main .status").first).to_have_text("void")
    expect(ben.get_by_role("link", name=LATE)).to_be_visible()
    take_picture(ben, "signoff-void")
    ben.goto(PAGES)
    expect(ben.get_by_text("signature void")).to_be_visible()
    for name, place in (("overview", ""), ("year", "years/2014"), ("breaks", "breaks"), ("incidents", "incidents"),
                        ("letters", "letters"), ("signoffs", "signoffs"), ("audit", "audit")):  # fmt: skip
        ben.goto(PAGES + place)
        take_picture(ben, name)
    assert command("audit", "verify").code == 0


def standing(command: CommandLine) -> list[dict[str, Any]]:
    answer = command("alerts", "--json")
    return answer.json if answer.code == 0 and answer.out else []
