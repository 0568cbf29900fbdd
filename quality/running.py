"""Running a suite with Great Expectations over the warehouse: in memory, silent, and without a value in its answer."""

import logging
import os
from collections.abc import Sequence
from typing import Any

from sqlalchemy import NullPool
from sqlalchemy.engine import URL

from quality.suite import Expected
from warehouse.quality_results import Finding

WITHOUT_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts only: with this, Great Expectations never asks the database for a value that fails."""


def findings(url: URL, table: str, expected: Sequence[Expected]) -> list[Finding]:
    """What the rows of a table do not meet; nothing when all hold.

    Importing Great Expectations takes seconds, so it is done here and nowhere else.

    Args:
        url: the warehouse.
        table: the event table.
        expected: the suite.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while it is imported
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it tells hundreds of lines of its own affairs
    import great_expectations as gx  # noqa: PLC0415

    context = _silent_context(gx)
    suite = context.suites.add(gx.ExpectationSuite(name=table))
    for number, one in enumerate(expected):
        suite.add_expectation(getattr(gx.expectations, one.name)(**one.arguments, meta={"number": number}))
    address = _connection_string(url)
    source = context.data_sources.add_postgres("warehouse", connection_string=address, kwargs={"poolclass": NullPool})
    rows = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("all")
    definition = gx.ValidationDefinition(name=table, data=rows, suite=suite)
    context.validation_definitions.add(definition)
    try:
        result = definition.run(result_format=WITHOUT_VALUES)
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()
    missed = [one for one in result.results if not one.success]
    numbered = {_number_of(one): one for one in missed}
    return [_finding(expected[number], numbered[number]) for number in sorted(numbered)]


def _silent_context(gx: Any) -> Any:
    """A context that lives in memory, reports to nobody and draws no progress bars."""
    from great_expectations.data_context.types.base import (  # noqa: PLC0415
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )


def _connection_string(url: URL) -> str:
    """The warehouse as Great Expectations accepts it: with a host, and with its own sign for variables escaped."""
    if url.host is None:
        url = url.set(host="localhost")  # a socket's folder, in the query, goes before it
    return url.render_as_string(hide_password=False).replace("$", r"\$")


def _number_of(result: Any) -> int:
    return int(result.expectation_config.meta["number"])


def _finding(expected: Expected, result: Any) -> Finding:
    """One expectation that is not met, with the number of rows; None when the check itself failed."""
    amounts = result.result or {}
    rows = amounts.get("unexpected_count", amounts.get("observed_value"))
    return Finding(expectation=expected.rule, column=expected.column, rows=rows if isinstance(rows, int) else None)
