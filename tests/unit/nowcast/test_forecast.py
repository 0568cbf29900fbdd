"""The laws of a nowcast: what is known adds up, what it may become is whole, and nothing but what is known decides."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from bench.histories import History, history
from ketenbalans.nowcast.forecast import TARGETS, known_counts, nowcast
from ketenbalans.nowcast.known import DAYS, NOT_YET, Days, KnownLater, KnownSuspects
from ketenbalans.nowcast.question import Question
from schemas.period import Period

POLICY = {"transit_allowance_days": 60}
DECEMBER = Period(date(2013, 12, 1), date(2013, 12, 31))


@pytest.fixture(scope="module")
def made() -> History:
    return history(77)


def asked(period: Period, as_of: date, until: date | None = None) -> Question:
    return Question.of(period, as_of=as_of, horizon_days=400, delivered_until=until)


QUESTIONS = [
    asked(DECEMBER, date(2013, 12, 31)),
    asked(DECEMBER, date(2014, 1, 31)),
    asked(DECEMBER, date(2013, 12, 12)),
    asked(Period.of_year(2013), date(2013, 12, 31)),
    asked(Period.of_year(2013), date(2013, 6, 30)),
    asked(Period.of_year(2013), date(2014, 1, 31), date(2013, 10, 10)),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: f"{one.period}@{one.as_of}")
def test_an_answer_is_whole(made: History, question: Question) -> None:
    known = made.known_on(question.as_of)
    answer = nowcast(known, question, policy=POLICY)
    assert answer.refused is None
    assert answer.targets is not None
    assert list(answer.by_unit) == list(known.units)
    for target, counted in zip(TARGETS, known_counts(known, question), strict=True):
        whole = answer.targets[target]
        assert whole.known == counted.sum() == sum(unit[target].known for unit in answer.by_unit.values())
        for found in (whole, *(unit[target] for unit in answer.by_unit.values())):
            assert found.chance_of(Decimal(0)) == 1000 > found.chance_of(Decimal(max(found.drawn) + 1)) == 0
            assert found.chance_of(Decimal(found.median)) >= 500 >= found.chance_of(Decimal(found.median + 1))
            ends = [found.intervals[name] for name in ("95", "80", "50")]
            lows, highs = [low for low, _ in ends], [high for _, high in ends]
            assert 0 <= lows[0] <= lows[1] <= lows[2] <= found.median <= highs[2] <= highs[1] <= highs[0]
    medians = [answer.targets[target].median for target in TARGETS]
    assert medians == sorted(medians, reverse=True), "recognised are registered, and these are delivered"


@pytest.mark.parametrize("question", QUESTIONS[:4:3], ids=lambda one: str(one.period))
def test_what_was_recorded_later_changes_no_byte(made: History, question: Question) -> None:
    known = made.known_on(question.as_of)
    later = replace(
        made,
        withdrawn=_moved(made.withdrawn, question.as_of),
        counted_from=_moved(made.counted_from, question.as_of),
        lapsed=_moved(made.lapsed, question.as_of),
        recorded=_moved(made.recorded, question.as_of),
    )
    assert _bytes(later.known_on(question.as_of), question) == _bytes(known, question)


def _moved(days: Days, day: date) -> Days:
    return np.asarray(np.where(days <= day.toordinal(), days, days + 17))


def _bytes(known: KnownSuspects, question: Question) -> bytes:
    return json.dumps(nowcast(known, question, policy=POLICY).to_json()).encode()


def test_neither_the_order_of_rows_nor_the_asking_changes_a_byte(made: History) -> None:
    question = QUESTIONS[0]
    frame = _frame(made.known_on(question.as_of))
    found = {
        _bytes(KnownSuspects.of_frame(rows, as_of=question.as_of), question)
        for rows in (frame, frame, frame.sample(fraction=1, shuffle=True, seed=1))
    }
    assert len(found) == 1


def test_policy_and_question_choose_other_draws(made: History) -> None:
    question = QUESTIONS[3]
    known = made.known_on(question.as_of)
    answers = {
        json.dumps(nowcast(known, question, policy={"transit_allowance_days": days}).to_json()) for days in range(4)
    }
    assert len(answers) > 1


def test_when_all_has_come_the_answer_is_the_count(made: History) -> None:
    question = asked(DECEMBER, DECEMBER.end + timedelta(days=400))
    known = made.known_on(question.as_of)
    answer = nowcast(known, question, policy=POLICY)
    assert answer.targets is not None
    for target, counted in zip(TARGETS, known_counts(known, question), strict=True):
        for found, count in (
            (answer.targets[target], counted.sum()),
            *zip((unit[target] for unit in answer.by_unit.values()), counted, strict=True),
        ):
            ends = {end for interval in found.intervals.values() for end in interval}
            assert {found.known, found.median, *ends} == {count}


@pytest.mark.parametrize(
    ("period", "as_of", "because"),
    [
        (Period(date(2013, 12, 1), date(2013, 12, 30)), date(2014, 1, 1), "whole calendar months"),
        (Period.of_year(2011), date(2011, 12, 31), "12 calendar months"),
        (DECEMBER, date(2013, 11, 30), "nothing that was delivered"),
    ],
)
def test_it_refuses_with_a_reason_and_no_number(made: History, period: Period, as_of: date, because: str) -> None:
    answer = nowcast(made.known_on(as_of), asked(period, as_of), policy=POLICY)
    assert because in (answer.refused or "")
    assert answer.targets is None
    assert answer.to_json()["by_unit"] == []


def test_it_refuses_when_few_were_ever_delivered(made: History) -> None:
    frame = _frame(made.known_on(date(2013, 12, 31)))
    is_asked = pl.col("delivered_on") >= DECEMBER.start
    few = pl.concat([frame.filter(is_asked), frame.filter(~is_asked).gather_every(60)])
    answer = nowcast(KnownSuspects.of_frame(few, as_of=date(2013, 12, 31)), QUESTIONS[0], policy=POLICY)
    assert "100 are needed" in (answer.refused or "")


def test_what_is_known_of_a_later_day_is_refused(made: History) -> None:
    with pytest.raises(KnownLater, match="recorded_on of"):
        KnownSuspects.of_frame(_frame(made.known_on(date(2013, 12, 31))), as_of=date(2013, 11, 30))


@pytest.mark.laws
def test_the_truth_is_held_as_often_as_is_said_and_nearer_than_what_is_known() -> None:
    """Of three histories every third month: far fewer questions than the bench asks, so the bounds are wider."""
    held = {"95": 0, "80": 0}
    away, away_now, asked_in_all = 0, 0, 0
    for seed in (301, 302, 303):
        made = history(seed)
        for month in range(24, 72, 3):
            first = date(2010 + month // 12, month % 12 + 1, 1)
            end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            question = asked(Period(first, end), end)
            answer = nowcast(made.known_on(end), question, policy=POLICY)
            truth = known_counts(made.known_on(question.known_on), question)
            assert answer.targets is not None
            for target, counted in zip(TARGETS, truth, strict=True):
                found, came = answer.targets[target], int(counted.sum())
                asked_in_all += 1
                for name in held:
                    held[name] += found.intervals[name][0] <= came <= found.intervals[name][1]
                if target == "registered":
                    away += abs(found.median - came)
                    away_now += abs(found.known - came)
    assert held["95"] >= 0.9 * asked_in_all
    assert held["80"] >= 0.72 * asked_in_all
    assert away <= 0.2 * away_now


def _frame(known: KnownSuspects) -> pl.DataFrame:
    arrays = (
        known.delivered,
        known.registered,
        known.recorded,
        known.withdrawn,
        known.counted_from,
        known.counted_until,
    )
    days = {
        name: [None if day >= NOT_YET else date.fromordinal(int(day)) for day in values]
        for name, values in zip(DAYS, arrays, strict=True)
    }
    units = [known.units[unit] for unit in known.unit]
    return pl.DataFrame({"unit": units, **days}, schema={"unit": pl.String, **dict.fromkeys(DAYS, pl.Date)})
