"""How often links are wrong, from what a person found about some that were drawn: rates with exact intervals.

The interval of one rate is that of Clopper and Pearson (Biometrika 26, 1934): at least 95 % of such intervals contain
the true rate, whatever it is and however few were judged. That of a weighted rate adds up intervals of the parts, each
at 1 - 5 % / parts, which hold all together at 95 % by Bonferroni's inequality (Dunn, JASA 56, 1961): wider than it
would have to be, and never wrong for being an approximation. Pure: no I/O, no clock, no logging.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, fsum

from scipy.special import betaincinv

from schemas.json_object import JsonObject, fields_to_json
from schemas.link_judgements import LinkVerdict

ERROR = 0.05
"""How often an interval may miss the true rate: at 95 % confidence."""

DECIMALS = 6
"""Of a rate in JSON, as a part of one; the ends of an interval are rounded outwards."""


@dataclass(frozen=True, kw_only=True)
class LinkVerdicts:
    """What a person found about so many drawn rows, by verdict."""

    same: int = 0
    other: int = 0
    unsure: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[str]) -> "LinkVerdicts":
        """Count verdicts."""
        found = list(verdicts)
        return cls(**{verdict.value: found.count(verdict) for verdict in LinkVerdict})

    def __add__(self, more: "LinkVerdicts") -> "LinkVerdicts":
        """Both together."""
        return LinkVerdicts(same=self.same + more.same, other=self.other + more.other, unsure=self.unsure + more.unsure)

    @property
    def decided(self) -> int:
        """Those that count in a rate: all but the unsure ones."""
        return self.same + self.other

    @property
    def judged(self) -> int:
        """All of them."""
        return self.decided + self.unsure

    def to_json(self) -> JsonObject:
        """The counts as JSON has them."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A rate with its interval, each a part of one.

    Attributes:
        rate: the estimate; None: nothing was judged of what it is about, or of a part of that.
        low: the lower end of the interval at 95 %.
        high: the upper end.
    """

    rate: Fraction | None
    low: float
    high: float

    def to_json(self) -> JsonObject:
        """The rate as JSON has it."""
        low, high = rounded_outwards(self, DECIMALS)
        return {"rate": None if self.rate is None else round(float(self.rate), DECIMALS), "low": low, "high": high}


NOTHING_KNOWN = Rate(rate=None, low=0.0, high=1.0)


def rounded_outwards(rate: Rate, decimals: int) -> tuple[float, float]:
    """Both ends of an interval in so many decimals, so that what lies in it still does."""
    scale = 10**decimals
    low, high = (round(end * scale, 6) for end in (rate.low, rate.high))  # binary fractions are off behind the sixth
    return floor(low) / scale, ceil(high) / scale


def rate_of(found: int, decided: int, *, error: float = ERROR) -> Rate:
    """The rate of what was found among those that were decided, with its interval of Clopper and Pearson.

    Args:
        found: how many are so.
        decided: of how many; 0: nothing is known.
        error: how often the interval may miss the true rate.
    """
    if decided == 0:
        return NOTHING_KNOWN
    low = float(betaincinv(found, decided - found + 1, error / 2)) if found else 0.0
    high = float(betaincinv(found + 1, decided - found, 1 - error / 2)) if found < decided else 1.0
    return Rate(rate=Fraction(found, decided), low=low, high=high)


def false_links(verdicts: LinkVerdicts, *, error: float = ERROR) -> Rate:
    """Of links: how many are of two suspects."""
    return rate_of(verdicts.other, verdicts.decided, error=error)


def missed_links(verdicts: LinkVerdicts) -> Rate:
    """Of suspects without a recognised registration: of how many the OM has one that is not linked to them."""
    return rate_of(verdicts.same, verdicts.decided)


def false_links_in_all(parts: Sequence[tuple[int, LinkVerdicts]]) -> Rate:
    """The rate of false links over several rules, each weighted by its links.

    A rule with links of which none was decided may be right or wrong in all of them: then there is no estimate, and the
    interval says so.

    Args:
        parts: per rule its links and what was found about those that were drawn.
    """
    weighed = [(links, verdicts) for links, verdicts in parts if links]
    total = sum(links for links, _ in weighed)
    known = sum(1 for _, verdicts in weighed if verdicts.decided)
    if not known:
        return NOTHING_KNOWN
    rates = [(Fraction(links, total), false_links(verdicts, error=ERROR / known)) for links, verdicts in weighed]
    low = fsum(float(weight) * one.low for weight, one in rates)
    high = fsum(float(weight) * one.high for weight, one in rates)
    if known < len(weighed):
        return Rate(rate=None, low=low, high=min(high, 1.0))
    rate = sum((weight * (one.rate or 0) for weight, one in rates), start=Fraction(0))
    return Rate(rate=rate, low=min(low, float(rate)), high=max(min(high, 1.0), float(rate)))
