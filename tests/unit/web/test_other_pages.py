"""Incidents, dead letters and the audit chain as pages: whatever is stored is text, and a viewer is offered no form."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ketenbalans.jobs.audit.entries import ListedEntry
from ketenbalans.jobs.loading.dead_letters import LetterHistoryStep, ShownLetter
from ketenbalans.jobs.pages.audit_chain import ChainShown, EntryShown, LastSigned
from ketenbalans.jobs.pages.incidents import IncidentsShown, StandingIncident
from ketenbalans.jobs.pages.letters import LettersShown, WaitingLetters
from ketenbalans.web.drawing import draw
from schemas.dead_letters import LetterState
from schemas.wire.refusals import Reason
from tests.unit.an_incident import incident_of
from tests.unit.web.a_visit import ANNA, visit_of
from tests.unit.web.markup import Markup
from warehouse.dead_letters import KeptLetter

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x1b'


def letter_of(**differences: Any) -> KeptLetter:
    """A letter that waits, but for the fields that are given; whatever a source can say of it is hostile."""
    fields: dict[str, Any] = {
        "dead_letter_id": 5,
        "source": HOSTILE,
        "topic": HOSTILE,
        "topic_id": HOSTILE,
        "partition": 0,
        "offset": 1,
        "reason": HOSTILE,
        "column": HOSTILE,
        "rule": HOSTILE,
        "failed_at": AT,
        "form": "message",
        "last_offset": None,
        "state": "waiting",
        "published_at": None,
        "key_bytes": None,
        "value_bytes": 12,
    }
    return KeptLetter(**(fields | differences))


def incidents() -> Mapping[str, Any]:
    running = incident_of(subject=HOSTILE, kind=HOSTILE, message=HOSTILE)
    over = incident_of(incident_id=6, by=HOSTILE, note=HOSTILE, resumed_at=AT, ended_at=AT, identity="signed_in")
    stopped = StandingIncident(
        incident=running, meaning=HOSTILE, resumed_means=HOSTILE, what_to_do=None, runbook="docs/runbooks/alerts.md#y"
    )
    other = StandingIncident(
        incident=incident_of(incident_id=8),
        meaning="m",
        resumed_means=None,
        what_to_do=HOSTILE,
        runbook="docs/audit.md#b",
    )
    return {"found": IncidentsShown(running=[stopped, other], over=[over]), "typed": {7: HOSTILE}}


def letters() -> Mapping[str, Any]:
    waiting = [WaitingLetters(source=HOSTILE, reason=HOSTILE, meaning=HOSTILE, letters=3)]
    return {
        "found": LettersShown(waiting=waiting, letters=[letter_of()], following=5),
        "asked": {"source": HOSTILE, "reason": HOSTILE, "state": "waiting"},
        "after": 1,
        "sources": ["police_deliveries"],
        "reasons": list(Reason),
        "states": list(LetterState),
    }


def letter() -> Mapping[str, Any]:
    step = LetterHistoryStep(
        step="published", at=AT, by=HOSTILE, identity="signed_in", note=HOSTILE, partition=0, offset=1
    )
    found = ShownLetter(letter=letter_of(), means=HOSTILE, form_means="f", headers=(HOSTILE,), history=(step,))
    return {"found": found, "typed": HOSTILE}


def audit() -> Mapping[str, Any]:
    entry = ListedEntry(entry_number=3, kind=HOSTILE, subject=HOSTILE, sealed_at=AT, hash=HOSTILE)
    found = ChainShown(
        entries=3,
        signed=LastSigned(size=2, at=AT, key_id="0" * 16),
        untrusted=HOSTILE,
        finding=incident_of(message=HOSTILE),
        last_finding=incident_of(ended_at=AT),
        listed=[EntryShown(entry=entry, meaning=HOSTILE, table=HOSTILE)],
        following=3,
    )
    return {"found": found, "before": 9}


PAGES = {"incidents": incidents, "letters": letters, "letter": letter, "audit": audit}
ACTS = {
    "incidents": ["incidents/7/resume"],
    "letters": ["letters/redrive"],
    "letter": ["letters/5/redrive", "letters/5/discard"],
    "audit": [],
}

of_each_page = pytest.mark.parametrize("name", PAGES)


def drawn(name: str, **said: Any) -> str:
    return draw(f"{name}.html.j2", said.pop("visit", ANNA), here=name, **PAGES[name](), **said)


@of_each_page
def test_whatever_is_stored_or_typed_is_text(name: str) -> None:
    page = drawn(name, refused=HOSTILE)
    assert "alert(1)" in page
    found = Markup(page)
    assert (found.tags.count("script"), found.tags.count("img")) == (1, 0), "the one script of every page"
    assert found.unclosed == []
    assert not {"\u202e", "\x1b"} & set(page)


@of_each_page
def test_who_may_act_is_offered_forms_each_with_a_token_of_its_own(name: str) -> None:
    posts = Markup(drawn(name)).posts
    assert [one.action.removeprefix("/ketenbalans/") for one in posts] == ACTS[name]
    assert [one.fields["form_token"] for one in posts] == [f"token for {path}" for path in ACTS[name]]


@of_each_page
def test_a_viewer_is_offered_none(name: str) -> None:
    assert Markup(drawn(name, visit=visit_of(may_act=False))).posts == []


@of_each_page
def test_every_field_has_a_label_and_every_id_is_there_once(name: str) -> None:
    found = Markup(drawn(name))
    assert found.unlabelled == []
    assert len(found.ids) == len(set(found.ids))
    assert found.referred <= set(found.ids)


def test_what_stops_no_source_is_not_resumed() -> None:
    page = draw("incidents.html.j2", ANNA, here="incidents", **incidents())
    assert "No source stands still for it" in page
    assert "incidents/8/resume" not in page


@pytest.mark.parametrize("state", ["redriven", "discarded"])
def test_a_letter_that_waits_no_more_is_only_shown(state: str) -> None:
    found = ShownLetter(letter=letter_of(state=state), means="m", form_means="f", headers=(), history=())
    page = Markup(draw("letter.html.j2", ANNA, here="letters", found=found, typed=""))
    assert page.posts == []
    assert f"Dead letter 5: {state}" in page.text


def test_what_was_typed_is_still_there_after_a_refusal() -> None:
    (form,) = Markup(drawn("incidents", refused="a note has 1 to 200 characters")).posts
    assert form.fields["note"].startswith('"><script>')
    assert "Nothing was kept." in drawn("incidents", refused="a note has 1 to 200 characters")


def test_a_source_that_stands_still_for_another_incident_is_not_said_to_go_on() -> None:
    resumed = incident_of(incident_id=6, by="anna", note="n", resumed_at=AT, ended_at=AT, identity="signed_in")
    still = StandingIncident(incident=incident_of(), meaning="m", resumed_means="r", what_to_do=None, runbook="d#e")
    alone = IncidentsShown(running=[], over=[resumed]).sentence_of(6)
    assert alone == "Incident 6 was resumed by anna: police_deliveries goes on with its next load."
    both = IncidentsShown(running=[still], over=[resumed]).sentence_of(6)
    assert both == "Incident 6 was resumed by anna: police_deliveries still stands still for 7."
    assert IncidentsShown(running=[still], over=[]).sentence_of(7) is None
