"""The page behind "Balance" in Airflow's navigation: sources, balances, alerts, reports. Counts only."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from reports.page_templates import TEMPLATES
from schemas.control_signs import escape_control_signs

COMMAND = re.compile(r"`([^`]+)`")


def render_status_page(
    *,
    as_of: date | None,
    sources: Sequence[Mapping[str, Any]],
    balances: Sequence[Mapping[str, Any]],
    alerts: Sequence[Mapping[str, Any]],
    reports: Sequence[Mapping[str, Any]],
) -> str:
    """Render the page.

    Args:
        as_of: the last day that both registers cover; None: none yet.
        sources: ``source``, ``covers_until``, ``received_at``, ``is_silent``, ``dead_letters``, ``incident``, ``dag``,
            ``data_docs``.
        balances: the newest balance of each year, the newest year first.
        alerts: those that stand (``alerts.life.Alert.to_dict``) with ``what_to_do``.
        reports: ``period``, ``as_of``, ``pages`` (``language``, ``href``).
    """
    told = [{**alert, "what_to_do": _with_commands(alert["what_to_do"])} for alert in alerts]
    days = [source["covers_until"] for source in sources if source["covers_until"]]
    return TEMPLATES.get_template("status.html.j2").render(
        as_of=as_of,
        sources=sources,
        furthest=max(days, default=None),
        balances=balances,
        alerts=told,
        reports=reports,
    )


def _with_commands(text: str) -> Markup:
    """A remedy with its commands set as such."""
    return Markup(COMMAND.sub(r"<code>\1</code>", str(escape(escape_control_signs(text)))))  # noqa: S704 (escaped before)
