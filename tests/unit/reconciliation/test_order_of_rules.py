"""The rules name each cause once, in the order in which the causes are declared; the last one needs no rule."""

from datetime import date
from typing import Any

import pytest

from ketenbalans.project_policy import project_policy
from ketenbalans.reconciliation.explain import Rules, delivery_rules, registration_rules
from schemas.breaks import BreakState
from schemas.causes import BreakCause, Cause, CauseRecord, OmOnlyCause

SIDES = [
    pytest.param(delivery_rules(as_of=date(2015, 1, 31), policy=project_policy()), Cause, id="delivered"),
    pytest.param(registration_rules(), OmOnlyCause, id="registered"),
]


@pytest.mark.parametrize(("rules", "causes"), SIDES)
def test_the_order_of_the_rules_is_the_declared_one(rules: Rules[BreakCause], causes: type[BreakCause]) -> None:
    named = [cause for _, cause in rules if cause is not None]
    assert named == list(causes)[:-1]
    assert [cause for _, cause in rules[:1]] == [None], "what is no break comes first"


@pytest.mark.parametrize("cause", [*Cause, *OmOnlyCause], ids=lambda cause: f"{type(cause).__name__}-{cause}")
def test_a_cause_has_its_words_in_both_languages(cause: BreakCause) -> None:
    one = cause.record
    assert (cause.value, cause.word, cause.meaning) == (one.name, one.label_nl, one.meaning)
    for sentence in (one.meaning, one.meaning_nl, one.resolved_when):
        assert sentence.endswith(".")
        assert sentence.strip() == sentence


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"state": BreakState.RESOLVED}, "cannot leave a break resolved"),
        ({"state": BreakState.WAITING}, "needs waits_from"),
    ],
)
def test_a_state_that_no_cause_brings_about_is_refused(wrong: dict[str, Any], why: str) -> None:
    words: dict[str, Any] = {
        "name": "odd",
        "label_nl": "vreemd",
        "meaning": "So.",
        "meaning_nl": "Zo.",
        "resolved_when": "Never.",
    }
    with pytest.raises(ValueError, match=why):
        CauseRecord(**words, **wrong)
