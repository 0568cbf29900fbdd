"""Hold every published figure against what the warehouse gives for the same measure, period and day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine

from jobs.figures import Figures
from jobs.incidents_kept import incident_kept
from jobs.looking import look_now
from jobs.published import published_figures
from jobs.settings import Settings
from jobs.warehouse_at_hand import warehouse_at_hand
from schemas.alerts import PUBLISHED
from schemas.measures import MEASURES
from schemas.policy import Policy
from schemas.published import PublishedFigure
from warehouse.database import snapshot


class PublishedFigureDiffers(ArithmeticError):
    """A figure that a letter published comes out otherwise; the message names each, its document, and both numbers."""


class Verdict(StrEnum):
    """What became of a published figure."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NO_DATA = "no data"
    CANNOT = "cannot be derived"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A published figure beside ours.

    Attributes:
        figure: as the letter gives it.
        verdict: whether ours is the same.
        ours: our figure, unrounded; None without one.
        as_of: the day whose knowledge ours rests on; None without one.
        counted_from: what ours is made from: records, a delivered count, or other published figures; empty without one.
        says: why there is none; empty where there is one.
    """

    figure: PublishedFigure
    verdict: Verdict
    ours: Decimal | None = None
    as_of: date | None = None
    counted_from: str = ""
    says: str = ""

    def to_dict(self) -> dict[str, Any]:
        """What ``verify --json`` prints of it."""
        return {
            **self.figure.to_dict(),
            "verdict": self.verdict.value,
            "ours": None if self.ours is None else str(self.ours.quantize(self.figure.value, rounding=ROUND_HALF_UP)),
            "ours_as_of": None if self.as_of is None else self.as_of.isoformat(),
            "counted_from": self.counted_from or None,
            "says": self.says or None,
        }


def verify(engine: Engine, *, policy: Policy) -> list[Verified]:
    """Verify every figure of the register, in its order.

    A figure whose letter names no day rests on the day of the dated figures of the same letter and period; else on the
    last day that its sources cover, up to the date of the letter.
    """
    published = published_figures()
    with snapshot(engine) as connection:
        figures = Figures(connection, policy=policy)
        return [_verified(one, published, figures) for one in published]


def _verified(figure: PublishedFigure, published: Sequence[PublishedFigure], figures: Figures) -> Verified:
    measure = MEASURES[figure.measure]
    derivation = measure.derivation_of(figure.category)
    if derivation is None:
        return Verified(figure=figure, verdict=Verdict.CANNOT, says=measure.why_not)
    as_of = _day_of(figure, published, figures.last_day(measure))
    basis = measure.basis_of(figure.basis)
    ours = figures.figure(measure, figure.category, figure.period, as_of, basis=basis)
    if ours.value is None:
        return Verified(figure=figure, verdict=Verdict.NO_DATA, says=ours.says)
    return Verified(
        figure=figure,
        verdict=Verdict.AGREES if figure.agrees_with(ours.value) else Verdict.DIFFERS,
        ours=ours.value,
        as_of=as_of if derivation.sources else None,
        counted_from=derivation.counted_from,
    )


def _day_of(figure: PublishedFigure, figures: Sequence[PublishedFigure], covered: date | None) -> date:
    """The day a figure rests on: its own, that of its letter's dated figures of the period, or the last we know."""
    if figure.as_of is not None:
        return figure.as_of
    same = {
        one.as_of
        for one in figures
        if (one.document, one.period) == (figure.document, figure.period) and one.as_of is not None
    }
    if len(same) == 1:
        return same.pop()
    return min(covered or figure.document_date, figure.document_date)


def verify_every_figure() -> list[str]:
    """Verify the register as the nightly check does; gives how many figures have which verdict.

    Raises:
        PublishedFigureDiffers: somebody is told at once.
    """
    settings = Settings()
    with warehouse_at_hand(settings) as engine:
        verified = verify(engine, policy=settings.read_policy())
        differing = [_in_words(one) for one in verified if one.verdict is Verdict.DIFFERS]
        try:
            with incident_kept(engine, PUBLISHED, PublishedFigureDiffers):
                if differing:
                    raise PublishedFigureDiffers("; ".join(differing))
        except PublishedFigureDiffers:
            look_now()
            raise
    counted = Counter(one.verdict for one in verified)
    return [f"{counted[verdict]} {verdict.value}" for verdict in Verdict]


def _in_words(one: Verified) -> str:
    figure, told = one.figure, one.to_dict()
    return (
        f"{figure.figure_id} ({figure.document}): {figure.measure} of {figure.period} was published as {figure.value} "
        f"and comes out as {told['ours']}, as known on {one.as_of}"
    )
