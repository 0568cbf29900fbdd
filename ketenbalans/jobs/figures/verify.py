"""Hold every published figure against what the warehouse gives for the same measure, period and day.

A figure that comes out otherwise is a restatement: it names what moved it, and stands as a failure until a person
accepts that value (``jobs.figures.acceptance``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Engine

from ketenbalans.figures.measures import MEASURES
from ketenbalans.figures.published import PublishedFigure
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.figures.measured import Figures
from ketenbalans.jobs.figures.published import published_figures
from ketenbalans.jobs.reporting.what_moved import Moved, WhatMoved
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.settings import Settings
from schemas.alerts import PUBLISHED
from schemas.incidents import Incident, IncidentKind
from schemas.json_object import JsonObject
from schemas.policy import Policy
from schemas.rounding import decimals_in, half_up
from warehouse.database import snapshot
from warehouse.register import (
    ACCEPTED,
    Agreed,
    RestatementDecision,
    keep_agreed,
    last_agreed,
    moment_before_running_loads,
    restatements_decided,
)


class PublishedFigureDiffers(Incident, ArithmeticError):
    """A figure that a letter published comes out otherwise; the message names each, its document, and both numbers."""

    incident_kind = IncidentKind.PUBLISHED_FIGURE_DIFFERS


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
        moved: what moved it, when it differs.
        accepted: the decision of a person who accepted this very value, when it differs.
    """

    figure: PublishedFigure
    verdict: Verdict
    ours: Decimal | None = None
    as_of: date | None = None
    counted_from: str = ""
    says: str = ""
    moved: Moved | None = None
    accepted: RestatementDecision | None = None

    @property
    def fails(self) -> bool:
        """Whether it differs and nobody accepted that."""
        return self.verdict is Verdict.DIFFERS and self.accepted is None

    @property
    def rounded(self) -> str | None:
        """Ours, rounded half up to the decimals of the letter."""
        return None if self.ours is None else str(half_up(self.ours, decimals_in(self.figure.value)))

    def to_json(self) -> JsonObject:
        """What ``verify --json`` prints of it."""
        return {
            **self.figure.to_json(),
            "verdict": self.verdict.value,
            "ours": self.rounded,
            "ours_as_of": None if self.as_of is None else self.as_of.isoformat(),
            "counted_from": self.counted_from or None,
            "says": self.says or None,
            "moved": None if self.moved is None else self.moved.to_json(),
            "accepted": None if self.accepted is None else _decision_to_json(self.accepted),
        }


def verify(engine: Engine, *, policy: Policy) -> list[Verified]:
    """Verify every figure of the register, in its order.

    A figure whose letter names no day rests on the day of the letter's dated figures of the same period and source;
    else on the last day that its sources cover, up to the date of the letter. That a figure came out as published is
    kept: a later difference is put down to what was loaded since.
    """
    published = published_figures()
    with snapshot(engine) as connection:
        figures, moved = Figures(connection, policy=policy), WhatMoved(connection, policy=policy)
        last, decided = last_agreed(connection), restatements_decided(connection)
        now = moment_before_running_loads(connection)
        by_day = sorted(published, key=lambda one: _day_of(one, published, figures.last_day(MEASURES[one.measure])))
        verified = {}
        for figure in by_day:  # each day is linked once
            one = _verified(figure, published, figures)
            differs = one.verdict is Verdict.DIFFERS
            verified[figure.figure_id] = _restated(one, moved, last, decided) if differs else one
        found = [verified[figure.figure_id] for figure in published]
    agreeing = [(one.figure.figure_id, one.as_of) for one in found if one.verdict is Verdict.AGREES]
    with engine.begin() as connection:
        keep_agreed(connection, agreeing, at=now)
    return found


def _restated(
    one: Verified, moved: WhatMoved, last: Mapping[str, Agreed], decided: Mapping[str, RestatementDecision]
) -> Verified:
    """The figure with what moved it, and with who accepted that."""
    figure, decision = one.figure, decided.get(one.figure.figure_id)
    holds = decision is not None and (decision.verdict, decision.published, decision.ours) == (
        ACCEPTED,
        str(figure.value),
        one.rounded,
    )
    what = None
    if one.as_of is not None:  # what rests on no day rests on no record
        measure = MEASURES[figure.measure]
        what = moved.moved(measure, figure.period, one.as_of, since=last.get(figure.figure_id))
    return replace(one, moved=what, accepted=decision if holds else None)


def _decision_to_json(decision: RestatementDecision) -> dict[str, str]:
    return {
        "ours": decision.ours,
        "note": decision.note,
        "by": decision.decided_by,
        "on": decision.decided_on.isoformat(),
    }


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
    if as_of < figure.document_date and not _names_a_day(figure, published) and not figure.agrees_with(ours.value):
        says = f"known until {as_of}; the letter of {figure.document_date} may rest on a later day"
        return Verified(figure=figure, verdict=Verdict.NO_DATA, says=says)
    return Verified(
        figure=figure,
        verdict=Verdict.AGREES if figure.agrees_with(ours.value) else Verdict.DIFFERS,
        ours=ours.value,
        as_of=as_of if derivation.sources else None,
        counted_from=derivation.counted_from,
    )


def _day_of(figure: PublishedFigure, figures: Sequence[PublishedFigure], covered: date | None) -> date:
    """The day a figure rests on: its own, that of its letter's dated figures of the period, or the last we know."""
    named = _days_named(figure, figures)
    return named.pop() if len(named) == 1 else min(covered or figure.document_date, figure.document_date)


def _names_a_day(figure: PublishedFigure, figures: Sequence[PublishedFigure]) -> bool:
    """Whether the day that a figure rests on is named, for it or for others of its letter."""
    return len(_days_named(figure, figures)) == 1 or MEASURES[figure.measure].source == ""


def _days_named(figure: PublishedFigure, figures: Sequence[PublishedFigure]) -> set[date]:
    if figure.as_of is not None:
        return {figure.as_of}
    source = MEASURES[figure.measure].source
    return {
        one.as_of
        for one in figures
        if (one.document, one.period, MEASURES[one.measure].source) == (figure.document, figure.period, source)
        and one.as_of is not None
    }


def verify_every_figure(settings: Settings) -> list[str]:
    """Verify the register as the nightly check does; gives how many figures have which verdict.

    Raises:
        PublishedFigureDiffers: somebody is notified at once.
    """
    with warehouse_from(settings) as engine:
        verified = verify(engine, policy=settings.read_policy())
        differing = [in_words(one) for one in verified if one.fails]
        try:
            with incident_kept(engine, PUBLISHED, PublishedFigureDiffers):
                if differing:
                    raise PublishedFigureDiffers("; ".join(differing))
        except PublishedFigureDiffers:
            watch_now(settings)
            raise
    counted = Counter(one.verdict for one in verified)
    return [f"{counted[verdict]} {verdict.value}" for verdict in Verdict]


def in_words(one: Verified) -> str:
    """A figure that differs: the letter's, ours, and what moved it."""
    figure = one.figure
    of = f"{figure.measure}{f' ({figure.category})' if figure.category else ''} of {figure.period}"
    decision = f"{figure.figure_id} ({figure.document}): {of} was published as {figure.value}"
    ours = f"comes out as {one.rounded}{f', as known on {one.as_of}' if one.as_of else ''}"
    moved = one.moved.in_words() if one.moved else ""
    return f"{decision} and {ours}{f' ({moved})' if moved else ''}"
