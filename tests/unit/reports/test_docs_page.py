"""A text of the project as a page: what it links to is there, and nothing in it is markup that was not meant."""

import re
from pathlib import Path

import pytest

from ketenbalans.jobs.pages.docs_pages import DOCS, docs_page
from ketenbalans.reports.docs_page import render_docs_page
from ketenbalans.reports.page_templates import LEAVE_THE_FRAME
from ketenbalans.settings import Settings
from tests.unit.reports.test_report_readers import page_of

TEXTS = sorted(DOCS.rglob("*.md"))


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(text.relative_to(DOCS)))
def test_every_link_of_a_text_leads_to_a_page_or_away(text: Path) -> None:
    page = page_of(docs_page(text.relative_to(DOCS).as_posix(), Settings(docs_url=None)))
    ids = {attrs["id"] for _, attrs in page.all_of("h1", "h2", "h3", "h4", "h5") if "id" in attrs}
    for _, attrs in page.all_of("a"):
        name, _, part = attrs["href"].partition("#")
        if re.match("https?:", name):
            assert (attrs["target"], attrs["rel"]) == ("_blank", "noopener noreferrer")
        elif name:
            assert (text.parent / name).resolve().is_relative_to(DOCS)
            assert (text.parent / name).is_file()
        else:
            assert part in ids


def test_what_lies_outside_of_the_texts_is_found_where_the_settings_say() -> None:
    text = "measures/README.md"
    at_home, elsewhere = (docs_page(text, Settings(docs_url=url)) for url in (None, "https://git.example/x/"))
    assert "git.example" not in at_home
    links = [attrs["href"] for _, attrs in page_of(elsewhere).all_of("a")]
    assert all(link.startswith("https://git.example/x/") for link in links if "example" in link)


def test_nothing_of_a_text_is_markup_of_its_own() -> None:
    page = render_docs_page("# A <script>x()</script>\n\n<img src=x>\n\n[a](javascript:x)", resolve=lambda link: link)
    assert page.count("<script>") == 1
    assert f"<script>{LEAVE_THE_FRAME}</script>" in page
    assert "<img" not in page
    assert not page_of(page).all_of("a")


def test_what_is_wide_scrolls_by_itself_and_a_dead_link_is_its_text() -> None:
    text = "# T\n\n| a | b |\n|---|---|\n| [x](y.md) | 2 |\n\n```\nlong\n```\n"
    page = render_docs_page(text, resolve=lambda _link: None)
    assert page.count('<div class="scroll"') == page.count("</div>") == 2
    assert "<td>x</td>" in page
    assert '<th scope="col">a</th>' in page
