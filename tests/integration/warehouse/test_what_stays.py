"""A load works out the balances of the periods that it touches; every other one stays, and is what it would be."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pytest
from sqlalchemy import Engine

from ketenbalans.jobs.balancing import due, linked
from ketenbalans.jobs.balancing.basis import basis_of
from ketenbalans.jobs.balancing.chains import whole_chain_on
from ketenbalans.jobs.balancing.making import balance_and_store
from ketenbalans.jobs.breaks.of_balance import breaks_of, read_breaks
from ketenbalans.reconciliation.balance import Balance, balance, balances
from ketenbalans.reconciliation.breaks import found_breaks
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.settings import Settings
from schemas.break_frames import OBSERVATION
from schemas.period import Period
from tests.integration.warehouse.rows import OM, POLICE, load_covered, load_rows, om, police
from tests.integration.warehouse.test_columns import with_columns
from tests.integration.warehouse.test_linked import batches
from warehouse.balances import balance_on
from warehouse.breaks import keep_look, last_look
from warehouse.database import snapshot

pytestmark = pytest.mark.stack

SETTINGS = Settings()
POLICY = SETTINGS.read_policy()
AS_OF = date(2015, 1, 1)
YEARS = [Period.of_year(year) for year in (2013, 2014)]
PERIODS = [*YEARS, *(Period(date(2014, 12, day), date(2014, 12, day)) for day in range(1, 32))]


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[Period]:
    """The periods whose balance was worked out."""
    asked: list[Period] = []

    def noted(chain: Chain, periods: Sequence[Period]) -> list[Balance]:
        asked.extend(periods)
        return balances(chain, periods)

    monkeypatch.setattr(due, "balances", noted)
    monkeypatch.setattr(linked, "RELINKED_AT_MOST", 100)
    return asked


def store(engine: Engine, *, afresh: bool = False) -> None:
    balance_and_store(
        engine, SETTINGS, periods=PERIODS, as_of=AS_OF, policy=POLICY, keeps_breaks=not afresh, afresh=afresh
    )


def kept_breaks(engine: Engine, year: Period) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The breaks of a year as they are kept, and as they are worked out of the whole."""
    kept = read_breaks(engine, period=year, as_of=AS_OF, policy=POLICY)
    assert kept is not None
    assert kept.is_kept
    with snapshot(engine) as connection:
        found = found_breaks(balance(whole_chain_on(connection, AS_OF, policy=POLICY), year), policy=POLICY)
        return kept.rows, breaks_of(connection, found, period=year, as_of=AS_OF).rows


def test_what_stays_is_what_is_made_afresh(engine: Engine, tmp_path: Path, worked_out: list[Period]) -> None:
    random = Random(1)
    kept = with_columns(engine, tmp_path / "columns")
    first, *later = batches(random, 2)
    load_covered(engine, first[0], first[1], until=AS_OF)
    load_covered(engine, OM, [], until=AS_OF)
    store(kept)
    for source, events in later:
        for number in range(0, len(events), 15):
            load_rows(engine, source, events[number : number + random.choice((1, 2, 15))])
            worked_out.clear()
            store(kept)
            made = len(worked_out)
            store(kept, afresh=True)  # refuses an answer that comes out otherwise
            assert len(worked_out) == made + len(PERIODS)
    for year in YEARS:
        ours, theirs = kept_breaks(kept, year)
        assert ours.equals(theirs)


def test_a_record_of_one_year_lets_the_other_years_stay(
    engine: Engine, tmp_path: Path, worked_out: list[Period]
) -> None:
    kept = with_columns(engine, tmp_path / "columns")
    of_2013 = police("1", dossier_number="PL0900-2013000001", delivered_on=date(2013, 5, 1))
    load_covered(engine, POLICE, [of_2013, police("2", dossier_number="PL0900-2014000002")], until=AS_OF)
    load_covered(engine, OM, [om("1")], until=AS_OF)
    store(kept)
    worked_out.clear()
    load_rows(engine, POLICE, [police("3", dossier_number="PL0900-2013000003", delivered_on=date(2013, 6, 1))])
    store(kept)
    assert worked_out == YEARS[:1]
    with snapshot(kept) as connection:
        look = last_look(connection, year=2014)
        basis = basis_of(connection, as_of=AS_OF, policy=POLICY)
        stored = balance_on(connection, YEARS[1], basis)
        assert look is not None
        assert stored is not None
        assert look.balance_id == stored.balance_id


def test_breaks_that_somebody_kept_meanwhile_are_worked_out(
    engine: Engine, tmp_path: Path, worked_out: list[Period], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another look was kept between reading and writing: the breaks that stay are held against it."""
    kept = with_columns(engine, tmp_path / "columns")
    load_covered(engine, POLICE, [police("1"), police("2", dossier_number="PL0900-2013000002")], until=AS_OF)
    load_covered(engine, OM, [], until=AS_OF)
    store(kept)
    load_rows(engine, POLICE, [police("3", dossier_number="PL0900-2013000003", delivered_on=date(2013, 6, 1))])
    digests: list[str] = []
    as_before = due._as_before

    def then_somebody_keeps(*asked: object) -> object:
        found = as_before(*asked)  # type: ignore[arg-type]
        digests.extend(digest for _, digest in found.values() if digest)
        with engine.begin() as connection:
            last = last_look(connection, year=2014)
            assert last is not None
            other = replace(last, found_digest="of other breaks")
            keep_look(connection, other, year=2014, observed=pl.DataFrame(schema=OBSERVATION))
        return found

    monkeypatch.setattr(due, "_as_before", then_somebody_keeps)
    store(kept)
    assert len(digests) == 1
    ours, theirs = kept_breaks(kept, YEARS[1])
    assert ours.equals(theirs)
    with snapshot(kept) as connection:
        look = last_look(connection, year=2014)
        assert look is not None
        assert look.found_digest == digests[0]
