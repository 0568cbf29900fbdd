"""The first page: each way in which a source can be unwell is said, and nothing is markup."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ketenbalans.jobs.pages.overview import AlertLine, Overview, ReportFile, ReportLine, ReportPage, SourceLine
from ketenbalans.reports.page_templates import LEAVE_THE_FRAME
from ketenbalans.web.drawing import draw
from schemas.alerts import AlertRule
from schemas.answer import ShownBalance
from schemas.period import Period
from schemas.verdicts import BalanceVerdict, Judgement
from tests.unit.an_answer import answer_of
from tests.unit.reports.test_report_readers import Page, page_of
from tests.unit.web.a_visit import a_visit

HOSTILE = "<b>\"&'</b>"
WELL = {
    "source": "police_deliveries",
    "covers_until": date(2015, 1, 31),
    "received_at": "2015-02-01 06:00",
    "is_silent": False,
    "dead_letters": 0,
    "incident": None,
    "dag": "ingest_police_deliveries",
    "quality": None,
    "quality_passed": False,
    "data_docs": None,
}
ALERT = {
    "alert_id": "unexplained:2014",
    "rule": "unexplained",
    "subject": "2014",
    "severity": "warning",
    "says": "3 suspects are unexplained",
    "acknowledged_by": None,
    "held_back_by": None,
    "note": None,
    "what_to_do": "`ketenbalans breaks --cause missing` lists them",
    "runbook": "docs/runbooks/alerts.md#unexplained",
}
BALANCE = ShownBalance(
    **vars(
        answer_of(
            delivered=560,
            causes={"missing": 3, "in_transit": 41},
            period=Period.of_year(2014),
            as_of=date(2015, 1, 31),
            om_count=539,
        )
    ),
    synthetic=True,
    quality="not_checked",
    published={},
    policy={},
    code_version="0.1.0",
    input_fingerprint="f" * 64,
    judgement=Judgement(BalanceVerdict.UNEXPLAINED, "3 of 560 delivered suspects are missing, 2 are allowed"),
)


def shown(**said: Any) -> Page:
    return page_of(rendered(**said))


def rendered(*, docs: str | None = "/ketenbalans/", may_act: bool = False, **said: Any) -> str:
    answer: dict[str, Any] = {
        "as_of": date(2015, 1, 31),
        "sources": [],
        "balances": [],
        "alerts": [],
        "reports": [],
    } | said
    lines: dict[str, Any] = {
        "sources": [SourceLine(**one) for one in answer["sources"]],
        "alerts": [AlertLine(**one) for one in answer["alerts"]],
    }
    visit = a_visit(docs=docs, may_act=may_act)
    return draw("overview.html.j2", visit, here="", overview=Overview(**(answer | lines)))


def health(*sources: dict[str, Any]) -> list[str]:
    """How each source is, as the page says it."""
    return [" ".join(row[3].split()) for row in shown(sources=list(sources)).tables[0].rows]


@pytest.mark.parametrize(
    ("unwell", "said"),
    [
        ({}, "up to date"),
        ({"covers_until": date(2014, 12, 31)}, "behind: others cover until 2015-01-31"),
        ({"is_silent": True}, "silent for too long"),
        ({"incident": "the topic was made anew"}, "stands still: the topic was made anew"),
        ({"dead_letters": 7}, "up to date 7 dead letters"),
        ({"covers_until": None, "received_at": None}, "waiting for its first extract"),
        ({"incident": "stuck", "is_silent": True, "dead_letters": 2}, "stands still: stuck 2 dead letters"),
    ],
)
def test_a_source_says_how_it_is(unwell: dict[str, Any], said: str) -> None:
    assert health(WELL, WELL | {"source": "om_registrations"} | unwell) == ["up to date", said]


def test_a_source_that_is_silent_and_behind_says_both_or_the_worse() -> None:
    assert health(WELL, WELL | {"covers_until": date(2014, 12, 31), "is_silent": True})[1] == "silent for too long"


def test_nothing_yet_says_what_to_do() -> None:
    page = shown(as_of=None, sources=[WELL | {"covers_until": None, "received_at": None}])
    for said in ("No day is covered", "No alert stands", "nothing yet", "None yet: trigger the DAG"):
        assert said in page.text
    assert page.all_of("table") == [("table", {})]


def test_the_newest_figures_of_each_year_lead_to_their_page() -> None:
    page = shown(balances=[BALANCE, replace(BALANCE, period=Period.of_year(2013), synthetic=False)])
    rows = page.tables[0].rows
    verdict = "unexplained 3 of 560 delivered suspects are missing, 2 are allowed"
    assert rows[0] == ["2014", "2015-01-31", verdict, "560", "516", "44", "3", "539", "synthetic, not checked"]
    assert rows[1][-1] == "not checked"
    assert ("a", {"href": "/ketenbalans/years/2014"}) in page.tags


def test_reports_are_listed_with_their_languages() -> None:
    place = "files/reports/2014/2015-01-31/x"
    pages = [
        ReportPage(
            language=language,
            href=f"{place}.{language}.html",
            files=(ReportFile(form="PDF", href=f"{place}.{language}.pdf"),) if language == "nl" else (),
        )
        for language in ("en", "nl")
    ]
    page = shown(reports=[ReportLine(period="2014", as_of="2015-01-31", pages=tuple(pages))])
    assert "2014 as known on 2015-01-31: en, nl (PDF)" in " ".join(page.text.split())
    assert {f"/ketenbalans/{one.href}" for one in pages} <= {attrs["href"] for _, attrs in page.all_of("a")}
    # a frame shows no PDF, and lets one be kept
    assert ("a", {"href": f"/ketenbalans/{place}.nl.pdf", "download": ""}) in page.tags


def test_an_alert_says_what_was_found_and_what_to_do() -> None:
    page = shown(alerts=[ALERT])
    text = " ".join(page.text.split())
    assert "warning unexplained 2014" in text
    assert "3 suspects are unexplained. What to do: ketenbalans breaks --cause missing lists them" in text
    assert "ketenbalans alerts acknowledge unexplained:2014" in text
    assert "taken by" not in text


def test_an_alert_that_was_taken_says_by_whom() -> None:
    page = shown(alerts=[ALERT | {"acknowledged_by": "jan", "note": "called the unit"}])
    assert "taken by jan: called the unit" in page.text
    assert ("div", {"class": "alert warning taken"}) in page.tags
    assert "Take it" not in page.text
    assert "taken by jan" in shown(alerts=[ALERT | {"acknowledged_by": "jan"}]).text


def test_commands_are_set_as_such_and_nothing_else_is() -> None:
    page = rendered(alerts=[ALERT | {"what_to_do": "Run `a <b> & c`, then `d`; <i>not this</i> and `not this"}])
    assert "<code>a &lt;b&gt; &amp; c</code>, then <code>d</code>; &lt;i&gt;not this&lt;/i&gt; and `not this" in page


def test_every_remedy_can_be_read_without_a_backtick() -> None:
    for remedy in (rule.record.remedy for rule in AlertRule):
        assert "`" not in shown(alerts=[ALERT | {"what_to_do": remedy}]).text


def test_what_comes_from_outside_is_escaped() -> None:
    alert = ALERT | dict.fromkeys(("subject", "says", "note", "acknowledged_by", "what_to_do", "alert_id"), HOSTILE)
    page = shown(sources=[WELL | {"incident": HOSTILE, "source": HOSTILE}], alerts=[alert])
    assert page.all_of("b") == []
    assert page.text.count(HOSTILE) == 7
    assert shown(alerts=[alert | {"acknowledged_by": None}]).text.count(HOSTILE) == 4, "the id, to take it"


def test_the_page_asks_nothing_of_others_and_its_one_script_is_the_known_one() -> None:
    page = shown(sources=[WELL], balances=[BALANCE], alerts=[ALERT])
    assert page.all_of("iframe", "img") == []
    assert page.all_of("link") == [("link", {"rel": "stylesheet", "href": "/ketenbalans/static/style.css"})]
    assert page.all_of("script") == [("script", {})]
    assert rendered().count(f"<script>{LEAVE_THE_FRAME}</script>") == 1
    addresses = [attrs["href"] for _, attrs in page.all_of("a")]
    assert addresses
    assert not any(":" in address or address.startswith("//") for address in addresses)
    assert page.all_of("html") == [("html", {"lang": "en"})]
    assert len(page.all_of("h1")) == 1
    for table in page.tables:
        assert table.scopes == ["col"] * len(table.head) + ["row"] * len(table.rows)


def test_alerts_stand_in_the_order_of_the_list_and_each_severity_looks_its_own() -> None:
    severities = ("critical", "warning", "notice")
    alerts = [
        ALERT | {"severity": severity, "subject": f"subject-{number}"} for number, severity in enumerate(severities)
    ]
    taken = ALERT | {"severity": "warning", "subject": "subject-3", "acknowledged_by": "jan"}
    page = shown(alerts=[*alerts, taken])
    assert re.findall(r"subject-(\d)", page.text) == ["0", "1", "2", "3"]
    kinds = [attrs["class"] for _, attrs in page.all_of("div") if attrs.get("class", "").startswith("alert")]
    assert kinds == ["alert critical", "alert warning", "alert notice", "alert warning taken"]


def test_an_alert_that_another_one_is_the_reason_of_says_so() -> None:
    page = shown(alerts=[ALERT | {"held_back_by": "source_silent:police"}])
    assert "held back: source_silent:police speaks for it" in page.text
    assert "Take it" not in page.text


def test_a_runbook_is_linked_to_where_the_texts_are() -> None:
    alert = ALERT | {"what_to_do": "docs/runbooks/incidents.md says more"}
    for docs, more in (("/ketenbalans/", {}), ("https://git.example/x/", {"target": "_blank", "rel": "noopener"})):
        links = shown(alerts=[alert], docs=docs).all_of("a")
        assert ("a", {"href": f"{docs}docs/runbooks/alerts.md#unexplained", **more}) in links
        assert ("a", {"href": f"{docs}docs/runbooks/incidents.md"}) in links
    assert not [attrs for _, attrs in shown(alerts=[alert], docs=None).all_of("a") if "docs/" in attrs["href"]]


@pytest.mark.parametrize(
    ("checked", "said"),
    [
        ({}, "not checked yet"),
        ({"quality": "passed 9 expectations", "quality_passed": True}, "passed 9 expectations"),
        (
            {"quality": "does not meet 1 of 9 expectations", "data_docs": "files/quality/police_deliveries/index.html"},
            "does not meet 1 of 9 expectations data docs",
        ),
    ],
)
def test_a_source_says_what_the_newest_check_of_its_data_found(checked: dict[str, Any], said: str) -> None:
    page = shown(sources=[WELL | checked])
    assert " ".join(page.tables[0].rows[0][4].split()) == said
    if "data_docs" in checked:
        link = {"href": f"/ketenbalans/{checked['data_docs']}", "aria-label": "data docs of police_deliveries"}
        assert ("a", link) in page.tags


def test_every_table_has_a_caption() -> None:
    assert all(table.caption for table in shown(sources=[WELL], balances=[BALANCE]).tables)


def test_who_may_act_takes_an_alert_with_a_form_of_its_own_and_who_may_not_sees_none() -> None:
    page = shown(alerts=[ALERT], may_act=True)
    action = "alerts/unexplained:2014/acknowledge"
    assert page.all_of("form") == [("form", {"method": "post", "action": f"/ketenbalans/{action}", "class": "act"})]
    assert ("input", {"type": "hidden", "name": "form_token", "value": f"token-of-{action}"}) in page.tags
    assert shown(alerts=[ALERT]).all_of("form") == []


def test_a_page_that_is_open_to_everybody_says_so() -> None:
    page = draw("overview.html.j2", a_visit(may_be_anybody=True), here="", overview=NOTHING)
    assert "Open to everybody" in page
    assert "may look and not act" in draw("overview.html.j2", a_visit(may_act=False), here="", overview=NOTHING)


NOTHING = Overview(as_of=None, sources=[], balances=[], alerts=[], reports=[])
