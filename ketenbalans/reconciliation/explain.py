"""Decide why a delivered suspect is not recognised, and why a registration has no recognised delivery.

One row per delivered suspect, one per registration, as known on the as-of date; suspects of one delivering party at a
time, registrations as the police's balance sees them (ADR 0017). The causes and their order are the
counting rules of docs/counting-rules.md; the letters name three of them (kst-31015-112,
note 2). Pure: no I/O, no clock, no logging.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeAlias, TypeVar

import narwhals as nw
import polars as pl

from ketenbalans.reconciliation.around import OF_A_DELIVERY, OF_A_REGISTRATION
from ketenbalans.reconciliation.asked import BOUNDS, ENDS, rows_asked, with_bounds
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.link import is_filled
from ketenbalans.reconciliation.state import EngineFrame, in_memory
from schemas.catalogue import POLICE
from schemas.causes import BreakCause, Cause, OmOnlyCause
from schemas.coded_state import NO_LONGER_STANDING, RECOGNISABLE
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, Use, names
from schemas.period import Period
from schemas.policy import Policy

TRANSFER = ("transferred_to", "transferred_on")
SUSPECT = (
    "delivery_id",
    "party",
    *names(DELIVERY_COLUMNS, Use.IN_CAUSES),
    "registration_id",
    *names(REGISTRATION_COLUMNS, Use.BESIDE_A_PARTNER),
    "link_rule",
    "suggested_case",
    *OF_A_DELIVERY,
)
"""A delivered suspect with what it is linked to, or nulls."""

COUNTED = (
    "period",
    "registration_id",
    "case",
    "registered_on",
    "reported_dossier",
    "reported_suspect_number",
    "dossier",
    "suspect_number",
    "suggested_dossier",
    "suggested_suspect_number",
    "link_rule",
    "cause",
)
"""A registration of the OM's own figure with what it is linked to, or nulls."""

TO_BE_EXPLAINED = tuple(
    dict.fromkeys(
        [
            *(name for name in COUNTED if name != "cause"),
            *names(REGISTRATION_COLUMNS, Use.IN_CAUSES),
            *names(DELIVERY_COLUMNS, Use.BESIDE_A_PARTNER),
            "suggested_party",
            *OF_A_REGISTRATION,
        ]
    )
)
"""The same with what the rules read besides."""

Some = TypeVar("Some", bound=BreakCause)
Rules: TypeAlias = list[tuple[pl.Expr, Some | None]]
"""When each cause holds; the first that does decides. None: it is no break."""


def explain_deliveries(chain: Chain, settled: EngineFrame, periods: Sequence[Period]) -> pl.DataFrame:
    """Give every suspect delivered in a period, not plainly recognised, exactly one cause or none.

    Plainly recognised is a settled pair that was registered by the end of the period (``settled_and_recognised``).

    Returns:
        Every party's other deliveries of each period that are not withdrawn (``SUSPECT``), with the place of the
        ``period`` and ``cause``: a ``Cause``, or null when the suspect is recognised after all.
    """
    left = nw.from_native(chain.left_deliveries, eager_only=True)
    rows = rows_asked(left, "delivered_on", periods, where=~nw.col("is_withdrawn"))
    came_late = settled_suspects(chain, settled.filter(nw.col("registered_on") > nw.col("period_end")))
    delivered = pl.concat([rows.to_polars().select(came_late.columns), came_late])
    rules = delivery_rules(as_of=chain.as_of, policy=chain.policy)
    return explained(delivered, rules, periods, otherwise=Cause.MISSING)


def explained(
    rows: pl.DataFrame, rules: "Rules[Some]", periods: Sequence[Period], *, otherwise: BreakCause
) -> pl.DataFrame:
    """Add ``cause``: the word of the first rule that holds, for the period that asks about the row."""
    cause = first_that_holds(rules, otherwise=otherwise).alias("cause")
    return with_bounds(rows, periods).with_columns(cause).drop(BOUNDS)


def delivery_rules(*, as_of: date, policy: Policy) -> Rules[Cause]:
    """Each cause with when it holds, in the declared order; the last one, ``MISSING``, is what is left.

    What stays wrong for good comes before what only came late. The first rule is of what is no break.
    """
    came_late = pl.col("registered_on") > pl.col("period_end")
    is_linked = is_filled("registration_id")
    stands_recognisable = is_linked & (pl.col("round") == RECOGNISABLE)
    has_ended = is_linked & (pl.col("round") == NO_LONGER_STANDING)
    return [
        (stands_recognisable & ~came_late, None),
        (has_ended & pl.col("is_joined"), Cause.JOINED),
        (has_ended, Cause.LAPSED),
        (is_linked & ~stands_recognisable, Cause.OTHER_CLASSIFICATION),
        (is_filled("transferred_to") & (~is_linked | (came_late & came_after_the_transfer())), Cause.TRANSFERRED),
        (was_delivered_in_last_month() & came_late & came_by_end_of_next_month(), Cause.PERIOD_BOUNDARY),
        (came_late, Cause.REGISTERED_LATE),
        (is_filled("suggested_case"), Cause.SUGGESTED),
        (was_delivered_since(as_of - timedelta(days=policy.transit_allowance_days)), Cause.IN_TRANSIT),
        (pl.col("is_registered_with_another"), Cause.DUPLICATE_DELIVERY),
    ]


def explain_registrations(chain: Chain, periods: Sequence[Period]) -> pl.DataFrame:
    """Give every registration of the OM's own figure exactly one cause, or none when the police delivered it then.

    Settled pairs whose delivery is the police's and of the period too are left out: both registers count them in the
    same period. What hangs on the delivery of another party has another deliverer, whatever else could be said of it.

    Returns:
        The other standing registrations of each period classified KP or KST (``COUNTED``), with the place of the
        ``period`` and ``cause``: an ``OmOnlyCause`` or null.
    """
    registrations = nw.from_native(chain.left_registrations, eager_only=True)
    recognisable = nw.col("round") == RECOGNISABLE
    left = rows_asked(registrations, "registered_on", periods, where=recognisable).to_polars()
    not_then = ~(is_of(POLICE) & was_delivered_in_period())
    elsewhere = in_memory(rows_asked(chain.settled, "registered_on", periods).filter(not_then)).to_polars()
    nothing = dict.fromkeys(("is_withdrawn", *OF_A_REGISTRATION), pl.lit(value=False))
    elsewhere = elsewhere.with_columns(**nothing, link_rule=pl.lit(1, pl.Int32))
    counted = pl.concat([left, with_nothing_else(elsewhere, like=left).select(left.columns)])
    return explained(
        counted.select(TO_BE_EXPLAINED), registration_rules(), periods, otherwise=OmOnlyCause.NO_POLICE_DELIVERY
    ).select(COUNTED)


def registration_rules() -> Rules[OmOnlyCause]:
    """Each cause with when it holds, in the declared order; the last one, ``NO_POLICE_DELIVERY``, is what is left.

    What hangs on the delivery of another party has that deliverer, whatever else could be said of it. The first rule is
    of what is no break.
    """
    hangs_elsewhere = (pl.col("party") != POLICE).fill_null(value=False)
    stands = (pl.col("party") == POLICE) & ~pl.col("is_withdrawn")
    is_suggested_to_the_police = pl.col("suggested_party") == POLICE
    is_of_another = pl.col("is_of_another_deliverer") | is_filled("suggested_party")
    return [
        (stands & pl.col("delivered_on").is_between(pl.col("period_start"), pl.col("period_end")), None),
        (stands & (pl.col("delivered_on") < pl.col("period_start")), OmOnlyCause.DELIVERED_EARLIER_PERIOD),
        (stands & (pl.col("delivered_on") > pl.col("period_end")), OmOnlyCause.DELIVERED_LATER),
        (~hangs_elsewhere & is_suggested_to_the_police, OmOnlyCause.SUGGESTED),
        (~hangs_elsewhere & pl.col("is_withdrawn"), OmOnlyCause.DELIVERY_WITHDRAWN),
        (pl.col("has_a_taken_delivery"), OmOnlyCause.DUPLICATE_REGISTRATION),
        (pl.col("is_known_to_the_police"), OmOnlyCause.SUSPECT_NOT_DELIVERED),
        (hangs_elsewhere | is_of_another, OmOnlyCause.OTHER_DELIVERER),
    ]


def settled_suspects(chain: Chain, settled: EngineFrame) -> pl.DataFrame:
    """Settled pairs as suspects to explain (``SUSPECT``): with the transfer of those that were handed over.

    With the ``period`` and its ends where they have one.
    """
    pairs = in_memory(settled).to_polars()
    asked = [name for name in ("period", *ENDS) if name in pairs.columns]
    transfers = in_memory(chain.deliveries.select("delivery_id", *TRANSFER).filter(~nw.col("transferred_to").is_null()))
    nothing = dict.fromkeys(("is_joined", *OF_A_DELIVERY), pl.lit(value=False))
    return (
        pairs.with_columns(
            **nothing,
            link_rule=pl.lit(1, pl.Int32),
            round=pl.lit(RECOGNISABLE, pl.Int8),
            suggested_case=pl.lit(None, pl.Int64),
        )
        .join(transfers.to_polars(), on="delivery_id", how="left")
        .select(*SUSPECT, *asked)
    )


def with_nothing_else(frame: pl.DataFrame, *, like: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of another frame that this one lacks, with nothing in them."""
    lacking = {name: kind for name, kind in like.schema.items() if name not in frame.columns}
    return frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in lacking.items())


def settled_and_recognised(chain: Chain, period: Period, *, party: str) -> EngineFrame:
    """A party's settled pairs that are recognised without more ado: delivered in the period, registered by its end."""
    return chain.settled.filter(is_of(party), was_delivered_in(period), nw.col("registered_on") <= period.end)


def is_of(party: str) -> nw.Expr:
    """Delivered by that party."""
    return nw.col("party") == party


def first_that_holds(rules: Sequence[tuple[pl.Expr, BreakCause | None]], *, otherwise: BreakCause) -> pl.Expr:
    """The word of the first rule that holds; a rule over a missing value does not hold."""
    decided = pl.lit(otherwise.value)
    for holds, word in reversed(rules):
        then = pl.lit(None, dtype=pl.String) if word is None else pl.lit(word.value)
        decided = pl.when(holds).then(then).otherwise(decided)
    return decided


def was_delivered_in(period: Period) -> nw.Expr:
    """Delivered in a period; both ends included."""
    return nw.col("delivered_on").is_between(period.start, period.end)


def was_delivered_in_period() -> nw.Expr:
    """Delivered in the period that is asked; both ends included."""
    return nw.col("delivered_on").is_between(nw.col("period_start"), nw.col("period_end"))


def was_delivered_since(day: date) -> pl.Expr:
    """Delivered on a day or after it."""
    return pl.col("delivered_on") >= day


def came_after_the_transfer() -> pl.Expr:
    """Registered on or after the day of the transfer."""
    return pl.col("registered_on") >= pl.col("transferred_on")


def was_delivered_in_last_month() -> pl.Expr:
    """Delivered in the calendar month in which the period ends."""
    return pl.col("delivered_on").is_between(pl.col("last_month_start"), pl.col("last_month_end"))


def came_by_end_of_next_month() -> pl.Expr:
    """Registered on or before the last day of the calendar month after that of the period's end."""
    return pl.col("registered_on") <= pl.col("next_month_end")
