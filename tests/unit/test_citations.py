"""Whatever a docstring or a comment cites is in the repository: its page, and the section of it."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("bench", "dags", "docs", "ketenbalans", "producers", "schemas", "tests", "warehouse")
ELSEWHERE = re.compile(r"\b(?:in|of|by) the design\b|\(design\b|\bdesign, \d|\bsections? \d", re.IGNORECASE)
"""How a page is cited that is not here: a design, or a section by its number."""
NO_PAGES = frozenset({"docs/nothing.md"})
"""What a test asks for because it is not there."""
PAGE = re.compile(r"\bdocs/[\w/.-]+\.md\b")
SECTION = re.compile(r"\bdocs/counting-rules\.md, ([A-Z][\w ]+?)(?=[);.,:])")


REFERENCE = re.compile(r"``((?:dags|ketenbalans|producers|schemas|warehouse)(?:\.\w+)+)``")
"""A module, or a name in one, as a docstring refers to it."""


@cache
def prose() -> dict[str, str]:
    """The text of each module with single spaces, and comments that go on without their signs."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    return {str(file.relative_to(ROOT)): one_line(file.read_text(encoding="utf-8")) for file in files}


def one_line(text: str) -> str:
    return " ".join(re.sub(r"(?m)^\s*#", " ", text).split())


def leads_somewhere(reference: str) -> bool:
    """Whether its longest beginning that is a module says the name that follows."""
    parts = reference.split(".")
    for place in range(len(parts), 0, -1):
        module = ROOT.joinpath(*parts[:place])
        for file in (module.with_suffix(".py"), module / "__init__.py"):
            if file.is_file():
                return place == len(parts) or parts[place] in file.read_text(encoding="utf-8")
    return False


def test_a_citation_of_something_else_is_found() -> None:
    assert ELSEWHERE.search("as section 4.2 says")
    assert ELSEWHERE.search("(design, 4.5)")
    assert not ELSEWHERE.search("the design of a page")
    assert ELSEWHERE.search(one_line("A = 1  # what it is\n    # by\n    # the design\n"))
    assert not leads_somewhere("schemas.breaks.NO_SUCH_NAME")
    assert leads_somewhere("schemas.breaks.BreakState")


def test_what_a_docstring_refers_to_is_there() -> None:
    found = [f"{file}: {name}" for file, text in prose().items() for name in REFERENCE.findall(text)]
    assert len(found) > 20
    assert [one for one in found if not leads_somewhere(one.partition(": ")[2])] == []


def test_no_docstring_cites_a_page_that_is_not_here() -> None:
    found = [f"{file}: {hit[0]}" for file, text in prose().items() for hit in ELSEWHERE.finditer(text)]
    found = [one for one in found if not one.startswith("tests/unit/test_citations.py")]
    found += [
        f"{file}: {page}"
        for file, text in prose().items()
        for page in PAGE.findall(text)
        if not (ROOT / page).is_file() and page not in NO_PAGES
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
