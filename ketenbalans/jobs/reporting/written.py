"""What is said of a report once it is written: its question, its figures and its files."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schemas.json_object import JsonObject
from schemas.period import Period


@dataclass(frozen=True, kw_only=True)
class WrittenReport:
    """A report that was written.

    Attributes:
        period: what it counts.
        as_of: the day whose knowledge is used.
        delivered: suspects that the police delivered.
        recognised: of these, how many the OM recognises.
        gap: how many it does not.
        om_count: the OM's own figure.
        synthetic: whether a loaded extract was made by a scenario.
        missing: how many of the gap are unexplained.
        files: where its forms are, pages first.
    """

    period: Period
    as_of: date
    delivered: int
    recognised: int
    gap: int
    om_count: int
    synthetic: bool
    missing: int
    files: tuple[Path, ...]

    def figures(self) -> JsonObject:
        """All but the files, as ``report --json`` prints it."""
        return {
            "period": str(self.period),
            "as_of": self.as_of.isoformat(),
            "delivered": self.delivered,
            "recognised": self.recognised,
            "gap": self.gap,
            "om_count": self.om_count,
            "synthetic": self.synthetic,
            "missing": self.missing,
        }

    def to_json(self) -> JsonObject:
        """What ``report --json`` prints."""
        return {**self.figures(), "files": [str(file) for file in self.files]}

    def in_short(self) -> str:
        """``2014 as of 2015-01-31: 560 delivered, 516 recognised``."""
        return f"{self.period} as of {self.as_of}: {self.delivered} delivered, {self.recognised} recognised"
