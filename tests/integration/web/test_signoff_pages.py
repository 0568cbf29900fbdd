"""Sign-off on its pages, by several people: what is done there is what the job does, and what it refuses is said."""

import pytest
from sqlalchemy import Engine

from ketenbalans.jobs.signoff.reading import list_signoffs, show_signoff
from ketenbalans.signoff.standing import Signoff
from schemas.signoff import SignoffState
from tests.integration.signoff.a_desk import AS_OF, comes_late, fill, prepared, reconcile_on, signed
from tests.integration.web.pages import Pages

pytestmark = pytest.mark.stack

NOTE = "a wrong extract"


@pytest.fixture
def desk(pages: Pages, engine: Engine) -> Pages:
    """The pages with a balance of 2014 that can be prepared, and anna at them."""
    fill(engine)
    reconcile_on(engine, AS_OF)
    return pages


def the_one(engine: Engine) -> Signoff:
    (found,) = list_signoffs(engine)
    return found


def test_two_people_sign_on_the_page(desk: Pages, engine: Engine) -> None:
    page = desk.sent_from("signoffs", "signoffs/prepare")
    one = the_one(engine)
    assert page.status == 200
    assert "The figures were prepared by anna." in page.text
    assert "another person has to approve them" in page.text
    assert (one.state, one.as_of) == (SignoffState.PREPARED, AS_OF)

    page = desk.as_("ben").sent_from(f"signoffs/{one.set_id}", f"signoffs/{one.set_id}/approve")
    assert "The figures were approved by ben." in page.text
    assert the_one(engine).state is SignoffState.APPROVED
    assert [(step.act.value, step.by) for step in the_one(engine).acts] == [("prepared", "anna"), ("approved", "ben")]
    listed = desk.get("signoffs?year=2014").text
    assert f"{one.short_id} 2014 {AS_OF} approved" in listed


def test_whoever_prepared_does_not_approve_whatever_form_is_sent(desk: Pages, engine: Engine) -> None:
    one = prepared(engine)
    of_ben = desk.as_("ben").get(f"signoffs/{one.set_id}").form(f"signoffs/{one.set_id}/approve")
    assert desk.send(of_ben).status == 403, "the form of another"
    mine = desk.get(f"signoffs/{one.set_id}").markup.posts
    assert [form.action.rpartition("/")[2] for form in mine] == ["withdraw"]
    assert the_one(engine).state is SignoffState.PREPARED


def test_of_two_who_approve_one_learns_that_the_other_did(desk: Pages, engine: Engine) -> None:
    one = prepared(engine)
    place = f"signoffs/{one.set_id}"
    forms = {who: desk.as_(who).get(place).form(f"{place}/approve") for who in ("ben", "carl")}
    assert desk.as_("ben").send(forms["ben"]).status == 303
    refused = desk.as_("carl").send(forms["carl"])
    assert refused.status == 409
    assert "Nothing was kept." in refused.text
    assert "ben" in refused.text
    assert [step.by for step in the_one(engine).acts] == ["anna", "ben"]


def test_withdrawing_needs_a_note_and_keeps_it(desk: Pages, engine: Engine) -> None:
    one = signed(engine)
    place = f"signoffs/{one.set_id}"
    refused = desk.sent_from(place, f"{place}/withdraw", note=" ")
    assert refused.status == 409
    assert the_one(engine).state is SignoffState.APPROVED
    page = desk.sent_from(place, f"{place}/withdraw", note=NOTE)
    assert f"withdrawn by anna, {the_one(engine).acts[-1].at:%Y}" in page.text
    assert NOTE in page.text
    assert the_one(engine).state is SignoffState.WITHDRAWN


def test_late_data_makes_it_void_and_the_page_names_what_moved(desk: Pages, engine: Engine) -> None:
    one = signed(engine)
    comes_late(engine, 4)
    reconcile_on(engine, AS_OF)
    found = show_signoff(engine, one.set_id)
    assert found.movement is not None
    page = desk.as_("carl").get(f"signoffs/{one.set_id}")
    assert found.movement.breaks[0].break_id in page.text
    assert "1 of om_registrations" in page.text
    assert "void" in page.text
    assert page.markup.posts == [], "nobody approves what is void, and only who signed withdraws"
    assert "gap 3 is now 2" in desk.get("signoffs").text


def test_what_was_void_when_it_was_approved_is_refused_with_what_moved(desk: Pages, engine: Engine) -> None:
    one = prepared(engine)
    form = desk.as_("ben").get(f"signoffs/{one.set_id}").form(f"signoffs/{one.set_id}/approve")
    comes_late(engine, 4)
    refused = desk.as_("ben").send(form)
    assert refused.status == 409
    assert "is void" in refused.text


def test_what_nobody_can_prepare_is_refused_in_a_sentence(desk: Pages, engine: Engine) -> None:
    form = desk.get("signoffs").form("signoffs/prepare")
    for question in ("2014 2015-03-31", "1999 2015-01-31", "2014", "", "x" * 5_000):
        fresh = desk.get("signoffs").form("signoffs/prepare")
        refused = desk.send(fresh, question=question)
        assert refused.status == 409, question[:20]
        assert "Nothing was kept." in refused.text
    assert list_signoffs(engine) == []
    assert form.fields["question"] == f"2014 {AS_OF}"


def test_a_set_that_is_not_there_is_not_found(desk: Pages) -> None:
    assert desk.get(f"signoffs/{'0' * 64}").status == 404
