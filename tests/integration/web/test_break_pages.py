"""Breaks and suggestions on their pages: every break once on a walk, and what is done there is what the verb does."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.breaks.break_pages import BREAKS_ON_A_PAGE, read_break_page
from ketenbalans.jobs.breaks.decisions import decide
from ketenbalans.jobs.breaks.standing import StandingMemory
from ketenbalans.jobs.breaks.verbs import BreakAct, act_on_breaks
from ketenbalans.jobs.breaks.work_list import ORDERS, BreakQuestion, list_breaks
from ketenbalans.settings import Settings
from schemas.breaks import BreakState, BreakStep
from schemas.decisions import Decision, Pair
from schemas.period import AMSTERDAM, Period
from tests.integration.command_line import in_this_process
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, load_rows, om, police
from tests.integration.web.pages import Answered, Pages

pytestmark = pytest.mark.stack

YEAR = Period.of_year(2014)
SETTINGS = Settings()
POLICY = SETTINGS.read_policy()
BALANCED_ON, LATER, DECIDED_ON = date(2014, 12, 31), date(2015, 3, 31), date(2015, 1, 5)
DELIVERED = 2 * BREAKS_ON_A_PAGE + 17
MISSING = [f"2014-police-PL0900-2014000{place:03d}-1" for place in range(1, DELIVERED + 1)]
SUGGESTED = [f"2014-police-PL0600-2014777{place}00-1" for place in (1, 2, 3)]
EVERY_STATE = [state.value for state in BreakState]


def suspect(place: int) -> dict[str, Any]:
    """One whom nobody registered; they were delivered on some days, in two units."""
    day = date(2014, 3, 1) + timedelta(days=place % 40)
    unit = "PL0900" if place % 3 else "PL1300"
    number = {"dossier_number": f"PL0900-2014000{place:03d}", "person_token": f"{place:064x}"}
    return police(f"p{place}", datetime(2014, 3, 1, 9, tzinfo=UTC), delivered_on=day, unit=unit, **number)


@pytest.fixture
def warehouse(engine: Engine) -> Engine:
    """Two pages and a part of breaks that are open, and three suspects whose number the OM mistyped."""
    moment = datetime(2014, 6, 1, 9, tzinfo=UTC)
    rows = [suspect(place) for place in range(1, DELIVERED + 1)]
    registrations = []
    for place in (1, 2, 3):
        number, typed = f"PL0600-2014777{place}00", f"PL0600-2014777{place}09"
        rows.append(
            police(f"s{place}", moment, dossier_number=number, person_token=f"{900 + place:064x}", unit="PL0600")
        )
        typed_as = {"dossier_number": typed, "dossier_number_as_reported": typed}
        case = {"case_number": f"05000{place}0014", "registered_on": date(2014, 7, 1)}
        registrations.append(om(f"o{place}", moment, **typed_as, **case))
    load_rows(engine, POLICE, rows)
    load_rows(engine, OM, registrations)
    for place, source in enumerate((POLICE, OM)):
        row = control(str(place), source.name, date(2015, 7, 31), topic_id="none", offsets="{}")
        load_rows(engine, EXTRACTS, [row], topic_id=f"E{place}")
    balance(engine, BALANCED_ON)
    return engine


def balance(engine: Engine, as_of: date) -> None:
    reconcile(engine, SETTINGS, period=YEAR, as_of=as_of, policy=POLICY, keeps_breaks=True)


def register(engine: Engine, *places: int) -> None:
    """Let the OM register some of the missing: the next balance resolves their breaks."""
    recorded = datetime(2015, 2, 1, 9, tzinfo=UTC)
    rows = [
        om(
            f"late{place}",
            recorded,
            case_number=f"09000{place:03d}14",
            person_token=f"{place:064x}",
            dossier_number=f"PL0900-2014000{place:03d}",
            dossier_number_as_reported=f"PL0900-2014000{place:03d}",
            registered_on=date(2014, 12, 1),
        )
        for place in places
    ]
    load_rows(engine, OM, rows)


def take(engine: Engine, *break_ids: str, on: date = DECIDED_ON) -> None:
    act = BreakAct(verdict=BreakStep.ACKNOWLEDGED, by="desk-2", on=on, note="asked the office")
    act_on_breaks(engine, break_ids, act)


def about_a_pair(verdict: BreakStep) -> Decision:
    """What somebody else decides about the first suggestion."""
    pair = Pair(dossier_number="PL0600-2014777100", suspect_number=1, case_number="0500010014")
    return Decision(verdict=verdict, pair=pair, decided_by="desk-2", decided_on=DECIDED_ON)


def kept(engine: Engine) -> list[tuple[Any, ...]]:
    """Every decision that is kept, but for its number, its id, its moment and how it is known who decided."""
    columns = (
        "verdict, break_id, dossier_number, suspect_number, case_number, owner, note, accepted_cause, accepted_until, "
        "decided_by, decided_on"
    )
    with engine.connect() as connection:
        return list(map(tuple, connection.execute(text(f"SELECT {columns} FROM decision ORDER BY decision_number"))))


def ids_of(answer: Answered) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]+/breaks/([^"]+)"', answer.html)


def ticked(answer: Answered, *break_ids: str) -> list[str]:
    """What the boxes of some breaks send."""
    boxes = map(unescape, re.findall(r'name="chosen" value="([^"]+)"', answer.html))
    return [box for box in boxes if box.partition(" ")[0] in break_ids]


def link(answer: Answered, name: str) -> str:
    """Where a link leads, below the first page."""
    (found,) = [address for address, words in answer.markup.links if words == name]
    return found.removeprefix("/ketenbalans/")


def test_what_was_read_before_a_decision_or_a_balance_is_as_if_it_were_read_anew(warehouse: Engine) -> None:
    memory = StandingMemory()
    register(warehouse, 8)
    for change in (
        lambda: None,
        lambda: take(warehouse, *MISSING[:3]),
        lambda: decide(warehouse, about_a_pair(BreakStep.CONFIRMED)),
        lambda: balance(warehouse, LATER),
        lambda: take(warehouse, MISSING[5], on=date(2015, 6, 1)),
        lambda: act_on_breaks(
            warehouse, MISSING[:1], BreakAct(verdict=BreakStep.RELEASED, by="desk-2", on=date(2015, 6, 2))
        ),
    ):
        change()
        kept_on, anew = memory.read(warehouse), StandingMemory().read(warehouse)
        assert kept_on.rows.equals(anew.rows)
        assert kept_on.suggestions.equals(anew.suggestions)
        listed = list_breaks(warehouse, BreakQuestion(), policy=POLICY)
        assert listed is not None
        assert kept_on.rows.equals(listed.rows)


@pytest.mark.parametrize("order", list(ORDERS))
def test_a_walk_gives_every_break_once_in_its_order_whatever_happens_meanwhile(warehouse: Engine, order: str) -> None:
    asked = BreakQuestion(order=order, wanted={"state": EVERY_STATE})
    listed = list_breaks(warehouse, asked, policy=POLICY)
    assert listed is not None
    memory = StandingMemory(rows_in_memory=1)  # what was read is let go of, and read again
    found = read_break_page(warehouse, asked, memory=memory)
    assert (found.in_all, found.is_newest, len(found.breaks)) == (listed.rows.height, True, BREAKS_ON_A_PAGE)
    walked = [one.break_id for one in found.breaks]
    register(warehouse, 1, 40, 99, DELIVERED)
    balance(warehouse, LATER)
    take(warehouse, MISSING[70], walked[-1] if walked[-1] in MISSING[1:39] else MISSING[50], on=LATER)
    up_to = found.moment
    while found.next_after is not None:
        found = read_break_page(warehouse, asked, after=found.next_after, up_to=up_to, memory=memory)
        assert not found.is_newest
        walked += [one.break_id for one in found.breaks]
        now = list_breaks(warehouse, BreakQuestion(), policy=POLICY)
        assert now is not None
        states = dict(now.rows.select("break_id", "state").iter_rows())
        assert {one.break_id: one.state for one in found.breaks}.items() <= states.items(), "as each stands now"
    assert walked == listed.rows["break_id"].to_list()


def test_the_links_walk_every_page_and_filters_stay(pages: Pages, warehouse: Engine) -> None:
    answer = pages.get("breaks?unit=PL1300&order=id")
    wanted = [one for place, one in enumerate(MISSING, start=1) if place % 3 == 0]
    assert ids_of(answer) == wanted
    answer = pages.get("breaks?cause=missing&order=id")
    walked = ids_of(answer)
    while "Next page" in answer.text:
        answer = pages.get(link(answer, "Next page"))
        assert "cause=missing" in link(answer, "First page")
        walked += ids_of(answer)
    assert walked == MISSING
    assert ids_of(pages.get("breaks?days=1")) == []
    assert pages.get("breaks?days=0").status == 200
    for no_question in ("year=x", "state=x", "cause=x", "order=x", "days=x", "at=x", "at=1.2.x"):
        assert pages.get(f"breaks?{no_question}").status == 400, no_question


ON_THE_PAGE: list[tuple[str, str, dict[str, str], tuple[str, ...]]] = [
    ("acknowledge", MISSING[0], {"owner": "desk-9", "note": "asked"}, ("--owner", "desk-9", "--note", "asked")),
    ("accept", MISSING[1], {"note": "known", "until": "2027-01-31"}, ("--note", "known", "--until", "2027-01-31")),
    ("assign", MISSING[0], {"owner": "desk-3"}, ("--to", "desk-3", "--from", "desk-9")),
    ("release", MISSING[1], {}, ()),
    ("confirm", SUGGESTED[0], {}, ()),
    ("reject", SUGGESTED[1], {}, ()),
    ("confirm", MISSING[2], {"case": "05/000300-14"}, ("--case", "0500030014")),
]


def test_what_is_done_on_the_page_is_what_the_verb_does(
    pages: Pages, warehouse: Engine, copy_of: Callable[[Engine], Engine]
) -> None:
    other = copy_of(warehouse)
    today = datetime.now(AMSTERDAM).date()
    for verb, break_id, typed, said in ON_THE_PAGE:
        shown = pages.get(f"breaks/{break_id}")
        named = [one for one in shown.markup.posts if one.action.endswith(f"/{break_id}/{verb}")]
        (form,) = [one for one in named if ("case" in one.fields) == ("case" in typed)]
        answer = pages.send(form, **typed)
        assert answer.status == 303, answer.text
        assert "decided by anna" in pages.get(answer.leads_to).text
        ended = in_this_process("breaks", verb, break_id, *said, "--by", "anna", "--on", today, engine=other)
        assert ended.code == 0, ended.err
    back = pages.sent_from(f"breaks/{SUGGESTED[1]}", f"breaks/{SUGGESTED[1]}/take-back")
    assert "taken_back" in back.text
    assert "ketenbalans reconcile --period 2014" in back.text
    pair = ("--dossier", "PL0600-2014777200", "--suspect", "1", "--case", "0500020014")
    in_this_process("breaks", "take-back", *pair, "--by", "anna", "--on", today, engine=other)
    assert kept(warehouse) == kept(other)
    assert len(kept(warehouse)) == len(ON_THE_PAGE) + 1
    with warehouse.connect() as connection:
        assert set(connection.scalars(text("SELECT identity FROM decision"))) == {"signed_in"}


def test_only_what_can_be_done_is_offered(pages: Pages, warehouse: Engine) -> None:
    def offered(break_id: str) -> set[str]:
        return {one.action.rpartition("/")[2] for one in pages.get(f"breaks/{break_id}").markup.posts}

    assert offered(MISSING[0]) == {"acknowledge", "assign", "accept", "confirm", "reject"}
    take(warehouse, MISSING[0])
    assert offered(MISSING[0]) == {"assign", "release", "confirm", "reject"}
    decide(warehouse, about_a_pair(BreakStep.REJECTED))
    assert offered(SUGGESTED[0]) == {"acknowledge", "assign", "accept", "take-back"}
    register(warehouse, 5)
    balance(warehouse, LATER)
    assert offered(MISSING[4]) == set()


def test_a_break_that_was_decided_about_meanwhile_is_refused_with_what_changed(pages: Pages, warehouse: Engine) -> None:
    opened = pages.get(f"breaks/{MISSING[0]}")
    take(warehouse, MISSING[0])
    before = kept(warehouse)
    answer = pages.send(opened.form(f"breaks/{MISSING[0]}/accept"), note="known <b>since</b> long")
    assert answer.status == 409
    assert "state was open and is acknowledged; owner was - and is desk-2" in answer.text
    assert kept(warehouse) == before
    refused = pages.sent_from(f"breaks/{MISSING[1]}", f"breaks/{MISSING[1]}/accept", note="x" * 201)
    assert refused.status == 409
    assert "a note has 1 to 200 characters" in refused.text
    assert "x" * 201 in refused.html, "what was typed is there again"


def test_hostile_text_is_shown_as_text(pages: Pages, warehouse: Engine) -> None:
    note = "<script>alert(1)</script>\" onfocus='x"
    answer = pages.sent_from(f"breaks/{MISSING[0]}", f"breaks/{MISSING[0]}/acknowledge", note=note)
    assert note in answer.text
    assert "<script>alert" not in answer.html
    for where in ("breaks?owner=%3Cscript%3Ealert(1)%3C/script%3E", "breaks/%3Cscript%3Ealert(1)", "breaks/2014-%00"):
        assert "<script>alert" not in pages.get(where).html
    assert pages.get("breaks/2014-%00").status == 404
    assert pages.get("breaks?after=%00%27&at=0.0.0").status == 200
    refused = pages.sent_from(f"breaks/{MISSING[1]}", f"breaks/{MISSING[1]}/assign", owner='"><script>alert(1)')
    assert refused.status == 409
    assert "<script>alert" not in refused.html


def test_several_are_decided_about_together_all_or_none(pages: Pages, warehouse: Engine) -> None:
    listed = pages.get("breaks?cause=missing&order=id")
    form = listed.form("breaks")
    take(warehouse, MISSING[2])
    some: dict[str, Any] = {"chosen": ticked(listed, *MISSING[:3]), "verb": "acknowledge", "note": "asked the office"}
    refused = pages.send_all(form, **some)
    assert refused.status == 409
    assert "1 of 3 cannot be decided about, so nothing was kept:<br>break" in refused.html, "a line for each"
    assert f"break {MISSING[2]} is no longer as it was shown: state was open and is acknowledged" in refused.text
    assert len(kept(warehouse)) == 1
    form = pages.get("breaks?cause=missing&order=id").form("breaks")
    answer = pages.send_all(form, **{**some, "chosen": ticked(listed, *MISSING[:2])})
    assert answer.status == 303
    shown = pages.get(answer.leads_to)
    assert "acknowledged, 2 breaks" in shown.text
    assert [row[:2] for row in kept(warehouse)[1:]] == [("acknowledged", one) for one in MISSING[:2]]
    nothing = pages.send_all(pages.get("breaks").form("breaks"), verb="accept", note="x")
    assert (nothing.status, "tick the breaks" in nothing.text) == (409, True)


def test_suggestions_come_one_after_another_until_none_is_left(pages: Pages, warehouse: Engine) -> None:
    first = pages.get("suggestions")
    assert "Suggestion 1 of 3 that are left" in first.text
    assert "≠ dossier number" in first.text
    assert "registered 30 days later" in first.text
    later = pages.get(link(first, "Later: the next one"))
    assert SUGGESTED[1] in later.text
    assert SUGGESTED[0] in pages.get(link(later, "Previous")).text
    answer = pages.send(later.form(f"breaks/{SUGGESTED[1]}/confirm"))
    third = pages.get(answer.leads_to)
    assert "confirmed: PL0600-2014777200/1 with 0500020014; decided by anna" in third.text
    assert f"Suggestion 2 of 2 that are left: {SUGGESTED[2]}" in third.text
    end = pages.sent_from(answer.leads_to, f"breaks/{SUGGESTED[2]}/reject")
    assert "No suggestion comes after it" in end.text
    again = pages.get(link(end, "begin at the first"))
    assert f"Suggestion 1 of 1 that are left: {SUGGESTED[0]}" in again.text
    decide(warehouse, about_a_pair(BreakStep.REJECTED))
    refused = pages.send(again.form(f"breaks/{SUGGESTED[0]}/confirm"))
    assert refused.status == 409
    assert "is no longer as it was shown: desk-2 decided on 2015-01-05" in refused.text
    assert "No suggestion waits for anybody" in pages.get("suggestions").text
    assert "No suggestion waits" in pages.get("suggestions?year=2013").text


def test_the_keys_can_be_switched_off(pages: Pages, warehouse: Engine) -> None:
    on = pages.get("suggestions")
    off = pages.get(link(on, "Switch the keys off"))
    assert ("keydown" in on.html, "keydown" in off.html, "<kbd>" in off.html) == (True, False, False)
    later = pages.get(link(off, "Later: the next one"))
    assert "keydown" not in later.html


def test_a_viewer_sees_no_form_and_is_refused(pages: Pages, warehouse: Engine) -> None:
    take(warehouse, MISSING[0])
    looks = pages.as_("vera", "viewer")
    for place in ("breaks", f"breaks/{MISSING[0]}", f"breaks/{SUGGESTED[0]}", "suggestions"):
        shown = looks.get(place)
        assert shown.status == 200
        assert shown.markup.posts == []
    before = kept(warehouse)
    for place in (f"breaks/{MISSING[0]}/release", "breaks"):
        assert looks.post(place).status == 403
        assert pages.post(place).status == 403, "from no page of ours"
    assert kept(warehouse) == before
