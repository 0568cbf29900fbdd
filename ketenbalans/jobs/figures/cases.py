"""Count the delivered cases of a period by what they are about; bridged to nothing, since a case may be several things.

A case is a dossier number with a delivered suspect who counts. It has a quality when one of these suspects has it, as
the police judge them and as known on a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl
from sqlalchemy import Connection

from ketenbalans.columns.coding import bit_of, rank_of
from ketenbalans.columns.registers import registers_of
from ketenbalans.reconciliation.balance import Balance
from schemas.answer import BalanceAnswer
from schemas.coded_state import NO_LONGER_STANDING, dossier_number
from schemas.period import Period
from schemas.vocabulary import Disposal, Qualification
from warehouse.database import memo_of

FOCUS = (Qualification.DISTRIBUTION, Qualification.PRODUCTION, Qualification.ABUSE)
"""The qualities that the letters publish shares of; possession is none of them."""


@dataclass(frozen=True, kw_only=True)
class OverlappingQualities:
    """Cases of a period by quality, of those that are published: what a table of shares cannot say.

    Attributes:
        cases: all of them.
        with_quality: those with a quality, by its name; every one of ``FOCUS`` is present, also at 0.
        with_any: those with at least one of ``FOCUS``.
        with_several: those with more than one of them, which stand in several of ``with_quality``.
    """

    cases: int
    with_quality: dict[str, int]
    with_any: int
    with_several: int


@dataclass(frozen=True)
class DeliveredCases:
    """The cases that the police delivered in a period, as known on a day.

    Attributes:
        by_case: one row per case: ``dossier``, ``is_transnational``, and one true or false per quality.
    """

    by_case: pl.DataFrame

    def by_qualification(self) -> dict[str, int]:
        """How many have each quality: the shares that the letters publish (kst-31015-112, figure 1).

        Every quality is present, also at 0. A case may have several: they never add up to the cases.
        """
        return {quality.value: int(self.by_case[quality.value].sum()) for quality in Qualification}

    def with_any(self, qualities: Sequence[Qualification]) -> int:
        """How many have at least one of some qualities; one that has several counts once."""
        return self._having(pl.any_horizontal(quality.value for quality in qualities)).height

    def dossiers(self, qualities: Sequence[Qualification] = (), *, transnational: bool = False) -> frozenset[str]:
        """The dossier numbers of those with any of some qualities (none: of all), or of the transnational ones."""
        which = pl.col("is_transnational") if transnational else pl.lit(value=True)
        if qualities:
            which &= pl.any_horizontal(quality.value for quality in qualities)
        return frozenset(self._having(which).select(dossier_number(pl.col("dossier"))).to_series())

    def overlapping(self) -> OverlappingQualities:
        """By how many of the published qualities they have."""
        several = pl.sum_horizontal(quality.value for quality in FOCUS)
        return OverlappingQualities(
            cases=self.by_case.height,
            with_quality={quality.value: int(self.by_case[quality.value].sum()) for quality in FOCUS},
            with_any=self.with_any(FOCUS),
            with_several=self._having(several > 1).height,
        )

    def _having(self, which: pl.Expr) -> pl.DataFrame:
        return self.by_case.filter(which)


def delivered_cases(
    connection: Connection, period: Period, *, as_of: date, loaded_by: datetime | None = None
) -> DeliveredCases:
    """The cases that the police delivered in a period.

    Args:
        connection: of a snapshot.
        period: by the day of delivery.
        as_of: the day whose knowledge is used.
        loaded_by: without what was loaded after this moment.
    """
    return _cases_of(_deliveries(connection, as_of, loaded_by), period)


def _cases_of(deliveries: pl.DataFrame, period: Period) -> DeliveredCases:
    counts = pl.col("delivered_on").is_between(period.start, period.end) & ~pl.col("is_withdrawn")
    mask = pl.col("qualifications_mask")
    has = {quality.value: ((mask & bit_of(quality)) != 0).any() for quality in Qualification}
    is_transnational = pl.col("is_transnational").any()
    return DeliveredCases(deliveries.filter(counts).group_by("dossier").agg(**has, is_transnational=is_transnational))


def whole_answers(connection: Connection, made: Sequence[Balance]) -> list[BalanceAnswer]:
    """What each of some balances of one day is answered with: itself, and its cases by qualification.

    Args:
        connection: of the snapshot in which they were made.
        made: the balances.
    """
    if not made:
        return []
    around = Period(min(one.period.start for one in made), max(one.period.end for one in made))
    deliveries = registers_of(connection).deliveries_with_figures(as_of=made[0].as_of, delivered_in=around)
    return [replace(one.answer(), qualifications=_cases_of(deliveries, one.period).by_qualification()) for one in made]


def _deliveries(connection: Connection, as_of: date, loaded_by: datetime | None) -> pl.DataFrame:
    """Those of one day, which many periods are asked of: in one snapshot the last that was asked for is kept."""
    memo, asked = memo_of(connection), (as_of, loaded_by)
    kept: tuple[object, pl.DataFrame] | None = memo.get(DeliveredCases)
    if kept is None or kept[0] != asked:
        deliveries = registers_of(connection).deliveries_with_figures(as_of=as_of, loaded_by=loaded_by)
        kept = memo[DeliveredCases] = (asked, deliveries)
    return kept[1]


def indigo_cases(connection: Connection, period: Period, *, as_of: date) -> int:
    """Count the standing registrations that ended with INDIGO, by the Amsterdam day the OM first recorded that.

    A registration that ended otherwise since, or that no longer stands, does not count.
    """
    registrations = registers_of(connection).registrations_with_figures(as_of=as_of)
    counts = (
        (pl.col("round") != NO_LONGER_STANDING)
        & (pl.col("disposal_rank") == rank_of(Disposal.INDIGO))
        & pl.col("disposed_first_on").is_between(period.start, period.end)
    )
    return registrations.select(counts.sum()).item() or 0
