"""Extracts that are loaded, balances that are kept, and whether the rows behind them passed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from ketenbalans.columns.registers import registers_of
from schemas.answer import BalanceAnswer
from schemas.period import Period
from schemas.wire.extract_rows import rows_key
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, load_rows, om, police
from tests.unit.an_answer import answer_of
from warehouse.balances import (
    MadeBalance,
    input_fingerprint,
    positions,
    store_balance,
    stored_balance,
    stored_balances,
)
from warehouse.database import snapshot
from warehouse.errors import AnswerDiffers
from warehouse.extract_rows import keep_extract_rows
from warehouse.extracts import covered_until, default_as_of, loaded_extracts
from warehouse.quality_results import QualityFinding, QualityResult, quality_of, store_quality_result

pytestmark = pytest.mark.stack

DAY = date(2015, 1, 31)
LATER = datetime(2015, 3, 1, 9, tzinfo=UTC)


def publish(
    engine: Engine, event_id: str, source: str, covers_until: date, *, topic_id: str, offsets: str, published: int = 0
) -> None:
    row = control(event_id, source, covers_until, topic_id=topic_id, offsets=offsets, published=published)
    load_rows(engine, EXTRACTS, [row])


def of(number: int) -> str:
    """What the rows of an extract are of."""
    return rows_key(f"{number:064}", "0" * 16)


def test_an_extract_is_loaded_when_all_its_rows_have_arrived(engine: Engine) -> None:
    for number, source, day in (
        (1, POLICE.name, date(2015, 1, 31)),
        (2, POLICE.name, date(2015, 2, 28)),
        (4, OM.name, date(2014, 12, 31)),
        (6, "of_no_declaration", date(2000, 1, 1)),
    ):
        publish(engine, str(number), source, day, topic_id="T", offsets="{}", published=2)
    publish(engine, "5", OM.name, date(2014, 11, 30), topic_id="T", offsets='{"0": 9}', published=0)
    other = replace(POLICE, name="of_no_declaration")
    with engine.begin() as connection:
        keep_extract_rows(
            connection, POLICE, {rows_key(f"{1:064}", "0" * 16): [2, 1], rows_key(f"{2:064}", "0" * 16): [2, 2]}
        )
        keep_extract_rows(connection, OM, {rows_key(f"{4:064}", "0" * 16): [1, 2], rows_key(f"{2:064}", "0" * 16): [1]})
        keep_extract_rows(connection, other, {rows_key(f"{6:064}", "0" * 16): [1, 2]})
    with engine.connect() as connection:
        assert [extract.extract_id.lstrip("0") for extract in loaded_extracts(connection)] == ["6", "4", "5", "1"]
        assert covered_until(connection) == {
            "of_no_declaration": date(2000, 1, 1),
            OM.name: date(2014, 12, 31),
            POLICE.name: date(2015, 1, 31),
        }
        assert default_as_of(connection) == date(2014, 12, 31)


def test_there_is_no_default_day_until_both_registers_have_reported(engine: Engine) -> None:
    with engine.connect() as connection:
        assert default_as_of(connection) is None
    publish(engine, "1", POLICE.name, DAY, topic_id="P", offsets="{}")
    with engine.connect() as connection:
        assert default_as_of(connection) is None


def test_the_fingerprint_changes_with_what_was_known_and_with_nothing_else(engine: Engine) -> None:
    def fingerprint(as_of: date = DAY) -> str:
        with engine.connect() as connection:
            return input_fingerprint(connection, as_of=as_of)

    observed = [fingerprint()]
    load_rows(engine, POLICE, [police("b"), police("a", suspect_number=2)])
    observed.append(fingerprint())
    load_rows(engine, POLICE, [police("a")])
    load_rows(engine, POLICE, [police("c", LATER)])
    assert fingerprint() == observed[-1]
    observed.append(fingerprint(date(2015, 3, 1)))
    load_rows(engine, OM, [om("b")])
    observed.append(fingerprint())
    assert len(set(observed)) == len(observed)


def test_the_years_are_those_of_deliveries_and_registrations_known_by_then(engine: Engine) -> None:
    load_rows(engine, POLICE, [police("a", delivered_on=date(2013, 12, 31)), police("b", LATER)])
    load_rows(engine, OM, [om("a", registered_on=date(2015, 1, 1)), om("b", LATER, registered_on=date(2016, 1, 1))])
    with snapshot(engine) as connection:
        assert registers_of(connection).years(as_of=DAY) == [2013, 2015]
        assert registers_of(connection).years(as_of=date(2015, 3, 1)) == [2013, 2014, 2015, 2016]


def answer_that_delivers(suspects: int) -> BalanceAnswer:
    return answer_of(delivered=suspects, causes={}, period=Period.of_year(2014), as_of=DAY)


def balance(**differences: Any) -> MadeBalance:
    made = MadeBalance(
        period=Period.of_year(2014),
        as_of=DAY,
        policy={"transit_allowance_days": 60, "other_deliverers": ["PL27"]},
        code_version="1",
        input_fingerprint="f1",
        positions={POLICE.name: {"P": {"0": 2}}},
        answer=answer_that_delivers(560),
    )
    return replace(made, **differences)


OTHER_POLICY = {"transit_allowance_days": 30, "other_deliverers": []}


def test_the_same_balance_is_kept_once_and_the_one_that_came_out_last_is_the_answer(engine: Engine) -> None:
    def store(made: MadeBalance) -> int:
        with engine.begin() as connection:
            return store_balance(connection, made).balance_id

    def delivered(policy: dict[str, Any]) -> int:
        with engine.connect() as connection:
            found = stored_balance(connection, period=Period.of_year(2014), as_of=DAY, policy=policy)
        assert found is not None
        return found.answer.delivered

    first = store(balance())
    assert store(balance(policy={"other_deliverers": ["PL27"], "transit_allowance_days": 60})) == first
    assert store(balance(policy=OTHER_POLICY, answer=answer_that_delivers(1))) != first
    assert (delivered(balance().policy), delivered(OTHER_POLICY)) == (560, 1)
    store(balance(input_fingerprint="f2", answer=answer_that_delivers(2)))
    assert delivered(balance().policy) == 2
    assert store(balance()) == first
    assert delivered(balance().policy) == 560
    store(balance(code_version="2", answer=answer_that_delivers(3)))
    store(balance(as_of=date(2014, 12, 31), answer=answer_that_delivers(4)))
    store(balance(period=Period.parse("2014-12"), answer=answer_that_delivers(5)))
    with engine.connect() as connection:
        found = stored_balances(connection, period=Period.of_year(2014), policy=balance().policy)
        assert stored_balance(connection, period=Period.of_year(2013), as_of=DAY, policy=balance().policy) is None
    assert [(one.as_of, one.answer.delivered) for one in found] == [(date(2014, 12, 31), 4), (DAY, 3)]
    assert found[1].period == Period.of_year(2014)
    assert found[1].policy == balance().policy
    assert found[1].positions == balance().positions


def test_another_answer_to_the_same_question_is_an_error_and_is_not_kept(engine: Engine) -> None:
    with engine.begin() as connection:
        kept = store_balance(connection, balance())
    with pytest.raises(AnswerDiffers, match=f"balance {kept.balance_id}"), engine.begin() as connection:
        store_balance(connection, balance(answer=answer_that_delivers(561)))
    with engine.connect() as connection:
        again = stored_balance(connection, period=Period.of_year(2014), as_of=DAY, policy=balance().policy)
    assert again == kept


def test_quality_is_that_of_the_newest_check_of_at_least_these_rows(engine: Engine) -> None:
    load_rows(engine, POLICE, [police("a")], topic_id="P")
    with engine.connect() as connection:
        at = positions(connection)
        assert quality_of(connection, at) == {POLICE.name: "not_checked", OM.name: "not_checked"}

    def check(source: str, *, success: bool, reached: int) -> None:
        found = () if success else (QualityFinding(expectation="is filled", column="unit", rows=1),)
        with engine.begin() as connection:
            reached_by_topic = {"P": {"0": reached}}
            result = QualityResult(
                source=source, success=success, positions=reached_by_topic, expectations=9, findings=found
            )
            store_quality_result(connection, result)

    def verdict() -> str:
        with engine.connect() as connection:
            return quality_of(connection, at)[POLICE.name]

    check(OM.name, success=True, reached=1)
    with engine.connect() as connection:
        assert quality_of(connection, at)[OM.name] == "not_checked", "a suite over no rows says nothing"
    check(POLICE.name, success=False, reached=0)
    assert verdict() == "not_checked"
    check(POLICE.name, success=True, reached=1)
    assert verdict() == "passed"
    check(POLICE.name, success=False, reached=7)
    assert verdict() == "failed"
