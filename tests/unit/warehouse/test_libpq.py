"""No variable of PostgreSQL reaches a client of ours."""

import os

import pytest
from psycopg import pq

from warehouse.database import connect

MORE = ("PGSERVICEFILE", "PGSYSCONFDIR", "PGLOCALEDIR", "PGTZ", "PGDATESTYLE", "PGGEQO")
"""What libpq reads beside the variables of its options."""


def test_an_engine_looks_at_no_variable_of_libpq(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = [option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar]
    assert {"PGPORT", "PGSERVICE", "PGOPTIONS", "PGSSLMODE", "PGPASSFILE", "PGCLIENTENCODING"} <= set(variables)
    for name in (*variables, *MORE):
        monkeypatch.setenv(name, "/nowhere")
    connect("postgresql://user@127.0.0.1:9/database").dispose()
    assert [name for name in (*variables, *MORE) if name in os.environ] == []
    assert not [one.keyword for one in pq.Conninfo.get_defaults() if one.val == b"/nowhere"]
