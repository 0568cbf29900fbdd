"""State as known on day A, read from PostgreSQL: against the reference, and by example."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, null, select

from schemas.coded_state import DELIVERIES, REGISTRATIONS
from tests.integration.warehouse.rows import OM, POLICE, load_rows, om, police, tokens, with_token
from tests.integration.warehouse.state_by_sql import read_deliveries, read_registrations
from tests.reference.section3 import OM_MUTATIONS, POLICE_MUTATIONS, deliveries_known_on, registrations_known_on
from warehouse.copying import read_frame
from warehouse.database import snapshot
from warehouse.tables.events import event_table

pytestmark = pytest.mark.stack

SUMMER_AND_WINTER_ENDS = [date(2014, 3, 29), date(2014, 3, 30), date(2014, 10, 25), date(2014, 10, 26)]
NASTY = ["Zeden 'Oost'", 'een "team"', "a;b,c", "regel 1\nregel 2", "\\N", "é|ü", " ", "\r", "NULL"]


def moments(random: Random) -> datetime:
    day = random.choice([*SUMMER_AND_WINTER_ENDS, date(2014, 12, 30), date(2014, 12, 31)])
    seconds = random.choice([0, 3599, 3600, 75599, 75600, 79199, 79200, 82799, 82800, 86399])
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        seconds=seconds, microseconds=random.choice([0, 0, 999_999])
    )


def police_events(random: Random, number: int) -> list[dict[str, Any]]:
    events = []
    for index in range(number):
        mutation = random.choice(POLICE_MUTATIONS)
        transferred_to = random.choice([None, *NASTY])
        events.append(
            police(
                f"{random.choice('aAzZé-')}{index:05d}",
                moments(random),
                mutation=mutation,
                dossier_number=f"PL0900-20140000{random.randrange(number // 8):02d}",
                suspect_number=random.randint(1, 2),
                person_token=random.choice([None, "a" * 64]),
                transferred_to=transferred_to or ("PL0600" if mutation == "transferred" else None),
                qualifications=random.choice([None, [], ["abuse"], ["production", "abuse"]]),
            )
        )
    return events


def om_events(random: Random, number: int) -> list[dict[str, Any]]:
    return [
        om(
            f"{random.choice('aAzZé-')}{index:05d}",
            moments(random),
            mutation=random.choice(OM_MUTATIONS),
            case_number=f"09000000{random.randrange(number // 6):02d}",
            dossier_number_as_reported=random.choice([None, *NASTY]),
            suspect_number=random.choice([None, 1, 12]),
            joined_into="0900000199",
        )
        for index in range(number)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_the_reference_reads(engine: Engine, seed: int) -> None:
    random = Random(seed)
    deliveries, registrations = police_events(random, 200), om_events(random, 200)
    load_rows(engine, POLICE, deliveries)
    load_rows(engine, OM, registrations)
    token_of = tokens(engine)
    days = [*SUMMER_AND_WINTER_ENDS, date(2014, 3, 28), date(2014, 12, 30), date(2014, 12, 31), date(2015, 1, 1)]
    for day in days:
        with snapshot(engine) as connection:
            ours = read_deliveries(connection, as_of=day)
            theirs = read_registrations(connection, as_of=day)
        assert dict(ours.schema) == DELIVERIES
        assert dict(theirs.schema) == REGISTRATIONS
        expected = [vars(delivery) for delivery in deliveries_known_on(deliveries, day)]
        assert [with_token(row, token_of) for row in ours.drop("qualifications").to_dicts()] == expected
        expected = [vars(registration) for registration in registrations_known_on(registrations, day)]
        assert [with_token(row, token_of) for row in theirs.to_dicts()] == expected


def test_a_list_that_is_empty_is_not_a_list_that_is_not_known(engine: Engine) -> None:
    for number, words in enumerate([None, [], ["abuse"], ["production", "abuse"]], start=1):
        load_rows(engine, POLICE, [police(str(number), suspect_number=number, qualifications=words)])
    with snapshot(engine) as connection:
        found = read_deliveries(connection, as_of=date(2014, 12, 31))["qualifications"].to_list()
    assert found == [None, [], ["abuse"], ["production", "abuse"]]


def test_what_is_so_and_what_is_not_are_read_apart(engine: Engine) -> None:
    for number, is_so in enumerate([True, False], start=1):
        load_rows(engine, POLICE, [police(str(number), suspect_number=number, transnational=is_so)])
    table = event_table(POLICE)
    query = select(table.c.transnational, null().label("nothing")).order_by(table.c.suspect_number)
    with snapshot(engine) as connection:
        found = read_frame(connection, query, {"transnational": pl.Boolean(), "nothing": pl.Boolean()})
    assert found.rows() == [(True, None), (False, None)]


def test_midnight_in_amsterdam_is_the_next_day(engine: Engine) -> None:
    midnight_in_summer = datetime(2014, 6, 30, 22, tzinfo=UTC)
    load_rows(engine, POLICE, [police("a", midnight_in_summer), police("b", midnight_in_summer, suspect_number=2)])
    midnight_in_winter = datetime(2014, 12, 31, 23, tzinfo=UTC)
    load_rows(engine, OM, [om("a", midnight_in_winter), om("b", midnight_in_winter - timedelta(microseconds=1))])
    with snapshot(engine) as connection:
        assert read_deliveries(connection, as_of=date(2014, 6, 30)).height == 0
        assert read_deliveries(connection, as_of=date(2014, 7, 1)).height == 2
        assert read_registrations(connection, as_of=date(2014, 12, 31)).height == 1
        assert read_registrations(connection, as_of=date(9999, 12, 31)).height == 1


def test_a_snapshot_sees_nothing_that_is_loaded_meanwhile(engine: Engine) -> None:
    load_rows(engine, POLICE, [police("a")])
    with snapshot(engine) as connection:
        before = read_deliveries(connection, as_of=date(2014, 12, 31))
        load_rows(engine, POLICE, [police("b", suspect_number=2)])
        assert read_deliveries(connection, as_of=date(2014, 12, 31)).equals(before)
