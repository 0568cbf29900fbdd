"""A form is taken once, whoever sends it at the same moment; what no form is taken of any more is forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select

from ketenbalans.jobs.people.forms import take_once
from ketenbalans.settings import Settings
from warehouse.tables.forms import USED_FORM
from warehouse.used_forms import take_form

pytestmark = pytest.mark.stack


def test_of_many_at_once_one_is_taken(engine: Engine) -> None:
    later = datetime.now(UTC) + timedelta(hours=8)
    settings = Settings(warehouse_url=SecretStr(engine.url.render_as_string(hide_password=False)))

    def send(nonce: str) -> bool:
        return take_once(settings, nonce, expires_at=later)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(send, ["a", "b"] * 8))
    assert (sum(taken[::2]), sum(taken[1::2])) == (1, 1)
    assert not send("a"), "however much later"


def test_a_form_that_is_too_old_is_forgotten(engine: Engine) -> None:
    now = datetime.now(UTC)
    with engine.begin() as connection:
        assert take_form(connection, "old", expires_at=now - timedelta(hours=1))
        assert take_form(connection, "new", expires_at=now + timedelta(hours=1))
    with engine.begin() as connection:
        assert not take_form(connection, "new", expires_at=now + timedelta(hours=1))
        assert connection.scalar(select(func.count()).select_from(USED_FORM)) == 1
