"""The page behind "Balance" in Airflow's navigation: sources, balances, alerts, reports. Counts only."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from ketenbalans.reports.page_templates import LEAVE_THE_FRAME, TEMPLATES
from schemas.answer import ShownBalance
from schemas.control_signs import escape_control_signs

COMMAND = re.compile(r"`([^`]+)`")
TEXT_OF_THE_PROJECT = re.compile(r"\bdocs/[\w./-]+\.md\b")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the page says.

    Attributes:
        as_of: the last day that both registers cover; None: none yet.
        sources: ``source``, ``covers_until``, ``received_at``, ``is_silent``, ``dead_letters``, ``incident``, ``dag``,
            ``quality`` (what the newest check found, in words; None: not checked yet), ``quality_passed``,
            ``data_docs``.
        balances: the newest balance of each year, the newest year first.
        alerts: those that stand, in the order of the list (``alerts.life.Alert.to_dict``), with ``what_to_do`` and
            ``runbook``, a place in the project (``docs/...``).
        reports: ``period``, ``as_of``, ``pages`` (``language``, ``href``, ``files``: ``form``, ``href``).
        docs: what goes before ``docs/...`` to find a text of the project; None: nothing does.
    """

    as_of: date | None
    sources: Sequence[Mapping[str, Any]]
    balances: Sequence[ShownBalance]
    alerts: Sequence[Mapping[str, Any]]
    reports: Sequence[Mapping[str, Any]]
    docs: str | None


def render_status_page(standing: Standing) -> str:
    """Render the page."""
    docs = standing.docs
    told = [
        {
            **alert,
            "what_to_do": _with_commands(alert["what_to_do"], docs),
            "runbook": None if docs is None else f"{docs}{alert['runbook']}",
        }
        for alert in standing.alerts
    ]
    days = [source["covers_until"] for source in standing.sources if source["covers_until"]]
    return TEMPLATES.get_template("status.html.j2").render(
        as_of=standing.as_of,
        sources=standing.sources,
        furthest=max(days, default=None),
        balances=standing.balances,
        alerts=told,
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
