"""Incidents, dead letters and the audit chain on their pages: what is done there is what the verb does."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, select

from ketenbalans.incidents.checks import CoversLess
from ketenbalans.jobs.audit.checkpoints import FILE, AuditBroken, write_checkpoint
from ketenbalans.jobs.loading.dead_letters import discard, show_letter
from ketenbalans.jobs.loading.resuming import list_incidents, resume_incident, show_incident
from schemas.alerts import AUDIT
from schemas.dead_letters import LetterState, LetterStep
from tests.integration.audit.a_chain import decide, fill
from tests.integration.poison import TOKEN, poison
from tests.integration.topics import messages, suspects
from tests.integration.warehouse.rows import POLICE
from tests.integration.web.kept_letters import keep_letters
from tests.integration.web.pages import PLACE, Answered, Pages
from warehouse.dead_letters import DeadLetterEvent, keep_steps, read_letters
from warehouse.incidents import end_incidents, keep_incident
from warehouse.tables.audit import AUDIT_ENTRY

pytestmark = pytest.mark.stack

NOTE = "looked at with the source"
SOURCES = ("police_deliveries", "om_registrations")


def stop(engine: Engine, *, subject: str = POLICE.name, mark: str = "m") -> int:
    """Let a source stand still; gives the number of the incident."""
    with engine.begin() as connection:
        keep_incident(connection, subject=subject, kind=str(CoversLess.incident_kind), message="less", mark=mark)
    return list_incidents(engine, also_over=False)[0].incident_id


def ends(engine: Engine, letters: Sequence[int]) -> None:
    """Discard letters by somebody else, meanwhile."""
    with engine.begin() as connection:
        steps = [DeadLetterEvent(dead_letter_id=one, step=LetterStep.DISCARDED, by="ben", note="n") for one in letters]
        keep_steps(connection, steps)


def walked(pages: Pages, first: str) -> Iterator[Answered]:
    """A page and those that follow it, by the link that says so."""
    place: str | None = first
    while place is not None:
        page = pages.get(place)
        assert page.status == 200
        yield page
        following = [link for link, text in page.markup.links if text == "The next ones"]
        place = following[0].removeprefix(PLACE) if following else None


def numbers(page: Answered, pattern: str) -> list[int]:
    return [int(one) for one in re.findall(pattern, page.html)]


def test_resuming_on_the_page_is_what_the_verb_does(pages: Pages, engine: Engine) -> None:
    by_page, by_verb = stop(engine), stop(engine, subject="om_registrations")
    page = pages.sent_from("incidents", f"incidents/{by_page}/resume", note=NOTE)
    assert page.status == 200
    assert f"Incident {by_page} was resumed by anna: {POLICE.name} goes on with its next load." in page.text
    verb = resume_incident(engine, by_verb, by="anna", note=NOTE)
    kept = show_incident(engine, by_page).incident
    its_own = ("incident_id", "subject", "since", "seen_at", "ended_at", "resumed_at", "identity")
    assert {name: value for name, value in vars(kept).items() if name not in its_own} == {
        name: value for name, value in vars(verb).items() if name not in its_own
    }
    assert (kept.identity, verb.identity) == ("signed_in", "declared")
    assert list_incidents(engine, also_over=False) == []


def test_of_two_who_resume_the_first_one_did(pages: Pages, engine: Engine) -> None:
    number = stop(engine)
    of_ben = pages.as_("ben").get("incidents").form(f"incidents/{number}/resume")
    pages.sent_from("incidents", f"incidents/{number}/resume", note=NOTE)
    assert pages.as_("ben").send(of_ben, note="I too").status == 303
    kept = show_incident(engine, number).incident
    assert (kept.by, kept.note) == ("anna", NOTE)


@pytest.mark.parametrize("note", ["", "x" * 201, "two\nlines"])
def test_a_note_that_cannot_be_kept_resumes_nothing_and_is_still_there(pages: Pages, engine: Engine, note: str) -> None:
    number = stop(engine)
    refused = pages.sent_from("incidents", f"incidents/{number}/resume", note=note)
    assert refused.status == 409
    assert "Nothing was kept. a note " in refused.text
    assert refused.form(f"incidents/{number}/resume").fields["note"] == note.replace("\n", "?")
    assert [one.incident_id for one in list_incidents(engine, also_over=False)] == [number]


def test_what_ended_meanwhile_is_not_resumed(pages: Pages, engine: Engine) -> None:
    number = stop(engine)
    form = pages.get("incidents").form(f"incidents/{number}/resume")
    with engine.begin() as connection:
        end_incidents(connection, subject=POLICE.name, kinds=[str(CoversLess.incident_kind)])
    refused = pages.send(form, note=NOTE)
    assert refused.status == 409
    assert "is over since" in refused.text


def test_a_letter_that_is_an_event_now_is_loaded_once(pages: Pages, engine: Engine) -> None:
    (number,) = keep_letters(engine, messages([1]))
    page = pages.sent_from(f"letters/{number}", f"letters/{number}/redrive")
    assert page.status == 200
    assert "It was read again, and its event is loaded" in page.text
    assert suspects(engine) == [1]
    (step,) = show_letter(engine, number).history
    assert (step.step, step.by, step.identity) == ("redriven", "anna", "signed_in")
    assert page.markup.posts == []


def test_a_letter_that_is_none_still_waits_and_the_page_says_why_without_a_value(pages: Pages, engine: Engine) -> None:
    (number,) = keep_letters(engine, [replace(messages([1])[0], value=orjson.dumps({"team": TOKEN}))])
    refused = pages.sent_from(f"letters/{number}", f"letters/{number}/redrive")
    assert refused.status == 409
    assert f"It is no event for the code of today: dead letter {number}, schema: " in refused.text
    assert show_letter(engine, number).letter.state == LetterState.WAITING.value
    assert suspects(engine) == []


def test_no_value_of_any_letter_is_on_a_page(pages: Pages, engine: Engine) -> None:
    kept = keep_letters(engine, poison(1).values())
    shown = [pages.get("letters"), *(pages.get(f"letters/{number}") for number in kept)]
    assert {one.status for one in shown} == {200}
    assert [one for one in shown if TOKEN in one.html] == []


def test_those_of_one_reason_are_read_again_together(pages: Pages, engine: Engine) -> None:
    keep_letters(engine, messages([1, 2]))
    bad = keep_letters(engine, [poison(3)[reason] for reason in poison(3) if reason == "not_json"])
    others = keep_letters(engine, messages([4]), reason="header")
    page = pages.get("letters")
    answer = pages.send(page.form("letters/redrive", reason="unknown_version"))
    assert (answer.status, answer.leads_to) == (303, "letters?redriven=2&waiting=1")
    assert "Read again: 2 are loaded now, 1 still wait." in pages.get(answer.leads_to).text
    assert suspects(engine) == [1, 2]
    with engine.connect() as connection:
        waiting = read_letters(connection, state=LetterState.WAITING)
    assert [one.dead_letter_id for one in waiting] == [*bad, *others]


def test_discarding_on_the_page_is_what_the_verb_does(pages: Pages, engine: Engine) -> None:
    by_page, by_verb = keep_letters(engine, messages([1, 2]))
    page = pages.sent_from(f"letters/{by_page}", f"letters/{by_page}/discard", note=NOTE)
    assert "It is put aside for good, with your note." in page.text
    discard(engine, [by_verb], note=NOTE, by="anna")
    of_page, of_verb = (show_letter(engine, number).history for number in (by_page, by_verb))
    assert [replace(one, at=two.at, identity=two.identity) for one, two in zip(of_page, of_verb, strict=True)] == [
        *of_verb
    ]
    assert [one.identity for one in of_page] == ["signed_in"]


def test_what_was_dealt_with_meanwhile_is_left_as_it_is(pages: Pages, engine: Engine) -> None:
    (number,) = keep_letters(engine, messages([1]))
    opened = pages.get(f"letters/{number}")
    ends(engine, [number])
    for act, typed in (("discard", {"note": NOTE}), ("redrive", {})):
        refused = pages.send(opened.form(f"letters/{number}/{act}"), **typed)
        assert refused.status == 409
        assert f"dead letter {number} was discarded by ben" in refused.text
    assert suspects(engine) == []
    assert [one.by for one in show_letter(engine, number).history] == ["ben"]


def test_a_letter_that_is_not_there_is_not_found(pages: Pages) -> None:
    assert pages.get("letters/4").status == 404


@pytest.mark.parametrize("asked", ["", "?source=om_registrations", "?reason=header", "?state=discarded"])
def test_the_pages_of_letters_hold_each_once_whatever_comes_meanwhile(pages: Pages, engine: Engine, asked: str) -> None:
    kept = []
    for place in range(6):
        fields = {"source": SOURCES[place % 2], "reason": "header" if place % 3 else "schema"}
        kept += keep_letters(engine, messages(range(1, 31)), **fields)
    ends(engine, kept[::3])
    found: list[int] = []
    with engine.connect() as connection:
        conditions: dict[str, Any] = dict(one.split("=") for one in asked.removeprefix("?").split("&") if one)
        state = LetterState.of(conditions.pop("state", "waiting"))
        expected = [one.dead_letter_id for one in read_letters(connection, state=state, **conditions)]
    for page in walked(pages, f"letters{asked}"):
        on_it = numbers(page, r'letters/(\d+)"')
        assert len(on_it) <= 50
        found += on_it
        if state is LetterState.WAITING:
            ends(engine, on_it[:1])  # which is behind the walk already
    assert len(found) > 50
    assert found == expected


def test_the_pages_of_the_chain_hold_each_entry_once_whatever_is_sealed_meanwhile(pages: Pages, engine: Engine) -> None:
    fill(engine, rounds=21)
    with engine.connect() as connection:
        expected = sorted(connection.scalars(select(AUDIT_ENTRY.c.entry_number)), reverse=True)
    found: list[int] = []
    for page in walked(pages, "audit"):
        on_it = numbers(page, r'<th scope="row">(\d+)</th>')
        assert len(on_it) <= 50
        found += on_it
        with engine.begin() as connection:
            decide(connection)
    assert len(found) > 100
    assert found == expected


def test_the_page_of_the_chain_says_how_far_it_is_signed_and_what_stands(
    pages: Pages, engine: Engine, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    at_home = pages.of(engine, KETENBALANS_HOME=str(home))
    assert "Signed nothing yet" in at_home.get("audit").text
    fill(engine, rounds=1)
    signed = write_checkpoint(engine, home)
    with engine.begin() as connection:
        decide(connection)
    page = at_home.get("audit").text
    assert f"Entries {signed.size + 1} Signed {signed.size} of them, at" in page
    assert f"by key {signed.key_id}" in page
    assert "nothing that was found stands" in page
    assert "A person decided about a pair of records or about a break." in page

    broken = AuditBroken("edited: row 1 of decision no longer says what entry 1 sealed")
    with engine.begin() as connection:
        keep_incident(connection, subject=AUDIT, kind=str(broken.incident_kind), message=str(broken), mark=broken.mark)
    assert "row 1 of decision no longer says what entry 1 sealed" in at_home.get("audit").text
    with (home / FILE).open("a") as file:
        file.write("no checkpoint\n")
    page = at_home.get("audit").text
    assert "is no JSON object" in page
    assert "Signed not as far as can be trusted" in page
