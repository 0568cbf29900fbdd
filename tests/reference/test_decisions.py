"""Rule 5 by example: what a person decided, what holds of it, and when it is seen."""

from datetime import date
from typing import Any

from tests.reference.examples import ANNA, BOB, CASE, FILE, OTHER_CASE, delivery, outcome, registration
from tests.reference.records import Decision
from tests.reference.section4 import Outcome

MONDAY, TUESDAY, WEDNESDAY = date(2015, 1, 5), date(2015, 1, 6), date(2015, 1, 7)


def decided(*decisions: tuple[str, int, str, date]) -> tuple[Decision, ...]:
    """Give decisions in the order in which they were recorded: verdict, suspect number, case number and day."""
    return tuple(
        Decision(f"decision-{number}", verdict, FILE, suspect_number, case_number, decided_on, number)
        for number, (verdict, suspect_number, case_number, decided_on) in enumerate(decisions, start=1)
    )


def links(found: Outcome) -> set[tuple[int, str, int]]:
    return {(link.delivery.suspect_number, link.registration.case_number, link.rule) for link in found.linked.links}


def suggestions(found: Outcome) -> set[tuple[int, str]]:
    return {(pair.delivery.suspect_number, pair.registration.case_number) for pair in found.linked.suggestions}


# --- "confirmed by a person on or before A" -------------------------------------------------------------------------


def test_a_confirmed_pair_needs_no_window_and_no_equal_number() -> None:
    years_later = registration(person_token=BOB, registered_on=date(2018, 1, 1))
    found = outcome((delivery(person_token=ANNA),), (years_later,), decided(("confirmed", 1, CASE, MONDAY)))
    assert links(found) == {(1, CASE, 5)}
    assert found.answer["links"]["5"] == 1


def test_an_as_of_date_before_it_does_not_see_a_decision() -> None:
    decisions = decided(("confirmed", 1, CASE, TUESDAY))
    observed = [
        links(outcome((delivery(),), (registration(),), decisions, day)) for day in (MONDAY, TUESDAY, WEDNESDAY)
    ]
    assert observed == [set(), {(1, CASE, 5)}, {(1, CASE, 5)}]


def test_it_is_taken_before_rule_1() -> None:
    sides = (
        (delivery(1, person_token=ANNA), delivery(2)),
        (registration(dossier_number=FILE, person_token=ANNA),),
    )
    assert links(outcome(*sides)) == {(1, CASE, 1)}
    assert links(outcome(*sides, decided(("confirmed", 2, CASE, MONDAY)))) == {(2, CASE, 5)}


def test_it_is_taken_in_the_round_of_its_registration() -> None:
    recognisable = registration(dossier_number=FILE, suspect_number=1)
    lapsed = registration(OTHER_CASE, mutation="lapsed")
    decisions = decided(("confirmed", 1, OTHER_CASE, MONDAY))
    assert links(outcome((delivery(),), (recognisable, lapsed), decisions)) == {(1, CASE, 2)}
    also_lapsed = registration(dossier_number=FILE, suspect_number=1, mutation="joined")
    assert links(outcome((delivery(),), (also_lapsed, lapsed), decisions)) == {(1, OTHER_CASE, 5)}


def test_a_withdrawn_delivery_can_be_confirmed() -> None:
    found = outcome((delivery(mutation="withdrawn"),), (registration(),), decided(("confirmed", 1, CASE, MONDAY)))
    assert links(found) == {(1, CASE, 5)}
    assert [cause for _, cause in found.om_only] == ["delivery_withdrawn"]


def test_a_suggestion_counts_as_nothing_until_confirmed() -> None:
    sides = ((delivery(suspect_number=2),), (registration(dossier_number=FILE, suspect_number=1),))
    assert suggestions(outcome(*sides)) == {(2, CASE)}
    assert [suspect.cause for suspect in outcome(*sides).suspects] == ["suggested"]
    confirmed = outcome(*sides, decided(("confirmed", 2, CASE, MONDAY)))
    assert [suspect.cause for suspect in confirmed.suspects] == [None]
    assert confirmed.om_only == []


# --- "of two decisions that share a record the latest holds" --------------------------------------------------------

BOTH = ((delivery(1), delivery(2)), (registration(), registration(OTHER_CASE)))


def test_a_later_confirmation_of_the_same_registration_replaces_the_first() -> None:
    assert links(outcome(*BOTH, decided(("confirmed", 1, CASE, MONDAY), ("confirmed", 2, CASE, TUESDAY)))) == {
        (2, CASE, 5)
    }
    # The day decides, not the order in which they were recorded.
    assert links(outcome(*BOTH, decided(("confirmed", 2, CASE, TUESDAY), ("confirmed", 1, CASE, MONDAY)))) == {
        (2, CASE, 5)
    }


def test_a_later_confirmation_of_the_same_delivery_replaces_the_first() -> None:
    decisions = decided(("confirmed", 1, CASE, MONDAY), ("confirmed", 1, OTHER_CASE, TUESDAY))
    assert links(outcome(*BOTH, decisions)) == {(1, OTHER_CASE, 5)}


def test_on_one_day_the_one_recorded_last_is_the_latest() -> None:
    decisions = decided(("confirmed", 1, CASE, MONDAY), ("confirmed", 2, CASE, MONDAY))
    assert links(outcome(*BOTH, decisions)) == {(2, CASE, 5)}
    assert links(outcome(*BOTH, decisions[::-1])) == {(2, CASE, 5)}


def test_what_was_replaced_does_not_come_back_by_itself() -> None:
    first, second = ("confirmed", 1, CASE, MONDAY), ("confirmed", 2, CASE, TUESDAY)
    assert links(outcome(*BOTH, decided(first, second, ("taken_back", 2, CASE, WEDNESDAY)))) == set()
    assert links(outcome(*BOTH, decided(first, second, ("rejected", 2, CASE, WEDNESDAY)))) == set()
    assert links(outcome(*BOTH, decided(first, second, ("confirmed", 1, CASE, WEDNESDAY)))) == {(1, CASE, 5)}


def test_what_is_replaced_by_a_replaced_one_is_replaced() -> None:
    chain = decided(
        ("confirmed", 1, CASE, MONDAY), ("confirmed", 1, OTHER_CASE, TUESDAY), ("confirmed", 2, OTHER_CASE, WEDNESDAY)
    )
    assert links(outcome(*BOTH, chain)) == {(2, OTHER_CASE, 5)}


def test_a_rejection_replaces_no_confirmation_of_another_pair() -> None:
    decisions = decided(("confirmed", 1, CASE, MONDAY), ("rejected", 2, CASE, TUESDAY))
    assert links(outcome(*BOTH, decisions)) == {(1, CASE, 5)}


def test_of_the_decisions_about_one_pair_the_newest_counts() -> None:
    confirmed, rejected = ("confirmed", 1, CASE, MONDAY), ("rejected", 1, CASE, MONDAY)
    assert links(outcome(*BOTH, decided(confirmed, rejected))) == set()
    assert links(outcome(*BOTH, decided(rejected, confirmed))) == {(1, CASE, 5)}


def test_a_confirmation_about_a_record_that_is_not_known_does_nothing() -> None:
    decisions = decided(("confirmed", 1, CASE, MONDAY), ("confirmed", 9, CASE, TUESDAY))
    assert links(outcome(*BOTH, decisions)) == {(1, CASE, 5)}


# --- "A pair that a person rejected is never taken or suggested" ----------------------------------------------------


def test_a_rejected_pair_is_never_taken() -> None:
    rejected = decided(("rejected", 1, CASE, MONDAY))
    by_rule = {
        1: (delivery(person_token=ANNA), registration(dossier_number=FILE, person_token=ANNA)),
        2: (delivery(), registration(dossier_number=FILE, suspect_number=1)),
        3: (delivery(person_token=ANNA), registration(person_token=ANNA)),
        4: (delivery(), registration(dossier_number=FILE)),
    }
    for rule, (d, r) in by_rule.items():
        assert links(outcome((d,), (r,))) == {(1, CASE, rule)}
        refused = outcome((d,), (r,), rejected)
        assert (links(refused), suggestions(refused)) == (set(), set())
        taken_back = decided(("rejected", 1, CASE, MONDAY), ("taken_back", 1, CASE, TUESDAY))
        assert links(outcome((d,), (r,), taken_back)) == {(1, CASE, rule)}


def test_a_rejected_pair_is_never_suggested_and_the_next_one_may_be() -> None:
    sides = ((delivery(2), delivery(3)), (registration(dossier_number=FILE, suspect_number=1),))
    assert suggestions(outcome(*sides)) == {(2, CASE)}
    assert suggestions(outcome(*sides, decided(("rejected", 2, CASE, MONDAY)))) == {(3, CASE)}


def test_what_is_rejected_leaves_both_records_to_others() -> None:
    sides = (
        (delivery(1, person_token=ANNA), delivery(2)),
        (registration(dossier_number=FILE, person_token=ANNA, suspect_number=2),),
    )
    assert links(outcome(*sides)) == {(1, CASE, 1)}
    assert links(outcome(*sides, decided(("rejected", 1, CASE, MONDAY)))) == {(2, CASE, 2)}


def test_rule_4_counts_a_rejected_pair_as_a_candidate() -> None:
    """'each is the other's only candidate [...] (counted before looking at suspect numbers and tokens [...])'."""
    sides = ((delivery(1), delivery(2)), (registration(dossier_number=FILE),))
    assert links(outcome(*sides)) == set()
    assert links(outcome(*sides, decided(("rejected", 1, CASE, MONDAY)))) == set()


def test_no_duplicate_registration_of_a_delivery_that_a_person_rejected_for_it() -> None:
    same: dict[str, Any] = {"dossier_number": FILE, "suspect_number": 1}
    sides = ((delivery(),), (registration(**same), registration(OTHER_CASE, **same)))
    assert [cause for _, cause in outcome(*sides).om_only] == ["duplicate_registration"]
    rejected = outcome(*sides, decided(("rejected", 1, OTHER_CASE, MONDAY)))
    assert [cause for _, cause in rejected.om_only] == ["suspect_not_delivered"]
