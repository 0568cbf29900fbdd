"""A text of the project (Markdown) as a page: its headings can be linked to as on a forge, its links lead somewhere."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from ketenbalans.reports.page_templates import LEAVE_THE_FRAME, TEMPLATES

Resolve = Callable[[str], str | None]
"""Where a link of a text leads on the page; None: nowhere that a reader of the page can go."""

SCROLLS = {"table_open": "Table", "fence": "Commands", "code_block": "Commands"}
"""What may be wider than a phone, and what it is called where it has no caption."""


def render_docs_page(text: str, *, resolve: Resolve) -> str:
    """Render a text of the project; what looks like HTML in it is shown as it stands."""
    reader = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).enable("table")
    tokens = reader.parse(text)
    title = "Ketenbalans"
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor_of(content.content))
            title = content.content if opening.tag == "h1" else title
        if opening.type == "th_open":
            opening.attrSet("scope", "col")
    for token in tokens:
        if token.children:
            token.children = list(_with_links(token.children, resolve))
    body = reader.renderer.render(_in_frames(tokens), reader.options, {})
    return TEMPLATES.get_template("docs.html.j2").render(
        title=title.replace("`", ""),
        body=Markup(body),  # noqa: S704 (the renderer escapes every text)
        leave_the_frame=Markup(LEAVE_THE_FRAME),  # noqa: S704 (ours)
    )


def anchor_of(heading: str) -> str:
    """The name by which a link leads to a heading, as forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _with_links(tokens: Sequence[Token], resolve: Resolve) -> Sequence[Token]:
    """The parts of a line; a link that leads nowhere is its text."""
    kept: list[Token] = []
    is_dead = False
    for token in tokens:
        if token.type == "link_open":
            href = resolve(str(token.attrGet("href") or ""))
            is_dead = href is None
            token.attrSet("href", href or "")
            if href and re.match(r"https?:", href):
                token.attrSet("target", "_blank")
                token.attrSet("rel", "noopener noreferrer")
        if token.type in ("link_open", "link_close") and is_dead:
            continue
        kept.append(token)
    return kept


def _in_frames(tokens: Sequence[Token]) -> list[Token]:
    """The parts of a page; tables and commands scroll by themselves, so that the page does not."""
    framed: list[Token] = []
    for token in tokens:
        if token.type in SCROLLS:
            framed.append(
                _frame(f'<div class="scroll" tabindex="0" role="group" aria-label="{SCROLLS[token.type]}">\n')
            )
        framed.append(token)
        if (token.type in SCROLLS and token.type != "table_open") or token.type == "table_close":
            framed.append(_frame("</div>\n"))
    return framed


def _frame(html: str) -> Token:
    return Token("html_block", "", 0, content=html)
