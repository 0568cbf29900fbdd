"""What an address of the list asks for comes back in the addresses it leads to, and every order is one of the list."""

from urllib.parse import parse_qs

import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.jobs.breaks.work_list import ORDERS as ORDERS_OF_THE_LIST
from ketenbalans.web.break_forms import ORDERS, TOGETHER, VERBS, BreakForm, ListQuery
from schemas.breaks import BreakState, BreakStep
from schemas.decisions import InvalidDecision
from schemas.people import Identity, Person

ANNA = Person(handle="anna", identity=Identity.SIGNED_IN)
words = st.text(max_size=12)


def test_the_orders_are_those_of_the_list_and_the_verbs_those_of_persons() -> None:
    assert set(ORDERS) == set(ORDERS_OF_THE_LIST)
    assert set(TOGETHER) < set(VERBS)
    by_itself = {BreakStep.OPENED, BreakStep.CHANGED, BreakStep.RESOLVED, BreakStep.REOPENED, BreakStep.EXPIRED}
    assert set(VERBS.values()) == set(BreakStep) - by_itself


@given(unit=words, owner=words, states=st.lists(st.sampled_from([str(one) for one in BreakState]), unique=True))
def test_an_address_asks_for_the_same(unit: str, owner: str, states: list[str]) -> None:
    asked = ListQuery(unit=unit, owner=owner, state=states)
    again = parse_qs(asked.address(order="age"), keep_blank_values=True)
    assert again.pop("order") == ["age"]
    assert again == {
        name: value for name, value in {"unit": [unit], "owner": [owner], "state": states}.items() if any(value)
    }


@pytest.mark.parametrize("at", ["1", "1.2", "1.2.x", "1.2.-3", "1.2.3.4", "1.2.²", f"1.2.{'9' * 19}"])
def test_what_is_no_moment_is_refused(at: str) -> None:
    with pytest.raises(HTTPException) as refused:
        assert ListQuery(at=at).up_to
    assert refused.value.status_code == 400


def test_a_form_takes_only_what_belongs_to_its_verb() -> None:
    typed = BreakForm(owner=" desk-2 ", note="known", until="2027-01-31")
    accept, assign, confirm = (typed.act(verb, ANNA) for verb in ("accept", "assign", "confirm"))
    assert (accept.owner, accept.note, str(accept.until)) == (None, "known", "2027-01-31")
    assert (assign.owner, assign.note, assign.until) == ("desk-2", None, None)
    assert (confirm.owner, confirm.note, confirm.until, confirm.names_a_record) == (None, None, None, False)
    assert (accept.by, accept.identity) == ("anna", Identity.SIGNED_IN)


@pytest.mark.parametrize("typed", [{"until": "31 January"}, {"suspect": "0"}, {"suspect": "x"}, {"suspect": "9" * 30}])
def test_what_is_no_day_and_no_number_is_refused(typed: dict[str, str]) -> None:
    with pytest.raises(InvalidDecision):
        BreakForm(**typed).act("accept", ANNA)
