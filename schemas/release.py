"""A release: the tables of a year that may be published, as ``release.json`` holds them.

Frozen, with fields; JSON only where it is read and written. Whoever makes a release and whoever attacks it both read
this declaration, and share nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import orjson

from schemas.answer_parts import PublishedBeside
from schemas.json_object import JsonObject, fields_to_json
from schemas.period import Period
from schemas.vocabulary import Vocabulary

METHOD = "rounded"
ROUNDING = "rounding"
"""The row that holds what rounding moved: it counts nobody."""

NATIONAL_LINES = ("delivered", "recognised", "gap", "om_count")
"""The lines of the table ``national`` that are exact."""

ROW_LINES = ("delivered", "recognised", "gap")
"""The lines of a row of the tables ``unit`` and ``month``."""


class InvalidRelease(ValueError):
    """A document is no release; the message names what is wrong."""


class ReleaseGroup(Vocabulary):
    """Tables that are drawn, and withheld, together."""

    UNIT = "unit", "eenheid", "What each police unit delivered, and what of it is recognised."
    MONTH = "month", "maand", "What was delivered in each month, and what of it is recognised."
    CAUSES = "causes", "oorzaken", "Why delivered suspects are not recognised."
    OM = "om", "OM", "Why registrations of the OM have no recognised delivery, and those registered earlier."


@dataclass(frozen=True, kw_only=True)
class ReleasedCell:
    """One published count.

    Attributes:
        key: what it counts: ``line`` with ``cause``, ``unit`` or ``month`` where it has one.
        value: how many, in suspects; of the row ``rounding`` what makes the table add up, which may be negative.
    """

    key: Mapping[str, str]
    value: int


@dataclass(frozen=True, kw_only=True)
class ReleaseFlag:
    """An exact line that moved so little since an earlier release that the movement may be about one person's file.

    Attributes:
        line: which of ``NATIONAL_LINES``.
        since: the earlier release.
        change: by how much, in suspects.
    """

    line: str
    since: str
    change: int


@dataclass(frozen=True, kw_only=True)
class ReleaseSignature:
    """Who signed the figures that were released.

    Attributes:
        prepared_by: the handle of who prepared them.
        approved_by: the handle of who approved them.
        approved_on: on which day, in Amsterdam.
    """

    prepared_by: str
    approved_by: str
    approved_on: date


@dataclass(frozen=True, kw_only=True)
class Release:
    """The tables of a calendar year as known on one day, as they may be published.

    Attributes:
        release_id: the year and its number among the releases of that year, such as ``2014-3``.
        period: the calendar year.
        as_of: the day whose knowledge is used.
        threshold: every count but the exact national ones is a multiple of this.
        draw: per group the draw that chose its offsets; None: the group was never published.
        draft: nobody approved the figures.
        synthetic: whether a loaded extract was made by a scenario.
        figure_set: the name of the approved figure set; None of a draft.
        signed: who signed it; None of a draft.
        earlier: the releases of the period before this one, the oldest first.
        withheld: the groups that are not in it.
        flags: the exact lines that moved by less than the threshold.
        published: what documents gave, by the line that it stands beside.
        tables: ``national``, ``unit`` and ``month``; a withheld group has no cell.
    """

    release_id: str
    period: Period
    as_of: date
    threshold: int
    draw: Mapping[str, int | None]
    draft: bool
    synthetic: bool
    figure_set: str | None
    signed: ReleaseSignature | None
    earlier: tuple[str, ...]
    withheld: tuple[str, ...]
    flags: tuple[ReleaseFlag, ...]
    published: Mapping[str, PublishedBeside]
    tables: Mapping[str, tuple[ReleasedCell, ...]]

    def value(self, table: str, **key: str) -> int | None:
        """The count of a table under a key; None where it has no such cell."""
        return next((cell.value for cell in self.tables[table] if cell.key == key), None)

    def to_json(self) -> JsonObject:
        """The release as ``release.json`` holds it."""
        return {
            "release_id": self.release_id,
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "as_of": self.as_of.isoformat(),
            "threshold": self.threshold,
            "method": METHOD,
            "draw": dict(self.draw),
            "draft": self.draft,
            "synthetic": self.synthetic,
            "figure_set": self.figure_set,
            "signed": None if self.signed is None else fields_to_json(self.signed),
            "earlier": list(self.earlier),
            "withheld": list(self.withheld),
            "flags": [{"line": one.line, "since": one.since, "change": one.change} for one in self.flags],
            "published": {line: figure.to_json() for line, figure in self.published.items()},
            "tables": {
                name: [{"key": dict(cell.key), "value": cell.value} for cell in cells]
                for name, cells in self.tables.items()
            },
        }

    def to_bytes(self) -> bytes:
        """``release.json``: equal releases give equal bytes."""
        return orjson.dumps(self.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            InvalidRelease: a key is missing, unknown, or of another kind than a release has.
        """
        try:
            found = cls._read(document)
            is_whole = found.to_json() == document
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"this is no release that can be read ({type(error).__name__}: {error})"
            raise InvalidRelease(message) from None
        if not is_whole:
            message = "this release has what this version cannot give back; read it with a newer one"
            raise InvalidRelease(message)
        return found

    @classmethod
    def _read(cls, document: Mapping[str, Any]) -> Self:
        signed = document["signed"]
        return cls(
            release_id=str(document["release_id"]),
            period=Period(*map(date.fromisoformat, document["period"])),
            as_of=date.fromisoformat(document["as_of"]),
            threshold=int(document["threshold"]),
            draw=dict(document["draw"]),
            draft=document["draft"],
            synthetic=document["synthetic"],
            figure_set=document["figure_set"],
            signed=None if signed is None else _signature(signed),
            earlier=tuple(document["earlier"]),
            withheld=tuple(document["withheld"]),
            flags=tuple(ReleaseFlag(**flag) for flag in document["flags"]),
            published={line: PublishedBeside.from_json(one) for line, one in document["published"].items()},
            tables={
                name: tuple(ReleasedCell(key=dict(cell["key"]), value=int(cell["value"])) for cell in cells)
                for name, cells in document["tables"].items()
            },
        )


def _signature(document: Mapping[str, str]) -> ReleaseSignature:
    return ReleaseSignature(
        prepared_by=document["prepared_by"],
        approved_by=document["approved_by"],
        approved_on=date.fromisoformat(document["approved_on"]),
    )
