"""Made-up years for the bench of releases: twelve days of knowledge of one year, with figures that still move.

Every suspect has a unit, a day of delivery, a day on which that is known, and a fate; the counts of a day follow. The
numbers of suspects are those of a year like 2014, a fifth of it, and five times as many.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ketenbalans.release.counts import ExactCounts, RowCounts
from schemas.causes import Cause, OmOnlyCause
from schemas.period import Period, month_ends
from schemas.police_units import POLICE_UNITS

SIZES = {"a fifth": 112, "2014": 560, "five times": 2800}
RELEASES = 12
PERIOD = Period.of_year(2014)

FATES = {
    Cause.JOINED: 0.004,
    Cause.LAPSED: 0.003,
    Cause.OTHER_CLASSIFICATION: 0.012,
    Cause.TRANSFERRED: 0.02,
    Cause.SUGGESTED: 0.006,
    Cause.DUPLICATE_DELIVERY: 0.002,
    Cause.MISSING: 0.006,
}
"""What becomes of a delivered suspect that is never plainly registered; assumptions, as every split by cause is."""

OM_ONLY = dict(zip(OmOnlyCause, (0.03, 0.006, 0.004, 0.003, 0.003, 0.003, 0.004, 0.004), strict=True))


@dataclass(frozen=True)
class _Suspect:
    unit: str
    delivered_on: date
    known_from: date
    withdrawn_from: date | None
    fate: Cause | None
    fate_from: date
    registered_on: date
    recorded_on: date


def series(size: str, seed: int) -> list[ExactCounts]:
    """The counts of the year on the last day of twelve months, from the December of the year on."""
    chance = np.random.default_rng([seed, SIZES[size]])
    units = list(POLICE_UNITS)
    shares = chance.dirichlet(np.full(len(units), 6.0))
    suspects = [_suspect(chance, str(chance.choice(units, p=shares))) for _ in range(SIZES[size])]
    elsewhere = {cause: sorted(_days(chance, SIZES[size] * share)) for cause, share in OM_ONLY.items()}
    earlier = sorted(_days(chance, SIZES[size] * 0.004))
    days = month_ends(PERIOD.end, PERIOD.end + timedelta(days=345))[:RELEASES]
    return [_counts(suspects, elsewhere, earlier, day) for day in days]


def _suspect(chance: np.random.Generator, unit: str) -> _Suspect:
    delivered_on = PERIOD.start + timedelta(days=int(chance.integers(0, 365)))
    recorded = int(chance.exponential(9) if chance.random() < 0.97 else chance.uniform(60, 400))
    known_from = delivered_on + timedelta(days=recorded)
    registered_on = delivered_on + timedelta(days=int(chance.gamma(1.4, 14)))
    fates = list(FATES)
    none = 1 - sum(FATES.values())
    place = int(chance.choice(len(fates) + 1, p=[*FATES.values(), none]))
    is_withdrawn = chance.random() < 0.006
    return _Suspect(
        unit=unit,
        delivered_on=delivered_on,
        known_from=known_from,
        withdrawn_from=known_from + timedelta(days=int(chance.uniform(10, 250))) if is_withdrawn else None,
        fate=None if place == len(fates) else fates[place],
        fate_from=delivered_on + timedelta(days=int(chance.uniform(0, 300))),
        registered_on=registered_on,
        recorded_on=max(known_from, registered_on + timedelta(days=int(chance.exponential(12)))),
    )


def _days(chance: np.random.Generator, expected: float) -> Iterator[date]:
    for _ in range(int(chance.poisson(expected))):
        yield PERIOD.start + timedelta(days=int(chance.uniform(0, 640)))


def _cause_on(one: _Suspect, day: date) -> Cause | None:
    """The cause of a suspect as known on a day; None: recognised."""
    if one.fate is not None and one.fate_from <= day:
        return one.fate
    if one.fate is None and one.recorded_on <= day:
        if one.registered_on <= PERIOD.end:
            return None
        is_next_month = one.registered_on <= PERIOD.end + timedelta(days=31) and one.delivered_on.month == 12
        return Cause.PERIOD_BOUNDARY if is_next_month else Cause.REGISTERED_LATE
    return Cause.IN_TRANSIT if (day - one.delivered_on).days <= 60 else Cause.MISSING


def _counts(
    suspects: list[_Suspect], elsewhere: dict[OmOnlyCause, list[date]], earlier: list[date], day: date
) -> ExactCounts:
    known = [
        one for one in suspects if one.known_from <= day and (one.withdrawn_from is None or one.withdrawn_from > day)
    ]
    of = [(one, _cause_on(one, day)) for one in known]
    causes = Counter(cause for _, cause in of)
    recognised = causes.pop(None, 0)
    om_only = {cause.value: sum(since <= day for since in found) for cause, found in elsewhere.items()}
    before = sum(since <= day for since in earlier)
    units = sorted({one.unit for one in known})
    months = [end.isoformat()[:7] for end in month_ends(PERIOD.start, PERIOD.end)]
    return ExactCounts(
        period=PERIOD,
        as_of=day,
        national={
            "delivered": len(known),
            "recognised": recognised,
            "gap": len(known) - recognised,
            "om_count": recognised + sum(om_only.values()) - before,
        },
        causes={cause.value: causes[cause] for cause in Cause},
        om_only=om_only,
        registered_earlier=before,
        units={unit: _row([cause for one, cause in of if one.unit == unit]) for unit in units},
        months={month: _row([cause for one, cause in of if f"{one.delivered_on:%Y-%m}" == month]) for month in months},
    )


def _row(causes: list[Cause | None]) -> RowCounts:
    return RowCounts(len(causes), sum(cause is not None for cause in causes))
