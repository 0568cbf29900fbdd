"""Whatever a docstring or a comment cites is in the repository: its page, and the section of it."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("bench", "dags", "docs", "ketenbalans", "producers", "schemas", "tests", "warehouse")
ELSEWHERE = re.compile(r"\b(?:in|of|by) the design\b|\(design\b|\bdesign, \d|\bsections? \d", re.IGNORECASE)
"""How a page is cited that is not here: a design, or a section by its number."""
PAGE = re.compile(r"\bdocs/[\w/.-]+\.md\b")
SECTION = re.compile(r"\bdocs/counting-rules\.md, ([A-Z][\w ]+?)(?=[);.,:])")


@cache
def prose() -> dict[str, str]:
    """The docstrings and comments of each module, as one text with single spaces."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    return {
        str(file.relative_to(ROOT)): " ".join(" ".join(prose_of(file.read_text("utf-8"))).split()) for file in files
    }


def prose_of(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        for item in getattr(node, "body", None) or [] if isinstance(getattr(node, "body", None), list) else []:
            if (
                isinstance(item, ast.Expr)
                and isinstance(item.value, ast.Constant)
                and isinstance(item.value.value, str)
            ):
                yield item.value.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.removeprefix("#")


def test_a_citation_of_something_else_is_found() -> None:
    assert ELSEWHERE.search("as section 4.2 says")
    assert ELSEWHERE.search("(design, 4.5)")
    assert not ELSEWHERE.search("the design of a page")
    assert list(prose_of('"""A (design, 4.1)."""\nA = 1  # of section 2\n')) == ["A (design, 4.1).", " of section 2"]


def test_no_docstring_cites_a_page_that_is_not_here() -> None:
    found = [f"{file}: {hit[0]}" for file, text in prose().items() for hit in ELSEWHERE.finditer(text)]
    found = [one for one in found if not one.startswith("tests/unit/test_citations.py")]
    found += [
        f"{file}: {page}"
        for file, text in prose().items()
        for page in PAGE.findall(text)
        if not (ROOT / page).is_file() and "NAME" not in page
    ]
    assert not found, "cite docs/counting-rules.md or another page:\n" + "\n".join(found)


def test_each_section_of_the_counting_rules_that_is_cited_is_there() -> None:
    headings = re.findall(r"(?m)^#+ (.+)$", (ROOT / "docs" / "counting-rules.md").read_text(encoding="utf-8"))
    cited = {section: file for file, text in prose().items() for section in SECTION.findall(text)}
    assert cited
    assert cited.keys() <= set(headings), {section: file for section, file in cited.items() if section not in headings}


def test_no_page_cites_a_page_that_is_not_here() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    cites = re.compile(r"\b[Tt]he design (?:says|describes|has)\b|\bthose of the design\b|\b[Ss]ection \d")
    found = [f"{page.relative_to(ROOT)}: {hit[0]}" for page in pages for hit in cites.finditer(page.read_text("utf-8"))]
    assert not found, "\n".join(found)
