"""Which rule was broken how often: numbers that were kept apart say the same together, in any order."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.refused import Refused
from warehouse.loading import Loaded

REFUSED = st.builds(
    Refused,
    reason=st.sampled_from(["schema", "key"]),
    column=st.sampled_from(["", "unit"]),
    rule=st.sampled_from(["is filled", "is JSON"]),
    messages=st.integers(1, 5),
)


@given(st.lists(REFUSED), st.lists(REFUSED))
def test_counting_together_loses_nothing_and_asks_for_no_order(some: list[Refused], others: list[Refused]) -> None:
    together = Refused.counted([*some, *others])
    assert together == Refused.counted([*others, *reversed(some)])
    assert together == Refused.counted([*Refused.counted(some), *Refused.counted(others)])
    assert sum(one.messages for one in together) == sum(one.messages for one in [*some, *others])
    rules = [(one.reason, one.column, one.rule) for one in together]
    assert rules == sorted(set(rules))


@given(st.lists(REFUSED), st.lists(REFUSED))
def test_loads_add_up_with_what_they_refused(some: list[Refused], others: list[Refused]) -> None:
    one, other = (
        Loaded(read=sum(r.messages for r in refused), dead_letters=sum(r.messages for r in refused), refused=refused)
        for refused in (Refused.counted(some), Refused.counted(others))
    )
    assert (one + other).dead_letters == sum(refused.messages for refused in (one + other).refused)
    assert (one + other).to_dict()["refused"] == [refused.to_dict() for refused in (one + other).refused]


def test_it_is_reported_by_column_and_rule() -> None:
    assert (
        Refused(reason="schema", column="unit", rule="is filled", messages=3).describe() == "3 x schema: unit is filled"
    )
    answer = Refused(reason="not_json", column="", rule="is JSON", messages=1)
    assert (answer.describe(), answer.to_dict()["column"]) == ("1 x not_json: is JSON", None)
