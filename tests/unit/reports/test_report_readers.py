"""Read a page and a workbook as others do, with what Python has at hand; and tests that these see what is there."""

import codecs
import csv
import io
import zipfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
VOID = {"meta", "link", "img", "br", "input", "hr"}

SIGNS = {"en": ",", "nl": ";"}
HEADERS = {
    "en": ["section", "table", "line", "row", "column", "value"],
    "nl": ["onderdeel", "tabel", "regelnummer", "regel", "kolom", "waarde"],
}

Tag = tuple[str, dict[str, str]]


@dataclass
class ShownTable:
    """A table as a page shows it; every head cell and row heading with its scope."""

    caption: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    scopes: list[str | None] = field(default_factory=list)


class Page(HTMLParser):
    """The tags, tables and text of a page; a tag that is not closed in its turn is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.tables: list[ShownTable] = []
        self.text = ""
        self.style = ""
        self._open: list[str] = []
        self._cell = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append(ShownTable())
        if tag == "tr" and "tbody" in self._open:
            self.tables[-1].rows.append([])
        if tag == "th":
            self.tables[-1].scopes.append(dict(attrs).get("scope"))
        if tag in {"td", "th", "caption"}:
            self._cell = ""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "caption":
            self.tables[-1].caption = self._cell
        if tag in {"td", "th"}:
            (self.tables[-1].rows[-1] if "tbody" in self._open else self.tables[-1].head).append(self._cell)

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            self.style += data
        else:
            self.text += data
            self._cell += data

    def all_of(self, *names: str) -> list[Tag]:
        """The tags of these names, in order."""
        return [tag for tag in self.tags if tag[0] in names]


def page_of(text: str) -> Page:
    """Read a page to its end."""
    page = Page()
    page.feed(text)
    page.close()
    assert page._open == []
    return page


def sheets_of(book: bytes) -> dict[str, list[list[str]]]:
    """Every sheet of a workbook, its cells as text; a number is what the cell holds, not what it shows."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert archive.testzip() is None
        assert archive.infolist()[0].filename == "mimetype"
        content = ET.fromstring(archive.read("content.xml"))
    sheets = {}
    for sheet in content.iter(f"{TABLE}table"):
        rows = [[_held(cell) for cell in row.iter(f"{TABLE}table-cell")] for row in sheet.iter(f"{TABLE}table-row")]
        sheets[sheet.get(f"{TABLE}name", "")] = rows
    return sheets


def lines_of(table: bytes, language: str) -> list[list[str]]:
    """Every line of a CSV as a spreadsheet of the language takes it apart; the byte order mark has to be there."""
    assert table.startswith(codecs.BOM_UTF8)
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig")), delimiter=SIGNS[language]))


def _held(cell: ET.Element) -> str:
    if cell.get(f"{OFFICE}value-type") in {"float", "percentage"}:
        return f"{float(cell.get(f'{OFFICE}value', 'nan')):g}"
    return "".join(cell.itertext())


def test_a_page_is_read_by_table_row_and_cell() -> None:
    rows = "<tbody><tr><th scope=row>a</th><td>1 <b>&amp;</b></td></tr></tbody>"
    page = page_of(f"<p>x</p><table><caption>c</caption><thead><tr><th scope=col>h</th></tr></thead>{rows}</table>")
    assert page.tables == [ShownTable("c", ["h"], [["a", "1 &"]], ["col", "row"])]
    assert page.text == "xcha1 &"


@pytest.mark.parametrize("text", ["<p><b>x</p></b>", "<p>x", "<table><tr></table>"])
def test_a_page_whose_tags_are_not_closed_in_turn_is_refused(text: str) -> None:
    with pytest.raises((AssertionError, IndexError)):
        page_of(text)
