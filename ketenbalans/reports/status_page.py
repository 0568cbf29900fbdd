"""The page behind "Balance" in Airflow's navigation: sources, balances, alerts, reports. Counts only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from ketenbalans.reports.page_templates import LEAVE_THE_FRAME, TEMPLATES
from schemas.answer import ShownBalance
from schemas.control_signs import escape_control_signs

COMMAND = re.compile(r"`([^`]+)`")
TEXT_OF_THE_PROJECT = re.compile(r"\bdocs/[\w./-]+\.md\b")


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """How a source is.

    Attributes:
        source: its name in the catalogue.
        covers_until: the last day that a loaded extract covers; None: none is loaded.
        received_at: when the newest extract came, in words; None: none did.
        is_silent: whether an alert says that it is silent for too long.
        dead_letters: messages that wait.
        incident: what stops it, in words; None: nothing does.
        dag: the DAG that loads it.
        quality: what the newest check found, in words; None: not checked yet.
        quality_passed: whether that found nothing.
        data_docs: where this page finds its data docs; None: there are none yet.
    """

    source: str
    covers_until: date | None
    received_at: str | None
    is_silent: bool
    dead_letters: int
    incident: str | None
    dag: str
    quality: str | None
    quality_passed: bool
    data_docs: str | None


@dataclass(frozen=True, kw_only=True)
class AlertLine:
    """An alert that stands, with what to do: ``what_to_do`` in words, ``runbook`` a place in the project, ``docs/...``.

    ``acknowledged_by``, ``held_back_by`` and ``note`` are None where nobody took it, no other alert speaks for it, and
    no person said anything.
    """

    alert_id: str
    rule: str
    subject: str
    severity: str
    says: str
    acknowledged_by: str | None
    held_back_by: str | None
    note: str | None
    what_to_do: str
    runbook: str


@dataclass(frozen=True, kw_only=True)
class ReportFile:
    """Another form of a page of a report: its name and its address."""

    form: str
    href: str


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """A report in one language: its address, and its other forms."""

    language: str
    href: str
    files: tuple[ReportFile, ...]


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """A report that was written: its period and its day, as its folders name them, and a page per language."""

    period: str
    as_of: str
    pages: tuple[ReportPage, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the page says.

    Attributes:
        as_of: the last day that both registers cover; None: none yet.
        sources: in the order of the catalogue.
        balances: the newest balance of each year, with its verdict, the newest year first.
        alerts: those that stand, in the order of the list.
        reports: the newest first.
        docs: what goes before ``docs/...`` to find a text of the project; None: nothing does.
    """

    as_of: date | None
    sources: Sequence[SourceLine]
    balances: Sequence[ShownBalance]
    alerts: Sequence[AlertLine]
    reports: Sequence[ReportLine]
    docs: str | None


def render_status_page(standing: Standing) -> str:
    """Render the page."""
    docs = standing.docs
    days = [source.covers_until for source in standing.sources if source.covers_until]
    return TEMPLATES.get_template("status.html.j2").render(
        as_of=standing.as_of,
        sources=standing.sources,
        furthest=max(days, default=None),
        balances=standing.balances,
        alerts=[(alert, _with_commands(alert.what_to_do, docs)) for alert in standing.alerts],
        reports=standing.reports,
        docs=docs,
        elsewhere=Markup(' target="_blank" rel="noopener"') if docs else "",
        leave_the_frame=Markup(LEAVE_THE_FRAME),  # noqa: S704 (ours)
    )


def _with_commands(text: str, docs: str | None) -> Markup:
    """A remedy with its commands set as such, and links to the texts that it names."""
    html = COMMAND.sub(r"<code>\1</code>", str(escape(escape_control_signs(text))))
    if docs is not None:
        html = TEXT_OF_THE_PROJECT.sub(lambda name: f'<a href="{escape(docs)}{name[0]}">{name[0]}</a>', html)
    return Markup(html)  # noqa: S704 (escaped before)
