"""The first page of the data docs of a source: what the newest check found, as "Balance" says it. Counts only."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ketenbalans.reports.page_templates import TEMPLATES
from schemas.period import AMSTERDAM


def render_quality_page(result: Mapping[str, Any], *, checked_at: datetime, pages: Sequence[Mapping[str, str]]) -> str:
    """Render the page.

    Args:
        result: ``source``; ``verdict``, what was found, in one line; ``success``, whether the rows meet all that is
            expected of them; ``findings``: ``expectation``, ``column`` (None: the table), ``rows`` (None: it could not
            be checked); ``unusual``, the numbers out of their band: ``subject``, ``what``, ``counted``, ``lowest``,
            ``highest``.
        checked_at: when.
        pages: the pages behind this one: ``about``, ``href``.
    """
    return TEMPLATES.get_template("quality.html.j2").render(
        result=result, checked_at=checked_at.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M"), pages=pages
    )
