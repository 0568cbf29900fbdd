"""Breaks by example: what one day finds, and what becomes of a break over the days."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ketenbalans.project_policy import project_policy
from tests.reference.breaks import Acceptance, Acknowledgement, Decided, Found, Life, Observation, breaks_of, lives_of
from tests.reference.examples import ANNA, BOB, CASE, FILE, OTHER_CASE, delivery, outcome, registration
from tests.reference.records import Delivery, Registration

# --- One day: cause, state and due day ------------------------------------------------------------------------------

ALLOWANCE = timedelta(days=project_policy().transit_allowance_days)
IN_DECEMBER = date(2014, 12, 1)
DECEMBER = delivery(delivered_on=IN_DECEMBER)
LAST_DAY_OF_WAITING = IN_DECEMBER + ALLOWANCE
ON_IT_AND_PAST_IT = (LAST_DAY_OF_WAITING, LAST_DAY_OF_WAITING + timedelta(days=1))


def found_on(as_of: date, deliveries: tuple[Delivery, ...] = (), registrations: tuple[Registration, ...] = ()) -> Found:
    """Give the break of the first suspect, or that of the only registration."""
    found = breaks_of(outcome(deliveries, registrations, as_of=as_of))
    return found[0]


def states(found: list[Found]) -> set[tuple[str, str, str, date | None]]:
    return {(one.side, one.cause, one.state, one.due_on) for one in found}


def test_in_transit_waits_up_to_and_on_its_due_day_and_is_open_after_it() -> None:
    on_it, past_it = (found_on(day, (DECEMBER,)) for day in ON_IT_AND_PAST_IT)
    assert (on_it.cause, on_it.state, on_it.due_on) == ("in_transit", "waiting", LAST_DAY_OF_WAITING)
    assert (past_it.cause, past_it.state, past_it.due_on) == ("missing", "open", LAST_DAY_OF_WAITING)


def test_a_transferred_one_without_a_link_waits_from_the_day_of_the_transfer() -> None:
    handed_over = delivery(transferred_to="ZEDEN", transferred_on=IN_DECEMBER)
    on_it, past_it = (found_on(day, (handed_over,)) for day in ON_IT_AND_PAST_IT)
    assert (on_it.cause, on_it.state, on_it.due_on) == ("transferred", "waiting", LAST_DAY_OF_WAITING)
    assert (past_it.cause, past_it.state, past_it.due_on) == ("transferred", "open", LAST_DAY_OF_WAITING)


def test_no_police_delivery_waits_from_the_day_of_the_registration() -> None:
    late = registration(registered_on=IN_DECEMBER)
    on_it, past_it = (found_on(day, (), (late,)) for day in ON_IT_AND_PAST_IT)
    assert (on_it.cause, on_it.state, on_it.due_on) == ("no_police_delivery", "waiting", LAST_DAY_OF_WAITING)
    assert (past_it.cause, past_it.state, past_it.due_on) == ("no_police_delivery", "open", LAST_DAY_OF_WAITING)


def test_the_last_five_are_open_at_once_and_have_no_due_day() -> None:
    suggested = outcome(
        (delivery(2),), (registration(dossier_number=FILE, suspect_number=1),), as_of=date(2014, 12, 31)
    )
    assert states(breaks_of(suggested)) == {
        ("police", "suggested", "open", None),
        ("om", "suggested", "open", None),
    }
    withdrawn = outcome((delivery(mutation="withdrawn"),), (registration(dossier_number=FILE),))
    assert states(breaks_of(withdrawn)) == {("om", "delivery_withdrawn", "open", None)}
    same: dict[str, Any] = {"dossier_number": FILE, "suspect_number": 1}
    twice = outcome((delivery(),), (registration(**same), registration(OTHER_CASE, **same)))
    assert states(breaks_of(twice)) == {("om", "duplicate_registration", "open", None)}
    another = outcome((delivery(),), (registration(**same), registration(OTHER_CASE, dossier_number=FILE)))
    assert states(breaks_of(another)) == {("om", "suspect_not_delivered", "open", None)}
    twins = (delivery(1, person_token=ANNA), delivery(2, person_token=ANNA))
    one_registration = outcome(twins, (registration(dossier_number=FILE, suspect_number=1, person_token=ANNA),))
    assert states(breaks_of(one_registration)) == {("police", "duplicate_delivery", "open", None)}


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"mutation": "joined"}, "joined"),
        ({"mutation": "lapsed"}, "lapsed"),
        ({"classification": "ZEDEN"}, "other_classification"),
        ({"registered_on": date(2015, 3, 1)}, "registered_late"),
    ],
)
def test_the_others_are_explained_and_have_no_due_day(fields: dict[str, Any], cause: str) -> None:
    linked = registration(dossier_number=FILE, suspect_number=1, **fields)
    found = breaks_of(outcome((delivery(),), (linked,)))
    assert states(found) == {("police", cause, "explained", None)}


HANDED_OVER = delivery(person_token=ANNA, transferred_to="PL0600", transferred_on=date(2014, 6, 20))
AGAIN = delivery(person_token=ANNA, dossier_number="PL0600-2014000002", unit="PL0600", delivered_on=date(2014, 6, 1))


@pytest.mark.parametrize(
    ("handed_over", "again", "state"),
    [
        (HANDED_OVER, AGAIN, "explained"),  # "by the unit", "on or after its own `delivered_on`"
        (replace(HANDED_OVER, transferred_to="ZEDEN"), replace(AGAIN, team="ZEDEN"), "explained"),  # "or team"
        (HANDED_OVER, replace(AGAIN, dossier_number=FILE, suspect_number=2), "explained"),  # "another record"
        (HANDED_OVER, replace(AGAIN, unit="PL0100"), "open"),
        (replace(HANDED_OVER, transferred_to="pl0600"), AGAIN, "open"),  # "equal to"
        (HANDED_OVER, replace(AGAIN, delivered_on=date(2014, 5, 31)), "open"),
        (HANDED_OVER, replace(AGAIN, mutation="withdrawn"), "open"),
        (HANDED_OVER, replace(AGAIN, person_token=BOB), "open"),
        (replace(HANDED_OVER, person_token=None), replace(AGAIN, person_token=None), "open"),
    ],
)
def test_delivered_again_by_the_one_that_took_it_over(handed_over: Delivery, again: Delivery, state: str) -> None:
    found = found_on(date(2014, 12, 31), (handed_over, again))
    due_on = date(2014, 6, 20) + ALLOWANCE if state == "open" else None
    assert (found.cause, found.state, found.due_on) == ("transferred", state, due_on)


def test_its_own_record_is_not_another_one() -> None:
    to_its_own_unit = replace(HANDED_OVER, transferred_to="PL0900")
    assert found_on(date(2014, 12, 31), (to_its_own_unit,)).state == "open"


def test_a_break_names_the_linked_record_else_the_suggested_one() -> None:
    late = registration(dossier_number=FILE, suspect_number=1, registered_on=date(2015, 3, 1))
    assert found_on(date(2015, 6, 30), (delivery(),), (late,)).case_number == CASE
    slip = registration(dossier_number=FILE, suspect_number=1)
    police, om = breaks_of(outcome((delivery(2),), (slip,)))
    assert (police.record, police.case_number) == ((FILE, 2), CASE)
    assert (om.record, om.dossier_number, om.suspect_number) == (CASE, FILE, 2)
    alone = found_on(date(2015, 6, 30), (), (slip,))
    assert (alone.dossier_number, alone.suspect_number) == (FILE, 1)


# --- Many days ------------------------------------------------------------------------------------------------------

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (date(2015, month, 1) for month in range(1, 6))
SUSPECT = (FILE, 1)
KEY = (2014, "police", SUSPECT)
WAITING = Found("police", SUSPECT, FILE, 1, None, "in_transit", "waiting", LAST_DAY_OF_WAITING)
MISSING = replace(WAITING, cause="missing", state="open")
SUGGESTED = replace(WAITING, case_number=CASE, cause="suggested", state="open", due_on=None)
LATE = replace(SUGGESTED, cause="registered_late", state="explained")


def year(as_of: date, *found: Found, of: int = 2014) -> Observation:
    """Give a balance of a calendar year."""
    return Observation(date(of, 1, 1), date(of, 12, 31), as_of, found)


def taken(decided_on: date, owner: str = "desk-1", number: int = 1, of: int = 2014) -> Acknowledgement:
    return Acknowledgement(of, "police", SUSPECT, owner, "asked the unit", decided_on, number)


def taken_back(decided_on: date, number: int = 2) -> Acknowledgement:
    return replace(taken(decided_on, number=number), is_taken_back=True)


def life(*observations: Observation, decided: tuple[Decided, ...] = (), as_of: date = date(2016, 12, 31)) -> Life:
    """Give the life of the one suspect of these examples."""
    return lives_of(observations, decided, as_of)[KEY]


def test_a_break_keeps_the_day_on_which_it_became_one() -> None:
    """'they keep their id for life and stay open into the next year'."""
    kept = life(year(JANUARY, WAITING), year(FEBRUARY, MISSING), year(date(2016, 6, 1), MISSING))
    assert (kept.state, kept.opened_on, kept.due_on) == ("open", JANUARY, LAST_DAY_OF_WAITING)


def test_a_break_that_only_changes_its_cause_takes_the_new_causes_state() -> None:
    kept = life(year(JANUARY, WAITING), year(FEBRUARY, MISSING), year(MARCH, SUGGESTED), year(APRIL, LATE))
    assert (kept.found.cause, kept.state, kept.opened_on, kept.due_on) == (
        "registered_late",
        "explained",
        JANUARY,
        None,
    )


def test_a_person_takes_an_open_one_with_an_owner_and_a_note() -> None:
    kept = life(year(FEBRUARY, MISSING), decided=(taken(MARCH),))
    assert (kept.state, kept.owner, kept.note) == ("acknowledged", "desk-1", "asked the unit")
    assert (kept.opened_on, kept.due_on) == (FEBRUARY, LAST_DAY_OF_WAITING)


def test_acknowledged_stays_so_while_the_new_one_is_open_and_keeps_its_due_day() -> None:
    kept = life(year(FEBRUARY, MISSING), year(APRIL, SUGGESTED), decided=(taken(MARCH),))
    assert (kept.state, kept.owner, kept.found.cause) == ("acknowledged", "desk-1", "suggested")
    assert kept.due_on == LAST_DAY_OF_WAITING


def test_an_acknowledgement_ends_when_the_break_is_no_longer_open_by_itself() -> None:
    observations = (year(FEBRUARY, MISSING), year(APRIL, LATE), year(MAY, MISSING))
    ended = life(*observations[:2], decided=(taken(MARCH),))
    assert (ended.state, ended.owner) == ("explained", None)
    again = life(*observations, decided=(taken(MARCH),))
    assert (again.state, again.owner, again.opened_on) == ("open", None, FEBRUARY)


@pytest.mark.parametrize("not_open", [WAITING, LATE])
def test_one_that_is_not_open_is_not_taken_neither_then_nor_later(not_open: Found) -> None:
    kept = life(year(JANUARY, not_open), year(MARCH, MISSING), decided=(taken(FEBRUARY),))
    assert (kept.state, kept.owner) == ("open", None)


def test_on_one_day_the_balance_comes_before_the_person() -> None:
    assert life(year(FEBRUARY, MISSING), decided=(taken(FEBRUARY),)).state == "acknowledged"
    assert life(year(JANUARY, MISSING), year(FEBRUARY, LATE), decided=(taken(FEBRUARY),)).state == "explained"


def test_two_persons_do_not_overwrite_each_other() -> None:
    first, second = taken(MARCH), taken(APRIL, "desk-2", 2)
    assert life(year(FEBRUARY, MISSING), decided=(second, first)).owner == "desk-1"
    assert life(year(FEBRUARY, MISSING), decided=(taken(MARCH, "desk-2", 2), first)).owner == "desk-1"


def test_an_acknowledgement_that_is_taken_back_leaves_it_as_the_last_balance_found_it() -> None:
    observations = (year(FEBRUARY, MISSING), year(APRIL, SUGGESTED))
    back = life(*observations, decided=(taken(MARCH), taken_back(MAY)))
    assert (back.state, back.owner, back.note, back.due_on) == ("open", None, None, None)
    other = life(*observations, decided=(taken(MARCH), taken_back(MAY), taken(MAY, "desk-2", 3)))
    assert (other.state, other.owner) == ("acknowledged", "desk-2")


def accepted(decided_on: date, cause: str = "missing", until: date | None = None, number: int = 1) -> Acceptance:
    return Acceptance(2014, "police", SUSPECT, cause, "known", decided_on, number, until)


def test_an_open_one_is_accepted_and_one_that_is_not_open_is_not() -> None:
    kept = life(year(FEBRUARY, MISSING), decided=(accepted(MARCH),))
    assert (kept.state, kept.note, kept.opened_on) == ("accepted", "known", FEBRUARY)
    for not_open in (WAITING, LATE):
        assert life(year(FEBRUARY, not_open), decided=(accepted(MARCH, not_open.cause),)).state == not_open.state
    assert life(year(FEBRUARY, MISSING), decided=(taken(MARCH), accepted(APRIL, number=2))).state == "acknowledged"
    assert life(year(FEBRUARY, MISSING), decided=(accepted(MARCH), taken(APRIL, number=2))).state == "accepted"


def test_an_acceptance_is_of_the_cause_that_was_known() -> None:
    assert life(year(FEBRUARY, SUGGESTED), decided=(accepted(MARCH, "missing"),)).state == "open"
    other = (year(FEBRUARY, MISSING), year(APRIL, SUGGESTED))
    assert life(*other, decided=(accepted(MARCH),)).state == "open"
    assert life(*other, year(MAY, MISSING), decided=(accepted(MARCH),)).state == "open", "it ended for good"
    same = (year(FEBRUARY, MISSING), year(APRIL, MISSING))
    assert life(*same, decided=(accepted(MARCH),)).state == "accepted"


def test_an_acceptance_lasts_up_to_and_on_its_last_day() -> None:
    balance, person = year(FEBRUARY, MISSING), (accepted(MARCH, until=APRIL),)
    assert life(balance, decided=person, as_of=APRIL).state == "accepted"
    after = life(balance, decided=person, as_of=APRIL + timedelta(days=1))
    assert (after.state, after.note) == ("open", None)
    again = (*person, accepted(APRIL + timedelta(days=1), number=2))
    assert life(balance, decided=again, as_of=MAY).state == "accepted"


def test_an_acceptance_that_is_taken_back_leaves_it_as_the_last_balance_found_it() -> None:
    back = life(year(FEBRUARY, MISSING), decided=(accepted(MARCH, until=MAY), taken_back(APRIL)))
    assert (back.state, back.note, back.accepted_until) == ("open", None, None)
    assert life(year(FEBRUARY, MISSING), year(APRIL), decided=(accepted(MARCH),)).state == "resolved"


def test_an_as_of_date_before_a_decision_does_not_see_it() -> None:
    balance, person = year(FEBRUARY, MISSING), (taken(MARCH),)
    assert life(balance, decided=person, as_of=date(2015, 2, 28)).state == "open"
    assert life(balance, decided=person, as_of=MARCH).state == "acknowledged"


def test_resolved_by_itself_on_the_day_of_the_balance_that_found_it_gone() -> None:
    gone = life(year(FEBRUARY, MISSING), year(APRIL), year(MAY), decided=(taken(MARCH),))
    assert (gone.state, gone.opened_on, gone.resolved_on) == ("resolved", FEBRUARY, APRIL)
    assert (gone.due_on, gone.owner) == (LAST_DAY_OF_WAITING, None)
    assert life(year(FEBRUARY, MISSING), year(MARCH), decided=(taken(APRIL),)).state == "resolved"


def test_a_resolved_one_that_is_a_break_again_is_opened_under_its_id() -> None:
    again = life(year(FEBRUARY, MISSING), year(APRIL), year(MAY, LATE), decided=(taken(MARCH),))
    assert (again.state, again.opened_on, again.resolved_on, again.owner) == ("explained", MAY, None, None)


def test_a_look_back_changes_no_break() -> None:
    forward = (year(JANUARY, WAITING), year(MARCH, MISSING))
    look_back = year(FEBRUARY)
    assert life(*forward, look_back) == life(*forward)
    assert life(*forward, look_back, as_of=FEBRUARY) == life(*forward, as_of=FEBRUARY)
    assert life(forward[0], look_back, forward[1]).opened_on == MARCH


def test_the_same_day_again_is_no_look_back() -> None:
    assert life(year(MARCH, MISSING), year(MARCH)).state == "resolved"


def test_another_period_keeps_none() -> None:
    quarter = Observation(date(2014, 10, 1), date(2014, 12, 31), MARCH, (MISSING,))
    assert lives_of([quarter], [taken(MARCH)], MAY) == {}
    assert life(year(JANUARY, WAITING), quarter).state == "waiting"


def test_each_calendar_year_has_its_own() -> None:
    """One per (year, side, record): a corrected day of delivery moves it from one year to the other."""
    balances = [year(FEBRUARY, MISSING), year(MARCH), year(FEBRUARY, of=2015), year(MARCH, MISSING, of=2015)]
    lives = lives_of(balances, [taken(APRIL, of=2015)], MAY)
    assert {key[0]: (one.state, one.opened_on) for key, one in lives.items()} == {
        2014: ("resolved", FEBRUARY),
        2015: ("acknowledged", MARCH),
    }


def test_a_life_from_the_registers() -> None:
    """Delivered in December, waited for, missed, taken by a person, registered late, withdrawn."""
    late = registration(dossier_number=FILE, suspect_number=1, registered_on=date(2015, 3, 20))
    days: list[tuple[date, tuple[Delivery, ...], tuple[Registration, ...]]] = [
        (JANUARY, (DECEMBER,), ()),
        (FEBRUARY, (DECEMBER,), ()),
        (APRIL, (DECEMBER,), (late,)),
        (MAY, (replace(DECEMBER, mutation="withdrawn"),), (late,)),
    ]
    balances = [year(day, *breaks_of(outcome(police, om, as_of=day))) for day, police, om in days]
    observed = [life(*balances, decided=(taken(MARCH),), as_of=day) for day in (JANUARY, FEBRUARY, MARCH, APRIL, MAY)]
    assert [(one.found.cause, one.state, one.owner) for one in observed] == [
        ("in_transit", "waiting", None),
        ("missing", "open", None),
        ("missing", "acknowledged", "desk-1"),
        ("registered_late", "explained", None),
        ("registered_late", "resolved", None),
    ]
    assert (observed[-1].opened_on, observed[-1].resolved_on) == (JANUARY, MAY)
