"""Draw a page: its template, for whom it is, and what it says. Pure: the same values give the same page."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from ketenbalans.reports.html import as_image, shown_width
from ketenbalans.reports.page_templates import LEAVE_THE_FRAME, templates_of
from schemas.control_signs import escape_control_signs

COMMAND = re.compile(r"`([^`]+)`")
TEXT_OF_THE_PROJECT = re.compile(r"\bdocs/[\w./-]+\.md\b")

PLACES = (
    ("", "Overview"),
    ("breaks", "Breaks"),
    ("suggestions", "Suggestions"),
    ("incidents", "Incidents"),
    ("letters", "Dead letters"),
    ("signoffs", "Sign-off"),
    ("audit", "Audit"),
)
"""The navigation: where each page is, below the first one, and its name."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who looks at a page, and from where.

    Attributes:
        base: the address of the first page, with a slash at its end.
        handle: who is signed in.
        may_act: whether the page may offer forms: a viewer looks.
        may_be_anybody: nobody was asked for a password (`ketenbalans up --open`).
        token_for: makes the token of a form that is sent to a place below ``base``.
        docs: what goes before ``docs/...`` to find a text of the project; None: nothing does.
    """

    base: str
    handle: str
    may_act: bool
    may_be_anybody: bool
    token_for: Callable[[str], str] = field(repr=False)
    docs: str | None


def draw(
    template: str, visit: Visit, *, here: str, kept: str | None = None, refused: str | None = None, **values: Any
) -> str:
    """Draw a page.

    Args:
        template: its name in ``web/templates``.
        visit: who looks at it.
        here: the place in ``PLACES`` that it belongs to.
        kept: what was done by the form that led here, in a sentence.
        refused: why nothing was done, in a sentence that says what to do.
        values: what the template asks for.
    """
    return _TEMPLATES.get_template(template).render(
        visit=visit,
        here=here,
        kept=kept,
        refused=refused,
        places=PLACES,
        docs=visit.docs,
        elsewhere=Markup(' target="_blank" rel="noopener"') if visit.docs not in (None, visit.base) else "",
        leave_the_frame=Markup(LEAVE_THE_FRAME),  # noqa: S704 (ours)
        **values,
    )


def draw_error(says: str, *, base: str) -> str:
    """A page that says what went wrong and leads back, whoever asked.

    Args:
        says: what went wrong and what to do, in a sentence.
        base: the address of the first page.
    """
    return _TEMPLATES.get_template("error.html.j2").render(says=says, base=base)


def style_sheet() -> str:
    """The style sheet of every page."""
    return _TEMPLATES.get_template("style.css.j2").render()


def with_commands(text: str, docs: str | None) -> Markup:
    """A text with its commands set as such, and links to the texts of the project that it names."""
    html = COMMAND.sub(r"<code>\1</code>", str(escape(escape_control_signs(text))))
    if docs is not None:
        html = TEXT_OF_THE_PROJECT.sub(lambda name: f'<a href="{escape(docs)}{name[0]}">{name[0]}</a>', html)
    return Markup(html)  # noqa: S704 (escaped before)


_TEMPLATES = templates_of("ketenbalans.web", "ketenbalans.reports")
_TEMPLATES.filters |= {"as_image": as_image, "shown_width": shown_width, "with_commands": with_commands}
