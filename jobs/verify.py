"""Hold every published figure against what the warehouse gives for the same measure, period and day."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine

from jobs.chains import chain_on
from jobs.incidents_kept import incident_kept
from jobs.looking import look_now
from jobs.published import published_figures
from jobs.settings import Settings
from jobs.warehouse_at_hand import warehouse_at_hand
from reconciliation.balance import balance
from schemas.alerts import PUBLISHED
from schemas.measures import MEASURES, Derivation, Measure
from schemas.period import Period
from schemas.policy import Policy
from schemas.published import PublishedFigure
from warehouse.database import snapshot
from warehouse.extracts import default_as_of
from warehouse.figures import cases_by_qualification, first_delivery

BASE_YEAR = Period.of_year(2010)
SPOKEN_OF_FROM_THE_START = timedelta(days=31)
"""Registers that begin within a month of a period's first day are taken to speak of all of it."""


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
        says: why there is none; empty where there is one.
    """

    figure: PublishedFigure
    verdict: Verdict
    ours: Decimal | None = None
    as_of: date | None = None
    says: str = ""

    def to_dict(self) -> dict[str, Any]:
        """What ``verify --json`` prints of it."""
        return {
            **self.figure.to_dict(),
            "verdict": self.verdict.value,
            "ours": None if self.ours is None else str(self.ours.quantize(self.figure.value, rounding=ROUND_HALF_UP)),
            "ours_as_of": None if self.as_of is None else self.as_of.isoformat(),
            "says": self.says or None,
        }


def verify(engine: Engine, *, policy: Policy) -> list[Verified]:
    """Verify every figure of the register, in its order.

    A figure whose letter names no day rests on the day of the dated figures of the same letter and period; else on the
    last day that both registers cover, up to the date of the letter.
    """
    figures = published_figures()
    with snapshot(engine) as connection:
        asked = _Asked(connection, policy, default_as_of(connection), first_delivery(connection))
        return [_verified(figure, MEASURES[figure.measure], figures, asked) for figure in figures]


class _Asked:
    """What the warehouse answers, each question once."""

    def __init__(self, connection: Connection, policy: Policy, covered: date | None, begins: date | None) -> None:
        self.connection, self.covered, self.begins = connection, covered, begins
        self.chain = cache(lambda as_of: chain_on(connection, as_of, policy=policy))
        self.answer: Callable[[Period, date], dict[str, Any]] = cache(self._answer)

    def _answer(self, period: Period, as_of: date) -> dict[str, Any]:
        qualities = cases_by_qualification(self.connection, period=period, as_of=as_of)
        return {**balance(self.chain(as_of), period).to_dict(), "qualifications": qualities}

    def why_not(self, period: Period, as_of: date) -> str:
        """Why the warehouse says nothing of a period as known on a day; empty when it does."""
        if self.covered is None or self.begins is None:
            return "no extracts of both registers are loaded"
        if as_of > self.covered or period.end > as_of:
            return f"both registers are known until {self.covered}"
        if self.begins > period.start + SPOKEN_OF_FROM_THE_START:
            return f"the police's extracts speak of deliveries from {self.begins} on"
        return ""


def _verified(figure: PublishedFigure, measure: Measure, figures: Sequence[PublishedFigure], asked: _Asked) -> Verified:
    if measure.derived is None:
        return Verified(figure=figure, verdict=Verdict.CANNOT, says=measure.why_not)
    if measure.derived is Derivation.TARGET:
        return _told(figure, _target(figure, figures), as_of=None)
    as_of = _day_of(figure, figures, asked.covered)
    if why_not := asked.why_not(figure.period, as_of):
        return Verified(figure=figure, verdict=Verdict.NO_DATA, says=why_not)
    answer = asked.answer(figure.period, as_of)
    if measure.derived is Derivation.SHARE_OF_CASES:
        ours = Decimal(100) * answer["qualifications"][measure.key] / answer["cases_delivered"]
    elif measure.derived is Derivation.GROWTH:
        base = _published(figures, "suspects_delivered_to_om", BASE_YEAR)
        ours = Decimal(100) * answer[measure.key] / base - 100
    else:
        ours = Decimal(answer[measure.key])
    return _told(figure, ours, as_of=as_of)


def _told(figure: PublishedFigure, ours: Decimal, *, as_of: date | None) -> Verified:
    verdict = Verdict.AGREES if figure.agrees_with(ours) else Verdict.DIFFERS
    return Verified(figure=figure, verdict=verdict, ours=ours, as_of=as_of)


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


def _target(figure: PublishedFigure, figures: Sequence[PublishedFigure]) -> Decimal:
    """The base year, raised by the published growth, to the nearest whole suspect."""
    growth = _published(figures, "target_growth_vs_2010", figure.period)
    base = _published(figures, "suspects_delivered_to_om", BASE_YEAR)
    return (base * (100 + growth) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)


def _published(figures: Sequence[PublishedFigure], measure: str, period: Period) -> Decimal:
    return next(one.value for one in figures if (one.measure, one.period) == (measure, period))


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
