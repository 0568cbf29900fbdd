"""The records that began in a window, as they are known now: the newest row of each, by the one order that there is."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from schemas.period import Period
from tests.integration.warehouse.rows import MOMENT, POLICE, load_rows, police
from warehouse.database import snapshot
from warehouse.recent_rows import read_mended

pytestmark = pytest.mark.stack

JUNE = Period(date(2014, 6, 1), date(2014, 6, 30))


def teams(engine: Engine) -> list[str]:
    with snapshot(engine) as connection:
        return sorted(read_mended(connection, POLICE, window=JUNE, long_after_days=92)["team"])


def test_of_two_rows_of_one_moment_the_later_mutation_shows_whatever_their_ids(engine: Engine) -> None:
    later = MOMENT + timedelta(days=40)
    load_rows(
        engine,
        POLICE,
        [
            police("z", team="TBKK"),
            police("a", mutation="corrected", team="ZEDEN"),
            police("y", suspect_number=2, team="TBKK"),
            police("b", later, suspect_number=2, mutation="corrected", team="ZEDEN"),
            police("x", later, suspect_number=3, team="TBKK"),
        ],
    )
    assert teams(engine) == ["ZEDEN", "ZEDEN"], "the third record began after the window"
