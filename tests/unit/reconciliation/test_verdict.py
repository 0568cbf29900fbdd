"""Laws of the verdict: exactly one, always; the first that holds; and what makes one go."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.rules_balance import unexplained
from ketenbalans.reconciliation.verdict import Known, judge, why_incomplete
from ketenbalans.settings import Settings
from schemas.answer import BalanceAnswer
from schemas.breaks import BreakState
from schemas.causes import Cause
from schemas.period import Period
from schemas.verdicts import BalanceVerdict, Judgement
from tests.unit.an_answer import answer_of, bridge_of

POLICY = Settings().read_alert_policy()
YEAR = Period.of_year(2014)
COVERED = date(2015, 1, 31)
ORDER = list(BalanceVerdict)

counts = st.integers(0, 700)
parties = st.sampled_from([(), ("kmar",), ("kmar", "other")])
states = st.lists(st.sampled_from(BreakState), max_size=6)
known = st.builds(
    Known,
    period=st.sampled_from([YEAR, Period.of_year(2013), Period.parse("2015-Q2")]),
    as_of=st.dates(date(2014, 12, 1), date(2015, 5, 1)),
    covered=st.none() | st.dates(date(2014, 12, 1), date(2015, 5, 1)),
    without_extract=st.just(("om_registrations",)),
    is_any_record_known=st.booleans(),
    first_recorded=st.none() | st.just(date(2014, 6, 1)),
    is_any_of_the_period_known=st.booleans(),
    standing_still=st.dictionaries(st.just("om_registrations"), st.just("incident 3 (totals_differ)")),
    letters=st.dictionaries(st.sampled_from(["om_registrations", "police_deliveries"]), st.integers(1, 3)),
)
complete = Known(period=YEAR, as_of=COVERED, covered=COVERED, is_any_record_known=True, is_any_of_the_period_known=True)


def answered(missing: int, delivered: int, others: Mapping[str, tuple[int, int]] | None = None) -> BalanceAnswer:
    """A balance as it is answered, as far as a verdict reads it."""
    by_others = {
        party: bridge_of(delivered=theirs, causes={"missing": of_theirs})
        for party, (of_theirs, theirs) in (others or {}).items()
    }
    causes = {"missing": missing}
    return answer_of(delivered=delivered, causes=causes, others=by_others, period=YEAR, as_of=COVERED)


def stand(in_states: list[BreakState]) -> pl.DataFrame:
    rows = [(state.value, Cause.MISSING.value) for state in in_states]
    return pl.DataFrame(rows, schema={"state": pl.String, "cause": pl.String}, orient="row")


@st.composite
def answers(draw: st.DrawFn) -> BalanceAnswer:
    def figures() -> tuple[int, int]:
        delivered = draw(counts)
        return draw(st.integers(0, min(delivered, 8))), delivered

    return answered(*figures(), {party: figures() for party in draw(parties)})


def verdict_on(answer: BalanceAnswer, what: Known, in_states: list[BreakState], **policy: Any) -> Judgement:
    numbers = POLICY.model_copy(update=policy)
    return judge(answer, incomplete=why_incomplete(what), policy=numbers, breaks=lambda: stand(in_states))


@given(answers(), known, states)
def test_there_is_exactly_one_and_it_says_why(answer: BalanceAnswer, what: Known, in_states: list[BreakState]) -> None:
    found = verdict_on(answer, what, in_states)
    assert found.to_dict().keys() == {"verdict", "because"}
    assert found.because.strip()
    assert "\n" not in found.because


@given(answers(), known, states)
def test_the_first_that_holds_counts(answer: BalanceAnswer, what: Known, in_states: list[BreakState]) -> None:
    too_many = any(one.total.causes["missing"] > max(2, one.total.delivered * 5 // 1000) for one in answer.parties)
    holds = {
        BalanceVerdict.INCOMPLETE: bool(why_incomplete(what)),
        BalanceVerdict.UNEXPLAINED: too_many,
        BalanceVerdict.OPEN: BreakState.OPEN in in_states,
        BalanceVerdict.WAITING: BreakState.WAITING in in_states,
        BalanceVerdict.EXPLAINED: True,
    }
    assert list(holds) == ORDER
    assert verdict_on(answer, what, in_states).verdict is next(one for one in ORDER if holds[one])


@given(answers(), states, st.integers(0, 10))
def test_a_larger_allowance_never_makes_it_worse_and_a_large_one_ends_unexplained(
    answer: BalanceAnswer, in_states: list[BreakState], more: int
) -> None:
    places = [
        ORDER.index(verdict_on(answer, complete, in_states, unexplained_suspects=allowed).verdict)
        for allowed in (0, more, 700)
    ]
    assert places == sorted(places)
    assert ORDER[places[-1]] is not BalanceVerdict.UNEXPLAINED


@given(answers(), known)
def test_an_alert_is_raised_for_exactly_what_is_unexplained(answer: BalanceAnswer, what: Known) -> None:
    raised = list(unexplained(Facts(today=COVERED, as_of=COVERED, sources=(), balances=[answer]), POLICY))
    assert bool(raised) == (verdict_on(answer, complete, []).verdict is BalanceVerdict.UNEXPLAINED)


@given(known)
def test_what_is_mended_is_no_longer_a_reason(what: Known) -> None:
    """Cover the day, load the period, end the incident, deal with the letters: each takes its own reason away."""
    assert why_incomplete(complete) == ""
    covers: dict[str, Any] = {
        "covered": max(what.as_of, what.covered or what.as_of),
        "period": YEAR,
        "is_any_record_known": True,
        "is_any_of_the_period_known": True,
    }
    assert why_incomplete(replace(what, **covers, standing_still={}, letters={})) == ""
    mended = replace(what, covered=covers["covered"])
    assert "the last day that both registers cover" not in why_incomplete(mended)
    assert "no day is covered" not in why_incomplete(mended)
    for reason in ("incident 3", "dead letter"):
        assert (reason in why_incomplete(mended)) == (reason in why_incomplete(what))


@pytest.mark.parametrize("in_states", [[], list(BreakState)])
def test_breaks_are_not_worked_out_for_a_verdict_that_stands_without_them(in_states: list[BreakState]) -> None:
    def never() -> pl.DataFrame:
        message = "nobody has to look at the breaks"
        raise AssertionError(message)

    for lacks, missing in (("no day is covered", 0), ("", 9)):
        judge(answered(missing, 9), incomplete=lacks, policy=POLICY, breaks=never)
    with pytest.raises(AssertionError):
        judge(answered(0, 9), incomplete="", policy=POLICY, breaks=never)
    assert verdict_on(answered(0, 9), complete, in_states).verdict in (BalanceVerdict.OPEN, BalanceVerdict.EXPLAINED)


@pytest.mark.parametrize("state", [BreakState.ACKNOWLEDGED, BreakState.RESOLVED, BreakState.EXPLAINED])
def test_what_a_person_took_or_the_cause_says_waits_for_nobody(state: BreakState) -> None:
    assert verdict_on(answered(1, 9), complete, [state]).verdict is BalanceVerdict.EXPLAINED


@pytest.mark.parametrize(
    ("what", "because"),
    [
        (
            replace(complete, as_of=COVERED + timedelta(days=1)),
            "2015-02-01 lies after 2015-01-31, the last day that both registers cover",
        ),
        (
            replace(complete, covered=None, without_extract=("police_deliveries", "om_registrations")),
            "no extract of police_deliveries and om_registrations is loaded, so no day is covered",
        ),
        (
            replace(complete, is_any_record_known=False, is_any_of_the_period_known=False),
            "on 2015-01-31 both registers were empty",
        ),
        (
            replace(
                complete,
                as_of=date(2014, 5, 31),
                is_any_record_known=False,
                is_any_of_the_period_known=False,
                first_recorded=date(2014, 6, 1),
            ),
            "on 2014-05-31 both registers were empty: the first record of either is of 2014-06-01",
        ),
        (
            replace(complete, is_any_of_the_period_known=False),
            "on 2015-01-31 no delivery and no registration of 2014 was known",
        ),
        (
            replace(complete, period=Period.of_year(2016), is_any_of_the_period_known=False),
            "the period begins on 2016-01-01, after 2015-01-31",
        ),
        (
            replace(complete, standing_still={"om_registrations": "incident 3 (totals_differ)"}),
            "om_registrations stands still by incident 3 (totals_differ)",
        ),
        (
            replace(complete, letters={"om_registrations": 1, "police_deliveries": 2}),
            "1 dead letter of om_registrations waits; 2 dead letters of police_deliveries wait",
        ),
    ],
)
def test_each_reason_says_its_days_and_numbers(what: Known, because: str) -> None:
    assert why_incomplete(what) == because
    assert verdict_on(answered(9, 9), what, []).to_dict() == {"verdict": "incomplete", "because": because}


@pytest.mark.parametrize(
    ("answer", "in_states", "because"),
    [
        (answered(3, 560), [], "3 of 560 delivered suspects are missing, 2 are allowed"),
        (
            answered(0, 560, {"kmar": (3, 20)}),
            [],
            "3 of 20 suspects delivered by kmar are missing, 2 are allowed",
        ),
        (answered(2, 560), [BreakState.OPEN, BreakState.OPEN], "2 breaks are open: 2 missing"),
        (answered(0, 560), [BreakState.WAITING], "1 break waits: 1 missing"),
        (
            answered(0, 560),
            [BreakState.EXPLAINED, BreakState.ACKNOWLEDGED],
            "no break is open or waits: 1 explained, 1 acknowledged",
        ),
        (answered(0, 0), [], "no break is open or waits: 0 explained"),
    ],
)
def test_each_verdict_says_its_numbers(answer: BalanceAnswer, in_states: list[BreakState], because: str) -> None:
    assert verdict_on(answer, complete, in_states).because == because


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_more_delivered_never_allows_fewer(one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert POLICY.unexplained_suspects <= POLICY.missing_allowed(fewer) <= POLICY.missing_allowed(more)


def test_a_share_is_taken_as_it_is_written() -> None:
    seven = POLICY.model_copy(update={"unexplained_share": 0.07, "unexplained_suspects": 0})
    assert [seven.missing_allowed(delivered) for delivered in (99, 100, 101)] == [6, 7, 7]
    thin = POLICY.model_copy(update={"unexplained_share": 0.29, "unexplained_suspects": 0})
    assert thin.missing_allowed(100) == 29
