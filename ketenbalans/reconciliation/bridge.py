"""What a balance is: bridges per delivering party, per unit and in total, that close to the last suspect.

The police's goes on to the OM's own count; what others deliver is reconciled and reported apart (ADR 0017).
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from ketenbalans.reconciliation.counted import Counted
from ketenbalans.reconciliation.explain import settled_and_recognised, settled_suspects
from schemas.answer import BalanceAnswer
from schemas.answer_parts import Bridge, MonthBridge, PartyBridge
from schemas.coded_state import case_number, dossier_number, unit_code
from schemas.incidents import Incident, IncidentKind
from schemas.period import Period


class BalanceDoesNotClose(Incident, ArithmeticError):
    """A bridge does not add up: a defect of the rules, never of the data. Nothing may be stored."""

    incident_kind = IncidentKind.BALANCE_DOES_NOT_CLOSE


@dataclass(frozen=True)
class DeliveredByParty:
    """What one party delivered in a period, and what became of it.

    Attributes:
        party: who delivered.
        period: the deliveries that are counted, by ``delivered_on``.
        total: the bridge over all its units.
        by_unit: a bridge per unit with a delivered suspect in the period, sorted.
        counted: what it was made from.
        number: the place of the period in it.
    """

    party: str
    period: Period
    total: Bridge
    by_unit: tuple[Bridge, ...]
    counted: Counted = field(repr=False, compare=False)
    number: int = field(repr=False, compare=False)

    @property
    def closes(self) -> bool:
        """Whether the causes explain the gap, per unit and in total."""
        units = self.by_unit
        adds_up = (
            sum(unit.delivered for unit in units) == self.total.delivered
            and sum(unit.recognised for unit in units) == self.total.recognised
            and all(sum(unit.causes[cause] for unit in units) == total for cause, total in self.total.causes.items())
        )
        return adds_up and all(unit.closes for unit in (*units, self.total))

    @property
    def suspects(self) -> pl.DataFrame:
        """One row per suspect that the party delivered in the period, recognised or not, by dossier and suspect number.

        ``dossier_number``, ``suspect_number``, ``unit``, ``delivered_on``, ``transferred_on``, ``registered_on``,
        ``case_number`` and ``link_rule`` (of the link; null: none), ``suggested_case_number``, ``is_delivered_again``
        (a transferred one that the unit or team which took over delivered again), ``cause`` (null: recognised).
        """
        return in_words(self.coded_suspects)

    @cached_property
    def coded_suspects(self) -> pl.DataFrame:
        """``suspects`` with their keys as numbers (``schemas.coded_state``), as they are explained, in no order."""
        chain = self.counted.chain
        recognised = settled_and_recognised(chain, self.period, party=self.party)
        plainly = settled_suspects(chain, recognised).with_columns(cause=pl.lit(None, pl.String))
        return pl.concat([self.explained, plainly])

    @cached_property
    def explained(self) -> pl.DataFrame:
        """The delivered suspects that are not plainly recognised (``explain.explain_deliveries``)."""
        is_ours = (pl.col("period") == self.number) & (pl.col("party") == self.party)
        return self.counted.explained.filter(is_ours).drop("period")

    @cached_property
    def not_recognised(self) -> pl.DataFrame:
        """Of ``suspects`` those that have a cause, without looking at the others."""
        return in_words(self.explained.filter(pl.col("cause").is_not_null()))

    def answer(self) -> PartyBridge:
        """The bridge in total and per unit, without the records behind it."""
        return PartyBridge(party=self.party, total=self.total, by_unit=self.by_unit)


def in_words(suspects: pl.DataFrame) -> pl.DataFrame:
    """Explained suspects with their numbers and units written out, by dossier and suspect number."""
    return suspects.sort("dossier", "suspect_number").select(
        dossier_number(pl.col("dossier")).alias("dossier_number"),
        "suspect_number",
        unit_code(pl.col("unit")).alias("unit"),
        "delivered_on",
        "transferred_on",
        "registered_on",
        case_number(pl.col("case")).alias("case_number"),
        "link_rule",
        case_number(pl.col("suggested_case")).alias("suggested_case_number"),
        "is_delivered_again",
        "cause",
    )


@dataclass(frozen=True)
class Balance:
    """What one period looks like on one day.

    Attributes:
        period: the deliveries that are counted, by ``delivered_on``.
        as_of: the day whose knowledge is used.
        delivered: by delivering party, the police first. Only theirs is bridged on to the OM's own count.
        links: suspects that the police delivered in the period by the rule that linked them, recognised or not.
        registered_earlier: recognised suspects of the police registered before the period.
        om_count: the OM's own figure, by ``registered_on``, whoever delivered.
        om_only_causes: registrations of that figure without a recognised police delivery of the period, by cause.
        by_month: what the police delivered in each calendar month of the period.
        counted: what it was made from.
        number: the place of the period in it.
    """

    period: Period
    as_of: date
    delivered: tuple[DeliveredByParty, ...]
    links: dict[str, int]
    registered_earlier: int
    om_count: int
    om_only_causes: dict[str, int]
    by_month: tuple[MonthBridge, ...]
    counted: Counted = field(repr=False, compare=False)
    number: int = field(repr=False, compare=False)

    @property
    def police(self) -> DeliveredByParty:
        """What the police delivered: the published balance."""
        return self.delivered[0]

    @property
    def total(self) -> Bridge:
        """The bridge over all police units."""
        return self.police.total

    @property
    def by_unit(self) -> tuple[Bridge, ...]:
        """A bridge per police unit with a delivered suspect in the period, sorted."""
        return self.police.by_unit

    @property
    def suspects(self) -> pl.DataFrame:
        """One row per suspect that the police delivered in the period (``Delivered.suspects``)."""
        return self.police.suspects

    @property
    def closes(self) -> bool:
        """Whether every bridge adds up, per unit, per month, in total and on to the OM's own count."""
        months_add_up = all(
            sum(getattr(month, count) for month in self.by_month) == getattr(self.total, count)
            for count in ("delivered", "recognised")
        )
        to_the_om = self.total.recognised - self.registered_earlier + sum(self.om_only_causes.values())
        parties_close = all(delivered.closes for delivered in self.delivered)
        return parties_close and months_add_up and to_the_om == self.om_count

    @cached_property
    def om_only(self) -> pl.DataFrame:
        """One row per registration of the OM's figure without a recognised delivery of the period, by case number.

        ``case_number``, ``registered_on``, ``dossier_number`` and ``suspect_number`` (of the linked delivery, else of
        the suggested one, else as the registration has them), ``link_rule`` (null: no link), ``cause``.
        """
        is_linked, is_suggested = pl.col("dossier").is_not_null(), pl.col("suggested_dossier").is_not_null()
        first = pl.when(is_linked).then("dossier").when(is_suggested).then("suggested_dossier")
        suspect = pl.when(is_linked).then("suspect_number").when(is_suggested).then("suggested_suspect_number")
        of_period = self.counted.om_only.filter(pl.col("period") == self.number)
        return of_period.sort("case").select(
            case_number(pl.col("case")).alias("case_number"),
            "registered_on",
            dossier_number(first.otherwise("reported_dossier")).alias("dossier_number"),
            suspect.otherwise("reported_suspect_number").alias("suspect_number"),
            "link_rule",
            "cause",
        )

    def answer(self) -> BalanceAnswer:
        """The balance as it is answered, without the records behind it; every cause is present, also at 0.

        ``other_parties`` has the bridge of each party but the police that delivered anything ever known. Cases by
        qualification are not counted here.
        """
        return BalanceAnswer(
            period=self.period,
            as_of=self.as_of,
            police=self.police.answer(),
            registered_earlier=self.registered_earlier,
            om_count=self.om_count,
            om_only=self.om_only_causes,
            links=self.links,
            closes=self.closes,
            other_parties=tuple(one.answer() for one in self.delivered[1:]),
            by_month=self.by_month,
        )
