"""Verdicts: the first that holds counts, and JSON says so or says nothing."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.verdicts import BalanceVerdict, Judgement, first_judgement, judged

judgements = st.builds(Judgement, st.sampled_from(BalanceVerdict), st.text(min_size=1))


@given(st.lists(judgements, max_size=5))
def test_the_first_verdict_that_holds_counts(found: list[Judgement]) -> None:
    first = first_judgement(found)
    assert (first is None) == (not found)
    order = list(BalanceVerdict)
    assert all(order.index(first.verdict) <= order.index(one.verdict) for one in found if first is not None)


def test_without_one_json_says_nothing() -> None:
    assert judged(None) == {"verdict": None, "because": None}
    assert judged(Judgement(BalanceVerdict.INCOMPLETE, "why")) == {"verdict": "incomplete", "because": "why"}
