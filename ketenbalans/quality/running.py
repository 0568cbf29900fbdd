"""Running suites with Great Expectations: over rows and numbers, in memory, silent, without a value in the answer."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from ketenbalans.quality.data_docs import NUMBERS, DocsFolder, pages_of
from ketenbalans.quality.suite import Band, Expected
from warehouse.quality_results import LoadsCovered, Measured, QualityFinding
from warehouse.session import UnpooledSessions

WITHOUT_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts only: with this, Great Expectations never asks the database for a value that fails."""

FAILED = {"raised_exception": True, "exception_traceback": "", "exception_message": "the check itself failed"}
"""What is kept of a check that failed: what the database says of it may hold a value, or the way to the database."""


@dataclass(frozen=True, kw_only=True)
class SuiteOutcome:
    """What a run found.

    Attributes:
        findings: the expectations of the table that its rows do not meet.
        measures: every number with its band, met or not.
    """

    findings: tuple[QualityFinding, ...]
    measures: tuple[Measured, ...]


@dataclass(frozen=True, kw_only=True)
class Docs:
    """Where the data docs go.

    Attributes:
        folder: of the site; it is replaced when the new one is whole.
        first_page: makes the first page from what was found and the pages behind it (``about``, ``href``).
    """

    folder: Path
    first_page: Callable[[SuiteOutcome, list[dict[str, str]]], str]


@dataclass(frozen=True, kw_only=True)
class StoredRows:
    """The rows that a suite looks at: all of a table, or those that some loads brought."""

    table: str
    covers: LoadsCovered

    def query(self) -> str | None:
        """The query of the rows; None: all of the table."""
        if self.covers.is_all:
            return None
        after, up_to = int(self.covers.after), int(self.covers.up_to or 0)
        return f"SELECT * FROM {self.table} WHERE load_number > {after} AND load_number <= {up_to}"  # noqa: S608


def run(url: URL, rows: StoredRows, expected: Sequence[Expected], bands: Sequence[Band], *, docs: Docs) -> SuiteOutcome:
    """Hold rows against their expectations and numbers against their bands, and write the data docs of both.

    Importing Great Expectations takes seconds, so it is done here and nowhere else.

    Args:
        url: the warehouse.
        rows: which rows of which event table.
        expected: the suite of the table.
        bands: the numbers that were counted over what is stored.
        docs: where to.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while it is imported
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it logs hundreds of lines about itself
    import great_expectations as gx  # noqa: PLC0415

    with DocsFolder(docs.folder) as folder:
        context = _silent_context(gx, folder)
        missed = _unmet_by_rows(gx, context, url, rows, expected)
        measured = _measured(gx, context, rows.table, bands)
        context.build_data_docs()
        findings = tuple(_finding(expected[number], missed[number]) for number in sorted(missed))
        outcome = SuiteOutcome(findings=findings, measures=measured)
        (folder / "index.html").write_text(docs.first_page(outcome, pages_of(folder)), encoding="utf-8")
    return outcome


def _unmet_by_rows(gx: Any, context: Any, url: URL, rows: StoredRows, expected: Sequence[Expected]) -> dict[int, Any]:
    """The results of the expectations that rows do not meet, by their place in the suite."""
    table, query = rows.table, rows.query()
    suite = context.suites.add(gx.ExpectationSuite(name=table))
    for number, one in enumerate(expected):
        arguments = {**one.arguments, "meta": {"number": number}}
        if one.name == "UnexpectedRowsExpectation":  # the docs would show the query; a sentence reads better
            arguments["description"] = f"{one.column} {one.rule}".replace("$", "$$")
        suite.add_expectation(getattr(gx.expectations, one.name)(**arguments))
    address, sessions = _connection_string(url), {"poolclass": UnpooledSessions}
    source = context.data_sources.add_postgres("warehouse", connection_string=address, kwargs=sessions)
    if query is None:
        batch = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("all")
    else:
        batch = source.add_query_asset(table, query=query).add_batch_definition_whole_table(str(rows.covers))
    try:
        result = _validated(gx, context, table, batch, suite)
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()
    return {int(one.expectation_config.meta["number"]): one for one in result.results if not one.success}


def _measured(gx: Any, context: Any, table: str, bands: Sequence[Band]) -> tuple[Measured, ...]:
    """Every number beside its band, as a frame of one row with a column for each."""
    if not bands:
        return ()
    import pandas as pd  # noqa: PLC0415 (Great Expectations has it in memory already)

    suite = context.suites.add(gx.ExpectationSuite(name=f"{table}{NUMBERS}"))
    columns = [f"{one.subject}: {one.what}" for one in bands]
    for number, (one, column) in enumerate(zip(bands, columns, strict=True)):
        suite.add_expectation(
            gx.expectations.ExpectColumnSumToBeBetween(
                column=column,
                min_value=one.lowest,
                max_value=one.highest,
                severity="warning",
                meta={"number": number},
                notes=one.concern.meaning,
            )
        )
    numbers = pd.DataFrame([[one.counted for one in bands]], columns=columns)
    asset = context.data_sources.add_pandas("counted").add_dataframe_asset(f"{table}{NUMBERS}")
    rows = asset.add_batch_definition_whole_dataframe("all")
    result = _validated(gx, context, f"{table}{NUMBERS}", rows, suite, batch_parameters={"dataframe": numbers})
    is_met = {int(one.expectation_config.meta["number"]): bool(one.success) for one in result.results}
    return tuple(_as_measured(one, is_met=is_met[number]) for number, one in enumerate(bands))


def _validated(gx: Any, context: Any, name: str, rows: Any, suite: Any, **parameters: Any) -> Any:
    """Run a suite; what is kept of it, for the data docs, is the answer without what a failed check said."""
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=rows, suite=suite))
    known = set(context.validation_results_store.list_keys())
    result = definition.run(result_format=WITHOUT_VALUES, **parameters)
    for one in result.results:
        if one.result and "details" in one.result:
            del one.result["details"]
        if _has_failed(one):
            one.exception_info = dict(FAILED)
    (key,) = set(context.validation_results_store.list_keys()) - known
    context.validation_results_store.set(key, result)
    return result


def _has_failed(result: Any) -> bool:
    """Whether the check itself failed; what it said is reported as one thing, or as one per metric."""
    info = result.exception_info or {}
    return bool(info.get("raised_exception")) or any(
        isinstance(one, dict) and one.get("raised_exception") for one in info.values()
    )


def _silent_context(gx: Any, docs: Path) -> Any:
    """A context that lives in memory, reports to nobody, draws no progress bars and writes its docs to a folder."""
    from great_expectations.data_context.types.base import (  # noqa: PLC0415
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "site_section_builders": {"profiling": "None"},
    }
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            data_docs_sites={"site": site},
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )


def _connection_string(url: URL) -> str:
    """The warehouse as Great Expectations accepts it: with a host, and with its own sign for variables escaped."""
    if url.host is None:
        url = url.set(host="localhost")  # a socket's folder, in the query, goes before it
    return url.render_as_string(hide_password=False).replace("$", r"\$")


def _finding(expected: Expected, result: Any) -> QualityFinding:
    """One expectation that is not met, with the number of rows; None when the check itself failed."""
    amounts = result.result or {}
    rows = amounts.get("unexpected_count", amounts.get("observed_value"))
    return QualityFinding(
        expectation=expected.rule,
        column=expected.column,
        rows=rows if isinstance(rows, int) else None,
        concern=expected.concern.value,
    )


def _as_measured(band: Band, *, is_met: bool) -> Measured:
    return Measured(
        concern=band.concern.value,
        subject=band.subject,
        what=band.what,
        counted=band.counted,
        lowest=band.lowest,
        highest=band.highest,
        is_met=is_met,
    )
