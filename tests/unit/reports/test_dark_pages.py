"""Dark pages for who asked for them: every colour that is used has its other one, and both can be read (WCAG AA)."""

import base64
import re
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.reports import pictures
from ketenbalans.reports.page_templates import TEMPLATES
from ketenbalans.web.drawing import style_sheet
from tests.unit.reports.a_report import form, written

SHEET = TEMPLATES.get_template("colours.css.j2").render()
LETTERS, EDGES = 4.5, 3.0


def colours(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#\w+);", sheet))


BY_DAY, AT_NIGHT = (colours(part) for part in SHEET.split("@media screen and (prefers-color-scheme: dark)"))


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = {"white": "ffffff"}.get(colour, colour.removeprefix("#"))
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_has_its_other_one() -> None:
    assert BY_DAY.keys() == AT_NIGHT.keys()


@pytest.mark.parametrize("sheet", [BY_DAY, AT_NIGHT], ids=["by day", "at night"])
def test_letters_can_be_read_on_every_ground(sheet: dict[str, Any]) -> None:
    letters, grounds = ("ink", "soft", "blue", "act", "good"), ("paper", "band", "mark", "warn")
    pale = [(one, on) for one, on in product(letters, grounds) if contrast(sheet[one], sheet[on]) < LETTERS]
    assert pale == []
    assert contrast(sheet["focus"], sheet["paper"]) >= EDGES


@pytest.mark.parametrize("name", ["balance", "docs", "quality", "report"])
def test_every_page_has_these_colours_and_no_others(name: str) -> None:
    assert TEMPLATES.loader is not None
    page = TEMPLATES.loader.get_source(TEMPLATES, f"{name}.html.j2")[0]
    assert '{% include "colours.css.j2" %}' in page
    style = re.sub(r"@page \{.*?\n\}", "", page.split("</style>")[0], flags=re.DOTALL)
    assert re.findall(r"#[0-9a-f]{3,6}\b", style) == []


def test_the_style_sheet_of_the_pages_has_these_colours_and_no_others() -> None:
    ours = style_sheet()
    assert ours.startswith(SHEET.rstrip())
    assert re.findall(r"#[0-9a-f]{3,6}\b", ours.removeprefix(SHEET.rstrip())) == []


@pytest.fixture(scope="module")
def drawn() -> list[str]:
    return [section.picture.svg for section in written("full", "nl").sections if section.picture]


def test_every_colour_of_a_picture_has_its_other_one(drawn: list[str]) -> None:
    used = {colour for svg in drawn for colour in re.findall(r'(?:fill|stroke)="([^"]+)"', svg)} - {"none"}
    either = set(pictures.AFTER_DARK) | {pictures.SKY, pictures.ORANGE}
    assert used - either == set()


def test_the_letters_and_the_bars_of_a_picture_can_be_read_by_day_and_at_night(drawn: list[str]) -> None:
    for svg in drawn:
        letters = {one for text in re.findall(r"<text[^>]*>", svg) for one in re.findall('fill="([^"]+)"', text)}
        for colour in letters - {"none"}:
            assert contrast(colour, pictures.PAPER) >= LETTERS, colour
            dark = pictures.AFTER_DARK[colour]
            assert contrast(dark, pictures.AFTER_DARK[pictures.PAPER]) >= LETTERS, colour
    edge = str(pictures.OUTLINE["stroke"])
    assert contrast(edge, pictures.PAPER) >= EDGES
    assert contrast(pictures.AFTER_DARK[edge], pictures.AFTER_DARK[pictures.PAPER]) >= EDGES


def test_the_pictures_of_a_page_know_the_night_and_paper_does_not() -> None:
    page = form("full", "nl", "html").decode()
    images = [base64.b64decode(data).decode() for data in re.findall('image/svg\\+xml;base64,([^"]+)', page)]
    assert len(images) == 7
    rule = "@media screen and (prefers-color-scheme:dark)"
    assert all(rule in image for image in images)
    assert all(
        "prefers-color-scheme" not in section.picture.svg
        for section in written("full", "nl").sections
        if section.picture
    )


def test_a_picture_is_no_wider_than_a_phone_can_show_readable() -> None:
    """Fourteen pixels of a letter become eleven on 358 pixels, the width of a phone without its margins."""
    for language in ("nl", "en"):
        for section in written("full", language).sections:
            if section.picture:
                assert pictures.width_of(section.picture.svg) * 11 <= 358 * 14, section.key


def test_texts_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    for heights in ([10.0, 12.0, 13.0], [240.0, 245.0, 249.0], [5.0, 200.0], []):
        placed = sorted(height + lower for height, lower in zip(heights, pictures._apart(heights), strict=True))
        assert all(below - above >= pictures.LINE_OF_LETTERS for above, below in pairwise(placed))
        assert all(place <= pictures.LINES_HEIGHT for place in placed)


@given(label=st.lists(st.text("abcdefgh-", min_size=1, max_size=20), min_size=1, max_size=6).map(" ".join))
def test_a_label_has_two_lines_at_most_and_loses_no_letter(label: str) -> None:
    lines = pictures._lines_of(label)
    assert 1 <= len(lines) <= 2
    assert "".join(lines).replace(" ", "") == label.replace(" ", "")
