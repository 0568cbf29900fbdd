"""What the warehouse gives for a measure, a period and a day: the one place where a figure is made."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from sqlalchemy import Connection

from ketenbalans.figures.measure import REGISTERS, Derivation, Measure
from ketenbalans.figures.measures import MEASURES
from ketenbalans.figures.measures_police import KINDS
from ketenbalans.figures.targets import BASE_YEAR, growth_over, target_of
from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.jobs.figures.cases import delivered_cases
from ketenbalans.jobs.figures.counted import COUNTED, MeasureQuestion
from ketenbalans.jobs.figures.published import published_figures
from ketenbalans.reconciliation.balance import balance
from schemas.answer import BalanceAnswer
from schemas.catalogue import source_named
from schemas.period import Period
from schemas.policy import Policy
from warehouse.extracts import covered_until
from warehouse.figures import first_day_recorded

SUSPECTS = "suspects_delivered_to_om"
COVERED_FROM_THE_START = timedelta(days=31)
"""A source that begins within a month of a period's first day is taken to cover all of it."""


@dataclass(frozen=True)
class Figure:
    """One figure of ours.

    Attributes:
        value: unrounded; None without one.
        says: why there is none; empty where there is one.
    """

    value: Decimal | None
    says: str = ""


class Figures:
    """Figures of one moment of the warehouse; each question is answered once."""

    def __init__(self, connection: Connection, *, policy: Policy) -> None:
        """Ask over a connection inside one snapshot, so that figures of several questions belong together."""
        self._connection = connection
        self._covered = covered_until(connection)
        self._begins = cache(lambda source: first_day_recorded(connection, source_named(source)))
        self._balance = cache(
            lambda period, as_of: balance(chain_on(connection, as_of, policy=policy), period).answer()
        )
        self._answers: dict[MeasureQuestion, Figure] = {}

    def figure(self, measure: Measure, category: str, period: Period, as_of: date, *, basis: str = "") -> Figure:
        """Give the figure of a measure as known on a day.

        Args:
            measure: what is asked for.
            category: one of ``measure.categories``.
            period: what is counted; of a stock its last day.
            as_of: the day whose knowledge is used; targets rest on none.
            basis: for a measure on several bases: which, as ``schemas.vocabulary.Basis`` names it.

        Returns:
            The value, or why there is none: the category or the basis is not of the measure, it cannot be derived, or
            the sources do not cover the period and the day.
        """
        question = MeasureQuestion(measure, category, period, as_of, basis)
        if question not in self._answers:
            self._answers[question] = self._answer(question)
        return self._answers[question]

    def last_day(self, measure: Measure) -> date | None:
        """The last day that all sources of a measure cover; None while one of them has no loaded extract."""
        days = [self._covered.get(source) for source in _sources(measure)]
        known = [day for day in days if day is not None]
        return min(known) if known and len(known) == len(days) else None

    def newest_day(self, measure: Measure) -> date | None:
        """The last day that all sources of a measure cover; of one without sources, that both registers do."""
        return self.last_day(measure) or self.last_day(MEASURES[SUSPECTS])

    def _answer(self, asked: MeasureQuestion) -> Figure:
        measure = asked.measure
        if asked.category not in measure.categories:
            return Figure(None, f"{measure.name} is published for {_listed(measure.categories)}; ask for one of these")
        derivation = measure.derivation_of(asked.category)
        if derivation is None:
            return Figure(None, measure.why_not)
        if says := _no_such_period(derivation, asked.period) or self._why_not(asked):
            return Figure(None, says)
        if derivation in COUNTED:
            return self._counted(asked, derivation)
        if derivation in (Derivation.TARGET, Derivation.TARGET_TOTAL):
            return _target(asked, derivation)
        return self._of_the_balance(asked, derivation)

    def _why_not(self, asked: MeasureQuestion) -> str:
        """Why the sources say nothing of a period as known on a day; empty when they do."""
        sources, period = _sources(asked.measure), asked.period
        if not sources:
            return ""
        missing = [source for source in sources if source not in self._covered or self._begins(source) is None]
        if missing:
            return f"no extracts of {_sources_in_words(sources, missing)} are loaded"
        until = min(self._covered[source] for source in sources)
        if max(asked.as_of, period.end) > until:
            first_to_end = [source for source in sources if self._covered[source] == until]
            return f"{_sources_in_words(sources, first_to_end)} are known until {until}"
        if period.end > asked.as_of:
            return f"the period ends on {period.end}, after {asked.as_of}"
        return "" if asked.measure.derived is Derivation.DELIVERED else self._begins_later(sources, period)

    def _begins_later(self, sources: tuple[str, ...], period: Period) -> str:
        """Which sources cover only days after a period's first month, and from when on; empty: none."""
        begins = {source: self._begins(source) or period.start for source in sources}
        late = [source for source in sources if begins[source] > period.start + COVERED_FROM_THE_START]
        return " and ".join(
            f"the police's extracts speak of deliveries from {begins[source]} on"
            if source == REGISTERS[0]
            else f"the extracts of {_in_words(source)} speak of days from {begins[source]} on"
            for source in late
        )

    def _counted(self, asked: MeasureQuestion, derivation: Derivation) -> Figure:
        counted = COUNTED[derivation](self._connection, asked)
        return Figure(None, counted) if isinstance(counted, str) else Figure(Decimal(counted))

    def _of_the_balance(self, asked: MeasureQuestion, derivation: Derivation) -> Figure:
        answer: BalanceAnswer = self._balance(asked.period, asked.as_of)
        if derivation is Derivation.SHARE_OF_CASES:
            if not answer.cases_delivered:
                return Figure(None, "no case was delivered in the period, and a share of none is none")
            cases = delivered_cases(self._connection, asked.period, as_of=asked.as_of).with_any(asked.measure.qualities)
            return Figure(Decimal(100) * cases / answer.cases_delivered)
        ours = Decimal(answer.figure(asked.measure.key))
        if derivation is Derivation.GROWTH:
            base = _published(SUSPECTS, "", BASE_YEAR)
            return (
                Figure(None, "no letter gives the suspects of the base year")
                if base is None
                else Figure(growth_over(base, ours))
            )
        return Figure(ours)


def _no_such_period(derivation: Derivation, period: Period) -> str:
    """Why a figure is none of that period, whatever the sources say; empty when it may be one."""
    if derivation is Derivation.GROWTH and not period.is_calendar_year:
        return "growth is over the whole year 2010, so only a calendar year has one"
    if derivation is Derivation.RUNNING and period.end != Period.of_year(period.end.year).end:
        return "it is the stock at the end of a year; ask for a period that ends on 31 December"
    return ""


def _target(asked: MeasureQuestion, derivation: Derivation) -> Figure:
    """A target that follows from others that were published; none where no letter gives those."""
    if derivation is Derivation.TARGET:
        base = _published(SUSPECTS, "", BASE_YEAR)
        growth = _published("target_growth_vs_2010", "", asked.period)
        if base is not None and growth is not None:
            return Figure(target_of(base, growth))
    else:
        parts = [_published(asked.measure.name, kind, asked.period) for kind in KINDS]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            return Figure(sum(known, Decimal(0)))
    return Figure(None, f"no letter gives what the target of {asked.period} follows from")


def _published(measure: str, category: str, period: Period) -> Decimal | None:
    wanted = (measure, category, period)
    return next((one.value for one in published_figures() if (one.measure, one.category, one.period) == wanted), None)


def _sources(measure: Measure) -> tuple[str, ...]:
    return measure.derived.sources if measure.derived is not None else ()


def _sources_in_words(sources: tuple[str, ...], named: list[str]) -> str:
    """Some of the sources of a figure, for people: the registers of a balance are one."""
    return "both registers" if sources == REGISTERS else " and ".join(map(_in_words, named))


def _in_words(source: str) -> str:
    return source.replace("_", " ")


def _listed(categories: tuple[str, ...]) -> str:
    return ", ".join(category or "no category" for category in categories)
