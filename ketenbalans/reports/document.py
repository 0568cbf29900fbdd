"""A report before it has a form: sections with text, pictures and tables. Every form is made from this one."""

from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from schemas.control_signs import escape_control_signs

Cell = str | int | Decimal | None


class CellKind(Enum):
    """What the cells of a column are: a number may be added up, a share may not.

    A share is in percent, the difference of two shares in percentage points; the heading of their column says so.
    """

    TEXT = "text"
    COUNT = "count"
    SIGNED = "signed"
    SHARE = "share"
    POINTS = "points"


@dataclass(frozen=True)
class Column:
    """One column: its heading and what its cells are."""

    label: str
    kind: CellKind = CellKind.TEXT


@dataclass(frozen=True)
class Table:
    """Rows under headings. A cell is None where nothing is to be said, which is not 0.

    Attributes:
        key: its name in the project.
        name: its short name in the language: a sheet, a table in the CSV; at most 31 letters.
        caption: what it shows.
        columns: the first is the heading of each row.
        rows: a cell per column.
        strong: the places of the rows that are figures of their own.
    """

    key: str
    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A picture: SVG, what it shows in one line, and the same in words for who cannot see it."""

    key: str
    title: str
    alt: str
    svg: str


@dataclass(frozen=True)
class Section:
    """A heading with text, pictures and tables; the first table says what the picture says."""

    key: str
    heading: str
    text: tuple[str, ...] = ()
    picture: Picture | None = None
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Headline:
    """One of the large figures at the top."""

    figure: str
    label: str
    is_to_act_on: bool = False


@dataclass(frozen=True)
class Fact:
    """What the head of a report says of the report itself: a label and a sentence."""

    label: str
    text: str


@dataclass(frozen=True)
class Document:
    """A whole report in one language.

    Attributes:
        language: ``en`` or ``nl``.
        title: of the page.
        running: what every page of paper names: the subject, the period and the as-of day.
        subtitle: what is counted and as known when.
        notice: what a reader must know first: that the data is synthetic, that it is not for publication.
        notice_short: the same in a few words, for every page.
        facts: its status, whom to ask, and the like.
        headlines: the figures that a reader takes away.
        answer: those figures in a sentence or two.
        sections: the rest.
        labels: words that the form itself needs.
    """

    language: str
    title: str
    running: str
    subtitle: str
    notice: str
    notice_short: str
    facts: tuple[Fact, ...]
    headlines: tuple[Headline, ...]
    answer: tuple[str, ...]
    sections: tuple[Section, ...]
    labels: dict[str, str] = field(default_factory=dict)


Part = TypeVar("Part")


def without_control_signs(part: Part) -> Part:
    """The same document, or part of one, with every text in it on one line and without control signs.

    Every form is made from it, so none has to see to that. The lines of a picture stay lines.
    """
    return _plain(part)  # type: ignore[no-any-return]  # the same type comes back


def _plain(part: Any) -> Any:
    if isinstance(part, str):
        return escape_control_signs(part)
    if isinstance(part, tuple):
        return tuple(map(_plain, part))
    if isinstance(part, dict):
        return {key: _plain(value) for key, value in part.items()}
    if isinstance(part, Picture):
        lines = [escape_control_signs(line) for line in part.svg.split("\n")]
        return Picture(key=part.key, title=_plain(part.title), alt=_plain(part.alt), svg="\n".join(lines))
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{one.name: _plain(getattr(part, one.name)) for one in fields(part)})
    return part
