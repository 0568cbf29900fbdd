"""Decisions by example: what holds of what was said about pairs, and what the balance makes of it.

Laws are in `test_decisions_laws`, cases to be judged by somebody who knows the field in `tests/golden`.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from ketenbalans.project_policy import project_policy
from ketenbalans.reconciliation.balance import balance, balance_of, chain_of
from ketenbalans.reconciliation.bridge import Balance
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.relink import relinked
from schemas.coded_state import case_number
from schemas.period import Period
from tests.reference.examples import ANNA, BOB, CASE, FILE, OTHER_CASE, delivery, registration
from tests.reference.product import question_about
from tests.reference.records import Decision, Delivery, Registration, World, decisions_frame, frames

pytestmark = pytest.mark.laws

MONDAY, TUESDAY, WEDNESDAY = date(2015, 1, 5), date(2015, 1, 6), date(2015, 1, 7)
AS_OF = date(2015, 6, 30)
YEAR = Period(date(2014, 1, 1), date(2014, 12, 31))
POLICY = project_policy()
FIRST, SECOND, STRANGER = 1, 2, 9  # suspect numbers; nobody delivered the last one
BOTH = ((delivery(FIRST), delivery(SECOND)), (registration(CASE), registration(OTHER_CASE)))

Said = tuple[str, int, str, date]
Sides = tuple[Sequence[Delivery], Sequence[Registration]]
Pairs = set[tuple[int, str]]


def said(*decisions: Said) -> pl.DataFrame:
    """Give decisions about suspects of one file, in the order in which they were recorded."""
    return decisions_frame(
        world(
            ((), ()),
            *(
                Decision(f"decision-{number}", verdict, FILE, suspect_number, case, decided_on, number)
                for number, (verdict, suspect_number, case, decided_on) in enumerate(decisions, start=1)
            ),
        )
    )


def world(sides: Sides, *decisions: Decision) -> World:
    deliveries, registrations = sides
    return World(tuple(deliveries), tuple(registrations), question_about(YEAR, AS_OF), decisions)


def chain(sides: Sides, decisions: pl.DataFrame | None = None, *, as_of: date = AS_OF) -> Chain:
    return chain_of(*frames(world(sides)), as_of=as_of, policy=POLICY, decisions=decisions)


def balanced(sides: Sides, decisions: pl.DataFrame | None = None) -> Balance:
    return balance_of(*frames(world(sides)), period=YEAR, as_of=AS_OF, policy=POLICY, decisions=decisions)


def rows(frame: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return frame.select(columns).sort(columns[0]).rows()


def pairs_of(frame: nw.DataFrame[Any]) -> Pairs:
    named = frame.to_polars().select("suspect_number", case_number(pl.col("case")).alias("case"))
    return set(named.iter_rows())


NOTHING: Pairs = set()
CONFIRMED, REJECTED = ("confirmed", FIRST, CASE, MONDAY), ("rejected", FIRST, CASE, MONDAY)
WHAT_HOLDS = {
    "a confirmation": ([CONFIRMED], {(FIRST, CASE)}, NOTHING),
    "a rejection": ([REJECTED], NOTHING, {(FIRST, CASE)}),
    "rejected since": ([CONFIRMED, REJECTED], NOTHING, {(FIRST, CASE)}),
    "confirmed since": ([REJECTED, CONFIRMED], {(FIRST, CASE)}, NOTHING),
    "confirmed twice": ([CONFIRMED, ("confirmed", FIRST, CASE, TUESDAY)], {(FIRST, CASE)}, NOTHING),
    "taken back": ([CONFIRMED, ("taken_back", FIRST, CASE, TUESDAY)], NOTHING, NOTHING),
    "a rejection taken back": ([REJECTED, ("taken_back", FIRST, CASE, TUESDAY)], NOTHING, NOTHING),
    "taken back and confirmed again": (
        [CONFIRMED, ("taken_back", FIRST, CASE, TUESDAY), ("confirmed", FIRST, CASE, WEDNESDAY)],
        {(FIRST, CASE)},
        NOTHING,
    ),
    "two of one registration": ([CONFIRMED, ("confirmed", SECOND, CASE, TUESDAY)], {(SECOND, CASE)}, NOTHING),
    "two of one delivery": ([CONFIRMED, ("confirmed", FIRST, OTHER_CASE, TUESDAY)], {(FIRST, OTHER_CASE)}, NOTHING),
    "two that share nothing": (
        [CONFIRMED, ("confirmed", SECOND, OTHER_CASE, TUESDAY)],
        {(FIRST, CASE), (SECOND, OTHER_CASE)},
        NOTHING,
    ),
    "recorded late": (
        [("confirmed", FIRST, CASE, TUESDAY), ("confirmed", SECOND, CASE, MONDAY)],
        {(FIRST, CASE)},
        NOTHING,
    ),
    "the later one taken back": (
        [CONFIRMED, ("confirmed", SECOND, CASE, TUESDAY), ("taken_back", SECOND, CASE, WEDNESDAY)],
        NOTHING,
        NOTHING,
    ),
    "another pair rejected": ([CONFIRMED, ("rejected", SECOND, CASE, TUESDAY)], {(FIRST, CASE)}, {(SECOND, CASE)}),
    "a suspect that is not known": ([CONFIRMED, ("confirmed", STRANGER, CASE, TUESDAY)], {(FIRST, CASE)}, NOTHING),
    "a case that is not known": ([CONFIRMED, ("confirmed", FIRST, "0900099914", TUESDAY)], {(FIRST, CASE)}, NOTHING),
}


@pytest.mark.parametrize(("decisions", "confirmed", "rejected"), WHAT_HOLDS.values(), ids=WHAT_HOLDS)
def test_what_holds_of_what_was_said(decisions: list[Said], confirmed: Pairs, rejected: Pairs) -> None:
    for in_another_order in (said(*decisions), said(*decisions).reverse()):
        decided = chain(BOTH, in_another_order).decided
        assert (pairs_of(decided.confirmed), pairs_of(decided.rejected)) == (confirmed, rejected)


def test_a_decision_is_observed_from_its_day_on() -> None:
    decisions = said(CONFIRMED, ("taken_back", FIRST, CASE, WEDNESDAY))
    days = [MONDAY - timedelta(days=1), MONDAY, TUESDAY, WEDNESDAY]
    observed = [pairs_of(chain(BOTH, decisions, as_of=day).decided.confirmed) for day in days]
    assert observed == [NOTHING, {(FIRST, CASE)}, {(FIRST, CASE)}, NOTHING]


def test_no_decision_is_like_nobody_having_decided() -> None:
    empty, none = chain(BOTH, said()), chain(BOTH)
    assert empty.decided.is_empty()
    assert none.decided.is_empty()
    assert balance(empty, YEAR).answer() == balance(none, YEAR).answer()


def test_a_confirmation_turns_a_suggestion_into_a_link() -> None:
    sides = ((delivery(person_token=ANNA),), (registration(dossier_number=FILE, person_token=BOB),))
    columns = ("suggested_case_number", "case_number", "link_rule", "cause")
    before, after = balanced(sides), balanced(sides, said(CONFIRMED))
    assert rows(before.suspects, *columns) == [(CASE, None, None, "suggested")]
    assert rows(before.om_only, "case_number", "suspect_number", "cause") == [(CASE, FIRST, "suggested")]
    assert rows(after.suspects, *columns) == [(None, CASE, 5, None)]
    assert after.om_only.is_empty()
    assert (before.links["6"], after.links["5"]) == (1, 1)


def test_a_rejection_lets_the_next_cause_hold() -> None:
    sides = ((delivery(person_token=ANNA),), (registration(dossier_number=FILE, person_token=BOB),))
    rejected = balanced(sides, said(REJECTED))
    assert rows(rejected.suspects, "suggested_case_number", "case_number", "cause") == [(None, None, "missing")]
    assert rows(rejected.om_only, "case_number", "cause") == [(CASE, "suspect_not_delivered")]


def test_only_the_pair_that_was_decided_about_changes() -> None:
    """The rest of the file is the common case still, also when it was settled together with the pair."""
    sides = (
        (delivery(FIRST, person_token=ANNA), delivery(SECOND, person_token=BOB)),
        (
            registration(CASE, dossier_number=FILE, person_token=ANNA),
            registration(OTHER_CASE, dossier_number=FILE, person_token=BOB),
        ),
    )
    links = ("suspect_number", "case_number", "link_rule")
    assert rows(balanced(sides).suspects, *links) == [(FIRST, CASE, 1), (SECOND, OTHER_CASE, 1)]
    assert rows(balanced(sides, said(REJECTED)).suspects, *links) == [(FIRST, None, None), (SECOND, OTHER_CASE, 1)]


def test_a_confirmation_crosses_two_settled_pairs() -> None:
    """Suspect 2 gets the registration of suspect 1, whose person is registered with another suspect then."""
    sides = (
        (delivery(FIRST, person_token=ANNA), delivery(SECOND, person_token=BOB)),
        (
            registration(CASE, dossier_number=FILE, person_token=ANNA),
            registration(OTHER_CASE, dossier_number=FILE, person_token=BOB),
        ),
    )
    crossed = balanced(sides, said(("confirmed", SECOND, CASE, MONDAY)))
    assert rows(crossed.suspects, "suspect_number", "case_number", "link_rule", "cause") == [
        (FIRST, None, None, "suggested"),
        (SECOND, CASE, 5, None),
    ]
    assert rows(crossed.om_only, "case_number", "suspect_number", "cause") == [(OTHER_CASE, FIRST, "suggested")]


def test_a_late_batch_is_confirmed_against_what_was_known_before() -> None:
    """The delivery is in the chain, the registration in the batch: both records are known."""
    before = chain(((delivery(),), ()), said(CONFIRMED))
    assert before.decided.is_empty()
    police, om = frames(world(((), (registration(),))))
    after = balance(relinked(before, police, om, as_of=AS_OF, decisions=said(CONFIRMED)), YEAR)
    assert rows(after.suspects, "case_number", "link_rule", "cause") == [(CASE, 5, None)]
