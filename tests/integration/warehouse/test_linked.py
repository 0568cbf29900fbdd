"""A chain that goes on from what is kept is the chain of the whole: after loads, days, decisions and damage."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from ketenbalans.columns.linked_state import KeptChain, keep_whole, kept_chain
from ketenbalans.columns.own_folder import LOCK
from ketenbalans.columns.registers import registers_of
from ketenbalans.jobs.balancing import linked
from ketenbalans.jobs.balancing.linked import linked_as_of, place_of
from ketenbalans.jobs.balancing.nightly_check import StepsDiffer, steps_equal_the_whole
from ketenbalans.project_policy import project_policy
from ketenbalans.reconciliation.balance import balances, chain_of
from ketenbalans.reconciliation.chain import Chain
from schemas.breaks import BreakStep
from schemas.decisions import Decision, Pair
from schemas.declaration import Source
from schemas.period import Period
from tests.integration.warehouse.rows import OM, POLICE, load_rows, om, police
from tests.integration.warehouse.rows_beside import KMAR, kmar
from tests.integration.warehouse.test_columns import with_columns
from tests.reference.records import Delivery, Registration
from tests.reference.strategies import random_world
from warehouse.database import snapshot
from warehouse.decisions import read_pair_decisions, record_decisions

pytestmark = pytest.mark.stack

POLICY = project_policy()
PERIODS = [Period.of_year(2014), Period.of_year(2013), Period(date(1990, 1, 1), date(2050, 12, 31))]
DAYS = [date(2014, 12, 30), date(2014, 12, 31), date(2015, 1, 1)]


@pytest.fixture(autouse=True)
def every_change_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked, "RELINKED_AT_MOST", 100)


def batches(random: Random, number: int) -> list[tuple[Source, list[dict[str, Any]]]]:
    """The records of a few dense worlds as events of the three registers, in an order of loads."""
    made: list[tuple[Source, list[dict[str, Any]]]] = []
    for batch in range(number):
        world = random_world(random.randrange(2**32), 40, with_parties=True)
        made += [
            (POLICE, [police_event(one, batch, random) for one in world.deliveries if one.party == "police"]),
            (OM, [om_event(one, batch, random) for one in world.registrations]),
            (KMAR, [kmar_event(one, batch, random) for one in world.deliveries if one.party == "kmar"]),
        ]
    return made


def recorded_at(random: Random) -> datetime:
    day = random.choice([date(2014, 12, 29), *DAYS])
    return datetime(day.year, day.month, day.day, random.randrange(24), tzinfo=UTC)


def police_event(one: Delivery, batch: int, random: Random) -> dict[str, Any]:
    fields = {name: value for name, value in vars(one).items() if name not in ("party", "transferred_on")}
    return police(f"{one.dossier_number}/{one.suspect_number}/{batch}", recorded_at(random), **fields)


def kmar_event(one: Delivery, batch: int, random: Random) -> dict[str, Any]:
    fields = {name: value for name, value in vars(one).items() if name not in ("party", "team", "transferred_on")}
    return kmar(f"{one.dossier_number}/{one.suspect_number}/{batch}", recorded_at(random), **fields)


def om_event(one: Registration, batch: int, random: Random) -> dict[str, Any]:
    joined = {"joined_into": "0900099914"} if one.mutation == "joined" else {}
    return om(f"{one.case_number}/{batch}", recorded_at(random), **vars(one), **joined)


def in_full(connection: Connection, day: date) -> Chain:
    decisions = read_pair_decisions(connection, as_of=day)
    return chain_of(*registers_of(connection).state(as_of=day), as_of=day, policy=POLICY, decisions=decisions)


def assert_same(one: Chain, other: Chain) -> None:
    for ours, theirs in zip(balances(one, PERIODS), balances(other, PERIODS), strict=True):
        assert ours.answer() == theirs.answer()
        assert ours.om_only.equals(theirs.om_only)
        assert all(
            mine.suspects.equals(its.suspects) for mine, its in zip(ours.delivered, theirs.delivered, strict=True)
        )


def asked(engine: Engine, day: date) -> KeptChain:
    """Ask for the chain of a day, hold it against the whole, and give what is kept."""
    with snapshot(engine) as connection:
        assert_same(linked_as_of(connection, day, policy=POLICY, keeps=True).chain, in_full(connection, day))
        place = place_of(connection, registers_of(connection))
        assert place is not None
        kept = kept_chain(place)
        assert kept is not None
        assert kept.key["as_of"] == day.isoformat()
        return kept


def decide(engine: Engine, random: Random) -> None:
    """Say something about a pair that is linked or suggested."""
    with snapshot(engine) as connection:
        chain = in_full(connection, DAYS[-1])
        (found,) = balances(chain, PERIODS[2:])
    pairs = [
        Pair(
            dossier_number=row["dossier_number"],
            suspect_number=row["suspect_number"],
            case_number=row["case_number"] or row["suggested_case_number"],
        )
        for row in found.suspects.iter_rows(named=True)
    ]
    pair = random.choice([pair for pair in pairs if pair.case_number])
    verdict = random.choice([BreakStep.CONFIRMED, BreakStep.REJECTED])
    day = random.choice(DAYS) - timedelta(days=1)
    with engine.begin() as connection:
        record_decisions(connection, [Decision(verdict=verdict, decided_by="anna", decided_on=day, pair=pair)])


@pytest.mark.parametrize("seed", range(3))
def test_it_goes_on_from_what_is_kept(engine: Engine, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    kept = with_columns(engine, tmp_path / "columns")
    days = iter(sorted(random.choice(DAYS) for _ in range(20)))
    day = next(days)
    found = []
    for number, (source, events) in enumerate(batches(random, 3)):
        load_rows(engine, source, events)
        if number > 1:
            found.append(asked(kept, day))
            day = next(days)
            found.append(asked(kept, day))
            decide(engine, random)
            found.append(asked(kept, day))
    assert len({str(one.whole) for one in found}) == 1, "it was linked in full once"
    assert len({str(one.since) for one in found}) > len(found) // 2, "what came since was linked anew"
    assert asked(kept, day) == found[-1], "asked again it is taken as it is"


def test_what_differs_or_is_damaged_is_linked_in_full(engine: Engine, tmp_path: Path) -> None:
    kept = with_columns(engine, tmp_path / "columns")
    first, second, *_ = batches(Random(9), 2)
    load_rows(engine, *first)
    assert not asked(kept, DAYS[1]).since
    load_rows(engine, *second)
    assert asked(kept, DAYS[1]).since
    assert not asked(kept, DAYS[0]).since, "an earlier day is linked in full"
    with snapshot(kept) as connection:
        place = place_of(connection, registers_of(connection))
        assert place is not None
        for file in [file for file in place.folder.iterdir() if file.name != LOCK]:
            content = file.read_bytes()
            file.write_bytes(content[:-9])
            assert_same(
                linked_as_of(connection, DAYS[0], policy=POLICY, keeps=False).chain, in_full(connection, DAYS[0])
            )
            file.write_bytes(content)
        other = POLICY.model_copy(update={"transit_allowance_days": POLICY.transit_allowance_days + 1})
        assert linked_as_of(connection, DAYS[0], policy=other, keeps=False).chain.policy == other
        manifest = place.folder / "linked.json"
        body = json.loads(manifest.read_text())
        assert body["key"]["policy"] == POLICY.to_dict(), "nothing else was kept meanwhile"


def test_loads_that_are_not_those_of_before_are_no_ground_to_go_on(engine: Engine, tmp_path: Path) -> None:
    """As after the warehouse was put back: the numbers are the same, what was loaded is not."""
    kept = with_columns(engine, tmp_path / "columns")
    first, *_ = batches(Random(3), 1)
    load_rows(engine, *first)
    with snapshot(kept) as connection:
        registers = registers_of(connection)
        key = linked.key_of(registers, DAYS[1], POLICY, read_pair_decisions(connection, as_of=DAYS[1]), input_now="")
        known = {name: mark and {**mark, "digest": "00" * 32} for name, mark in key["loads"].items()}
        assert linked.goes_on(connection, key, {**key, "as_of": DAYS[2].isoformat()})
        assert not linked.goes_on(connection, {**key, "loads": known}, {**key, "as_of": DAYS[2].isoformat()})
        assert not linked.goes_on(connection, {**key, "code_version": "older"}, key)
        assert not linked.goes_on(connection, {**key, "as_of": DAYS[2].isoformat()}, key)


def test_the_nightly_check_names_a_kept_chain_that_differs_and_forgets_it(engine: Engine, tmp_path: Path) -> None:
    kept = with_columns(engine, tmp_path / "columns")
    for source, events in batches(Random(2), 2):
        load_rows(engine, source, events)
    check = partial(steps_equal_the_whole, kept, periods=PERIODS, as_of=DAYS[2], policy=POLICY)
    check()
    key = asked(kept, DAYS[2]).key
    check()
    with snapshot(kept) as connection:
        place = place_of(connection, registers_of(connection))
        assert place is not None
        keep_whole(place, in_full(connection, date(2014, 12, 29)), key)  # as a defect of ours would
    with pytest.raises(StepsDiffer, match="from the linked state that is kept"):
        check()
    assert kept_chain(place) is None
    check()
