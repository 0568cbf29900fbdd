"""A signature that does not hold is an alert of its own set, which names period, figures and what moved them."""

import pytest

from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.rules import findings
from ketenbalans.alerts.rules_signoff import superseded_figures, void_signatures
from ketenbalans.alerts.runbook import remedy_of
from ketenbalans.signoff.standing import Signoff
from schemas.alerts import AlertRule
from schemas.signoff import SignoffState
from tests.unit.alerts.looks import POLICY, facts, standing_after
from tests.unit.signoff.a_signoff import BREAK, YEAR, signoff

VOID, SUPERSEDED = signoff(SignoffState.VOID), signoff(SignoffState.SUPERSEDED)


def look(*signoffs: Signoff, **other: object) -> Facts:
    return facts(signoffs=list(signoffs), **other)


@pytest.mark.parametrize("state", [SignoffState.PREPARED, SignoffState.APPROVED])
def test_a_signature_that_holds_is_no_alert(state: SignoffState) -> None:
    assert [*void_signatures(look(signoff(state)), POLICY), *superseded_figures(look(signoff(state)), POLICY)] == []


def test_a_void_signature_names_its_period_the_figures_the_break_and_the_load() -> None:
    (found,) = void_signatures(look(VOID), POLICY)
    assert found.alert_id == f"signature_void:2014/{VOID.short_id}"
    assert (found.period, found.amount) == (YEAR, 4)
    assert found.says == (
        f"figures of 2014 as known on 2015-01-31, signed as {VOID.short_id}, no longer come out so for that day: "
        f"causes.missing 3 is now 7; breaks {BREAK}; brought by om_registrations load 7"
    )
    assert found.evidence["breaks"] == BREAK
    assert list(superseded_figures(look(VOID), POLICY)) == []


def test_superseded_figures_name_the_later_day() -> None:
    (found,) = superseded_figures(look(SUPERSEDED), POLICY)
    assert found.alert_id == f"figures_superseded:2014/{SUPERSEDED.short_id}"
    assert found.says.endswith("are others as known on 2015-02-28: causes.missing 3 is now 7")
    assert list(void_signatures(look(SUPERSEDED), POLICY)) == []


def test_what_cannot_be_asked_again_stays_as_it_stands_and_ends_when_it_holds() -> None:
    standing = standing_after(*void_signatures(look(VOID), POLICY))
    unknown = signoff(SignoffState.APPROVED, not_judged="another chain key")
    assert [one.alert_id for one in findings(look(unknown, standing=standing), POLICY)] == list(standing)
    assert findings(look(signoff(SignoffState.APPROVED), standing=standing), POLICY) == []


def test_the_remedy_names_the_set() -> None:
    remedy = remedy_of(AlertRule.SIGNATURE_VOID, f"2014-04-01/2014-06-30/{VOID.short_id}")
    assert f"`ketenbalans signoff show {VOID.short_id}`" in remedy
