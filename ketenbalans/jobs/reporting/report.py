"""Make reports: balance when that was not done yet, gather, render each form, and keep what was reported."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from ketenbalans.audit.checkpoint import Checkpoint, InvalidCheckpoint
from ketenbalans.jobs.audit.checkpoints import AuditBroken, checkpoint_over
from ketenbalans.jobs.audit.lines import NoJsonLine
from ketenbalans.jobs.balancing.basis import basis_of
from ketenbalans.jobs.balancing.making import balance_with_breaks
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.reporting.frames import read_report
from ketenbalans.jobs.reporting.publication import ReportTerms
from ketenbalans.jobs.reporting.refusals import refuse_what_is_not_known
from ketenbalans.jobs.reporting.written import WrittenReport
from ketenbalans.reports.compose import document_of
from ketenbalans.reports.html import render_html
from ketenbalans.reports.pdf import render_pdf
from ketenbalans.reports.plain import render_csv, render_json
from ketenbalans.reports.report import Report
from ketenbalans.reports.spreadsheet import render_ods
from ketenbalans.reports.words import words_of
from ketenbalans.settings import Settings
from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.telemetry import lineage
from ketenbalans.whole_files import NotWritten, WholeFiles, check_folder
from schemas.causes import Cause
from schemas.period import Period
from warehouse.database import snapshot
from warehouse.errors import InputKeepsChanging
from warehouse.reports import REPORTED_FIGURES, keep_report

logger = logging.getLogger("ketenbalans.report")

TRIES = 4
"""How often a report looks for a balance of just what is loaded, which it makes in between, while rows come in."""


def reports_folder(settings: Settings, period: Period, as_of: date) -> Path:
    """Where the DAG puts the report of a question."""
    return settings.home / "reports" / str(period).replace("/", "_") / as_of.isoformat()


def make_report(  # noqa: PLR0913 (the question, and where the answer goes)
    engine: Engine, settings: Settings, *, period: Period, as_of: date, out: Path, languages: Sequence[str]
) -> WrittenReport:
    """Make the report of a period as known on a day, in every form, and write down what it said.

    The same question about the same input gives the same bytes.

    Args:
        engine: the warehouse.
        settings: the standing policy, what reports are made under beside it, and where lineage is sent.
        period: what is counted.
        as_of: the day whose knowledge is used.
        out: the folder; made when it is not there.
        languages: ``en``, ``nl`` or both.

    Returns:
        What was written.

    Raises:
        NotCovered: the day lies after the last one that both registers cover; nothing was balanced or written.
        NothingOfThePeriod: no record of the period is known on that day; likewise.
        InputKeepsChanging: rows were loaded each time that it was tried; nothing was written.
    """
    check_folder(out)
    with snapshot(engine) as connection:
        refuse_what_is_not_known(connection, period=period, as_of=as_of)
    terms = ReportTerms.of(settings)
    read, written = lineage.tables(["balance"], engine), [lineage.file(out)]
    with lineage.run_of("report", inputs=read, outputs=written, place=settings.lineage):
        report, balance_id = _read_of_one_moment(engine, settings, period=period, as_of=as_of, terms=terms)
        report = replace(report, checkpoint=_checkpoint_over(engine, settings, balance_id))
        files = write_report(report, out=out, languages=languages)
    balance = report.balance
    figures = {name: balance.figure(name) for name in REPORTED_FIGURES}
    with engine.begin() as connection:
        keep_report(connection, period=period, as_of=as_of, balance_id=balance_id, figures=figures)
    return WrittenReport(
        period=period,
        as_of=as_of,
        delivered=balance.delivered,
        recognised=balance.recognised,
        gap=balance.gap,
        om_count=balance.om_count,
        synthetic=balance.synthetic,
        missing=balance.causes[Cause.MISSING.value],
        files=tuple(files),
    )


def _read_of_one_moment(
    engine: Engine, settings: Settings, *, period: Period, as_of: date, terms: ReportTerms
) -> tuple[Report, int]:
    """Gather the report in one snapshot that holds just what its balance was made from, which is made when it is not.

    Returns:
        The report, and the number of its balance.
    """
    policy, alert_policy = settings.read_policy(), settings.read_alert_policy()
    for looks_left in reversed(range(TRIES)):
        with snapshot(engine) as connection:
            stored = balance_with_breaks(connection, period, basis_of(connection, as_of=as_of, policy=policy))
            if stored is not None:
                report = read_report(connection, stored, policy=policy, alert_policy=alert_policy, terms=terms)
                return report, stored.balance_id
        if looks_left:
            reconcile(engine, settings, period=period, as_of=as_of, policy=policy, keeps_breaks=True)
    raise InputKeepsChanging(str(period), as_of, TRIES)


def _checkpoint_over(engine: Engine, settings: Settings, balance_id: int) -> Checkpoint | None:
    """The checkpoint that the report names; a chain that cannot be signed keeps no report back, and is said in the log.

    The nightly check and ``ketenbalans audit verify`` say what is wrong with it.
    """
    try:
        return checkpoint_over(engine, settings.home, kind="balance", subject=str(balance_id))
    except (AuditBroken, InvalidCheckpoint, NoJsonLine, NotWritten, SecretUnusable) as error:
        logger.warning("the report names no checkpoint of the audit chain: %s", error)
        return None


def write_report(report: Report, *, out: Path, languages: Sequence[str]) -> list[Path]:
    """Write every form of a report, all of them or none; gives the files, pages first.

    Raises:
        NotWritten: the folder could not be written.
    """
    name = f"balance-{str(report.period).replace('/', '_')}-as-of-{report.as_of}"
    forms: dict[str, bytes] = {}
    for language in languages:
        document = document_of(report, words_of(language))
        forms[f"{name}.{language}.html"] = render_html(document).encode()
        forms[f"{name}.{language}.pdf"] = render_pdf(document)
        forms[f"{name}.{language}.ods"] = render_ods(document)
        forms[f"{name}.{language}.csv"] = render_csv(document)
    forms[f"{name}.json"] = render_json(report).encode()
    with WholeFiles(out) as files:
        return [files.add(file_name, content) for file_name, content in forms.items()]
