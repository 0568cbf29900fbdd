"""How often links are wrong where the truth is known: exact rates, for a scenario.

Pure: no I/O, no clock, no logging.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from ketenbalans.reconciliation.linkage.links import SUSPECT, may_be_drawn
from ketenbalans.reconciliation.linkage.rates import DECIMALS
from schemas.json_object import JsonObject
from schemas.link_judgements import LINK_RULES

TRUE_CASE: dict[str, pl.DataType] = {
    "dossier_number": pl.String(),
    "suspect_number": pl.Int32(),
    "true_case_number": pl.String(),
}
"""Per suspect that was delivered in a period the registration that is theirs; null: the OM has none yet."""


class InvalidTruth(ValueError):
    """A file is not the truth of what is asked; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class ExactRate:
    """A rate that is no estimate: ``found`` of ``of``."""

    found: int
    of: int

    @property
    def rate(self) -> Fraction | None:
        """The rate; None of nothing."""
        return Fraction(self.found, self.of) if self.of else None

    def to_json(self) -> JsonObject:
        """The rate as JSON has it."""
        return {
            "found": self.found,
            "of": self.of,
            "rate": None if self.rate is None else round(float(self.rate), DECIMALS),
        }


@dataclass(frozen=True, kw_only=True)
class TrueQuality:
    """What the links come to against the truth.

    Attributes:
        false_links: per rule how many of its links are to a registration of somebody else.
        missed_links: of how many suspects without a recognised registration the OM has one that is not linked to them.
    """

    false_links: Mapping[int, ExactRate]
    missed_links: ExactRate

    @property
    def false_links_in_all(self) -> ExactRate:
        """How many of all links are to a registration of somebody else."""
        rates = self.false_links.values()
        return ExactRate(found=sum(one.found for one in rates), of=sum(one.of for one in rates))

    def to_json(self) -> JsonObject:
        """The rates as ``linkage --json`` prints them under ``truth``."""
        return {
            "false_links": {
                **{str(rule): one.to_json() for rule, one in self.false_links.items()},
                "all": self.false_links_in_all.to_json(),
            },
            "missed_links": self.missed_links.to_json(),
        }


def true_quality(suspects: pl.DataFrame, truth: pl.DataFrame) -> TrueQuality:
    """Hold the links of suspects (``links.suspects_with_links``) against their registrations (``TRUE_CASE``).

    Raises:
        InvalidTruth: it says nothing of a suspect, or speaks of one who was not delivered.
    """
    known = suspects.join(truth, on=SUSPECT, how="inner")
    if not known.height == suspects.height == truth.height:
        message = (
            f"it speaks of {truth.height} suspects and {suspects.height} are delivered, of whom it knows "
            f"{known.height}; use the truth of the scenario that is loaded, written with these extracts"
        )
        raise InvalidTruth(message)
    is_theirs = (pl.col("case_number") == pl.col("true_case_number")).fill_null(value=False)
    false = {}
    for rule in LINK_RULES:
        made = may_be_drawn(known, rule)
        false[rule] = ExactRate(found=made.filter(~is_theirs).height, of=made.height)
    unlinked = may_be_drawn(known, None)
    missed = unlinked.filter(pl.col("true_case_number").is_not_null() & ~is_theirs)
    return TrueQuality(false_links=false, missed_links=ExactRate(found=missed.height, of=unlinked.height))
