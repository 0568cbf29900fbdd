"""How past forecasts turned out: each is the forecast of its day, and what came is what is known in the end."""

from datetime import date

import pytest

from bench.histories import History, history
from ketenbalans.nowcast.forecast import known_counts, nowcast
from ketenbalans.nowcast.past import past_forecasts
from ketenbalans.nowcast.question import Question
from schemas.period import Period, month_ends

AS_OF = date(2015, 3, 31)
POLICY = {"transit_allowance_days": 60}


@pytest.fixture(scope="module")
def made() -> History:
    return history(78)


def test_what_was_known_on_a_day_is_taken_from_what_is_known_later(made: History) -> None:
    later = made.known_on(AS_OF)
    for day in month_ends(date(2010, 1, 1), AS_OF):
        assert later.as_known_on(day).digest() == made.known_on(day).digest()
    assert later.as_known_on(AS_OF).digest() == later.digest()


def test_each_is_the_forecast_of_the_end_of_its_month(made: History) -> None:
    found = past_forecasts(made.known_on(AS_OF), months=12, horizon_days=400, policy=POLICY)
    assert [one.month_end for one in found] == month_ends(date(2013, 2, 1), date(2014, 1, 31))
    for one in found:
        month = Period(one.month_end.replace(day=1), one.month_end)
        question = Question.of(month, as_of=one.month_end, horizon_days=400)
        targets = nowcast(made.known_on(one.month_end), question, policy=POLICY).targets
        assert targets is not None
        registered = targets["registered"]
        assert (one.known, one.expected, one.ends) == (
            registered.known,
            registered.median,
            registered.intervals["95"],
        )
        assert one.came == known_counts(made.known_on(question.known_on), question)[1].sum()
    assert sum(one.is_held for one in found) >= 10


def test_a_month_is_there_from_the_day_on_which_all_of_it_has_come(made: History) -> None:
    for day, newest in ((date(2015, 3, 6), "2013-12-31"), (date(2015, 3, 7), "2014-01-31")):
        found = past_forecasts(made.known_on(day), months=1, horizon_days=400, policy=POLICY)
        assert [str(one.month_end) for one in found] == [newest]


def test_months_that_a_nowcast_refuses_are_left_out(made: History) -> None:
    found = past_forecasts(made.known_on(date(2013, 3, 31)), months=12, horizon_days=400, policy=POLICY)
    assert [str(one.month_end) for one in found] == ["2012-01-31"]
