"""Decide why a delivered suspect is not recognised, and why a registration has no recognised delivery.

One row per delivered suspect, one per registration, as known on the as-of date; suspects of one delivering party at a
time, registrations as the police's balance sees them (ADR 0017). The causes and their order are the
counting rules of docs/counting-rules.md; the letters name three of them (kst-31015-112,
note 2). Pure: no I/O, no clock, no logging.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias, TypeVar

import narwhals as nw
import polars as pl

from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.link import DELIVERY_OF_A_PAIR, REGISTRATION_OF_A_PAIR, pairs_by_rules_1_to_3
from ketenbalans.reconciliation.settle import SETTLED
from ketenbalans.reconciliation.state import (
    EngineFrame,
    Frame,
    days_between,
    days_since,
    in_memory,
    is_filled,
    rows_with,
    with_flag,
)
from schemas.catalogue import POLICE
from schemas.causes import BreakCause, Cause, OmOnlyCause
from schemas.coded_state import NO_LONGER_STANDING, RECOGNISABLE, text_as_typed, unit_code
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, Use, names
from schemas.period import Period, first_day_of_month, last_day_of_month, last_day_of_next_month
from schemas.policy import Policy

TRANSFER = ("transferred_to", "transferred_on")
SUSPECT = (
    "delivery_id",
    *names(DELIVERY_COLUMNS, Use.IN_CAUSES),
    "registration_id",
    *names(REGISTRATION_COLUMNS, Use.BESIDE_A_PARTNER),
    "link_rule",
    "suggested_case",
)
"""A delivered suspect with what it is linked to, or nulls."""

COUNTED = (
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

FLAGS = ("is_known_to_the_police", "has_a_taken_delivery", "is_of_another_deliverer")

TO_BE_EXPLAINED = tuple(
    dict.fromkeys(
        [
            *(name for name in COUNTED if name != "cause"),
            *names(REGISTRATION_COLUMNS, Use.IN_CAUSES),
            *names(DELIVERY_COLUMNS, Use.BESIDE_A_PARTNER),
            "suggested_party",
            *FLAGS,
        ]
    )
)
"""The same with what the rules read besides."""

Some = TypeVar("Some", bound=BreakCause)
Rules: TypeAlias = list[tuple[nw.Expr, Some | None]]
"""When each cause holds; the first that does decides. None: it is no break."""


def explain_deliveries(chain: Chain, period: Period, *, party: str) -> Frame:
    """Give every suspect delivered by a party in the period, not plainly recognised, exactly one cause or none.

    Plainly recognised is a settled pair that was registered by the end of the period (``settled_and_recognised``).

    Returns:
        The party's other deliveries of the period that are not withdrawn (``SUSPECT``), with ``cause``: a ``Cause``, or
        null when the suspect is recognised after all.
    """
    came_late = nw.col("registered_on") > period.end
    left = chain.left_deliveries.filter(is_of(party), was_delivered_in(period), ~nw.col("is_withdrawn")).select(SUSPECT)
    settled_late = settled_suspects(chain, chain.settled.filter(is_of(party), was_delivered_in(period), came_late))
    delivered = nw.concat([left, settled_late])
    others = suspects_registered_with_another(delivered, chain)
    delivered = with_flag(delivered, "is_registered_with_another", "delivery_id", others)
    rules = delivery_rules(period, as_of=chain.as_of, policy=chain.policy)
    return delivered.with_columns(cause=first_that_holds(rules, otherwise=Cause.MISSING))


def delivery_rules(period: Period, *, as_of: date, policy: Policy) -> Rules[Cause]:
    """Each cause with when it holds, in the declared order; the last one, ``MISSING``, is what is left.

    What stays wrong for good comes before what only came late. The first rule is of what is no break.
    """
    came_late = nw.col("registered_on") > period.end
    is_linked = is_filled("registration_id")
    stands_recognisable = is_linked & (nw.col("round") == RECOGNISABLE)
    has_ended = is_linked & (nw.col("round") == NO_LONGER_STANDING)
    return [
        (stands_recognisable & ~came_late, None),
        (has_ended & nw.col("is_joined"), Cause.JOINED),
        (has_ended, Cause.LAPSED),
        (is_linked & ~stands_recognisable, Cause.OTHER_CLASSIFICATION),
        (is_filled("transferred_to") & (~is_linked | (came_late & came_after_the_transfer())), Cause.TRANSFERRED),
        (was_delivered_in_last_month(period) & came_late & came_by_end_of_next_month(period), Cause.PERIOD_BOUNDARY),
        (came_late, Cause.REGISTERED_LATE),
        (is_filled("suggested_case"), Cause.SUGGESTED),
        (days_since("delivered_on", as_of) <= policy.transit_allowance_days, Cause.IN_TRANSIT),
        (nw.col("is_registered_with_another"), Cause.DUPLICATE_DELIVERY),
    ]


def explain_registrations(chain: Chain, period: Period) -> Frame:
    """Give every registration of the OM's own figure exactly one cause, or none when the police delivered it then.

    Settled pairs whose delivery is the police's and of the period too are left out: both registers count them in the
    same period. What hangs on the delivery of another party has another deliverer, whatever else could be said of it.

    Returns:
        The other standing registrations of the period classified KP or KST (``COUNTED``), with ``cause``: an
        ``OmOnlyCause`` or null.
    """
    left = chain.left_registrations.filter(was_registered_in(period), nw.col("round") == RECOGNISABLE)
    unlinked = left.filter(~is_filled("delivery_id"))
    ours, others = of_the_police_and_of_others(known_deliveries(unlinked, chain))
    taken, taken_elsewhere = of_the_police_and_of_others(taken_deliveries(unlinked, chain))
    foreign = registrations_of_another_deliverer(unlinked, chain.policy)
    counted = with_flag(left, "is_known_to_the_police", "registration_id", ours)
    counted = with_flag(counted, "has_a_taken_delivery", "registration_id", taken)
    elsewhere = nw.concat([others.to_frame(), taken_elsewhere.to_frame(), foreign.to_frame()])["registration_id"]
    counted = with_flag(counted, "is_of_another_deliverer", "registration_id", elsewhere).select(TO_BE_EXPLAINED)
    not_then = ~(is_of(POLICE) & was_delivered_in(period))
    settled = in_memory(chain.settled.filter(was_registered_in(period), not_then)).with_columns(
        *(nw.lit(value=False).alias(name) for name in ("is_withdrawn", *FLAGS)), link_rule=nw.lit(1)
    )
    counted = nw.concat([counted, with_nothing_else(settled, like=counted).select(TO_BE_EXPLAINED)])
    cause = first_that_holds(registration_rules(period), otherwise=OmOnlyCause.NO_POLICE_DELIVERY)
    return counted.with_columns(cause=cause).select(COUNTED)


def registration_rules(period: Period) -> Rules[OmOnlyCause]:
    """Each cause with when it holds, in the declared order; the last one, ``NO_POLICE_DELIVERY``, is what is left.

    What hangs on the delivery of another party has that deliverer, whatever else could be said of it. The first rule is
    of what is no break.
    """
    hangs_elsewhere = (~is_of(POLICE)).fill_null(value=False)
    stands = is_of(POLICE) & ~nw.col("is_withdrawn")
    is_suggested_to_the_police = nw.col("suggested_party").cast(nw.String) == POLICE
    is_of_another = nw.col("is_of_another_deliverer") | is_filled("suggested_party")
    return [
        (stands & was_delivered_in(period), None),
        (stands & (nw.col("delivered_on") < period.start), OmOnlyCause.DELIVERED_EARLIER_PERIOD),
        (stands & (nw.col("delivered_on") > period.end), OmOnlyCause.DELIVERED_LATER),
        (~hangs_elsewhere & is_suggested_to_the_police, OmOnlyCause.SUGGESTED),
        (~hangs_elsewhere & nw.col("is_withdrawn"), OmOnlyCause.DELIVERY_WITHDRAWN),
        (nw.col("has_a_taken_delivery"), OmOnlyCause.DUPLICATE_REGISTRATION),
        (nw.col("is_known_to_the_police"), OmOnlyCause.SUSPECT_NOT_DELIVERED),
        (hangs_elsewhere | is_of_another, OmOnlyCause.OTHER_DELIVERER),
    ]


def settled_suspects(chain: Chain, settled: EngineFrame) -> Frame:
    """Settled pairs as suspects to explain (``SUSPECT``): with the transfer of those that were handed over."""
    pairs = in_memory(settled).with_columns(
        link_rule=nw.lit(1),
        round=nw.lit(RECOGNISABLE, nw.Int8),
        is_joined=nw.lit(value=False),
        suggested_case=nw.lit(None, nw.Int64),
    )
    transfers = in_memory(chain.deliveries.select("delivery_id", *TRANSFER).filter(is_filled("transferred_to")))
    return pairs.join(transfers, on="delivery_id", how="left").select(SUSPECT)


def with_nothing_else(frame: Frame, *, like: Frame) -> Frame:
    """Add the columns of another frame that this one lacks, with nothing in them."""
    lacking = {name: kind for name, kind in like.schema.items() if name not in frame.columns}
    return frame.with_columns(nw.lit(None, kind).alias(name) for name, kind in lacking.items())


def settled_and_recognised(chain: Chain, period: Period, *, party: str) -> EngineFrame:
    """A party's settled pairs that are recognised without more ado: delivered in the period, registered by its end."""
    return chain.settled.filter(is_of(party), was_delivered_in(period), nw.col("registered_on") <= period.end)


def is_of(party: str) -> nw.Expr:
    """Delivered by that party."""
    return nw.col("party").cast(nw.String) == party


def first_that_holds(rules: Sequence[tuple[nw.Expr, BreakCause | None]], *, otherwise: BreakCause) -> nw.Expr:
    """The word of the first rule that holds; a rule over a missing value does not hold."""
    decided = nw.lit(otherwise.value)
    for holds, word in reversed(rules):
        then = nw.lit(None, dtype=nw.String) if word is None else nw.lit(word.value)
        decided = nw.when(holds).then(then).otherwise(decided)
    return decided


def was_delivered_in(period: Period) -> nw.Expr:
    """Delivered in the period; both ends included."""
    return nw.col("delivered_on").is_between(period.start, period.end)


def was_registered_in(period: Period) -> nw.Expr:
    """Registered in the period; both ends included."""
    return nw.col("registered_on").is_between(period.start, period.end)


def came_after_the_transfer() -> nw.Expr:
    """Registered on or after the day of the transfer."""
    return nw.col("registered_on") >= nw.col("transferred_on")


def was_delivered_in_last_month(period: Period) -> nw.Expr:
    """Delivered in the calendar month in which the period ends."""
    return nw.col("delivered_on").is_between(first_day_of_month(period.end), last_day_of_month(period.end))


def came_by_end_of_next_month(period: Period) -> nw.Expr:
    """Registered on or before the last day of the calendar month after that of the period's end."""
    return nw.col("registered_on") <= last_day_of_next_month(period.end)


def suspects_registered_with_another(delivered: Frame, chain: Chain) -> nw.Series[Any]:
    """The ids of the deliveries without a link whose person has a recognisable registration linked to another delivery.

    The registration lies at most ``registered_after_delivery_days`` before or after the delivery: one registration for
    two deliveries.
    """
    unlinked = delivered.filter(~is_filled("registration_id")).select("delivery_id", "person", "delivered_on")
    persons = unlinked["person"].drop_nulls().unique()
    settled = rows_with(chain.settled.select("person", "registered_on"), "person", persons)
    linked = chain.left_registrations.filter(nw.col("round") == RECOGNISABLE, is_filled("delivery_id"))
    others = nw.concat([settled, linked.select(nw.col("registered_person").alias("person"), "registered_on")])
    pairs = unlinked.join(others, on="person", how="inner")
    days_apart = days_between(nw.col("delivered_on"), nw.col("registered_on")).abs()
    return pairs.filter(days_apart <= chain.policy.registered_after_delivery_days)["delivery_id"].unique()


def of_the_police_and_of_others(hanging: Frame) -> tuple[nw.Series[Any], nw.Series[Any]]:
    """The ids of the registrations that hang on a delivery of the police, and of those that hang on another's."""
    of_police, of_others = (hanging.filter(which)["registration_id"] for which in (is_of(POLICE), ~is_of(POLICE)))
    return of_police.unique(), of_others.unique()


def known_deliveries(unlinked: Frame, chain: Chain) -> Frame:
    """The registrations without a link with the parties that delivered, or withdrew, their dossier number."""
    reported = unlinked.filter(nw.col("is_known_dossier")).select("registration_id", dossier="reported_dossier")
    known = rows_with(chain.deliveries.select("party", "dossier"), "dossier", reported["dossier"])
    return reported.join(known.unique(), on="dossier", how="inner").select("registration_id", "party")


def taken_deliveries(unlinked: Frame, chain: Chain) -> Frame:
    """The registrations without a link with the parties whose delivery, linked to another, rules 1 to 3 would take."""
    unlinked = unlinked.select(REGISTRATION_OF_A_PAIR)
    of_a_pair = [name for name in DELIVERY_OF_A_PAIR if name in SETTLED]
    without_dossier = unlinked.filter(~is_filled("reported_dossier"))
    wanted = {
        "dossier": unlinked["reported_dossier"].drop_nulls().unique(),
        "person": without_dossier["registered_person"].drop_nulls().unique(),
    }
    settled = nw.concat(
        [rows_with(chain.settled.select(of_a_pair), key, values.alias(key)) for key, values in wanted.items()]
    ).unique("delivery_id")
    left = chain.left_deliveries.filter(is_filled("registration_id"))
    taken = [settled.with_columns(is_withdrawn=nw.lit(value=False)), left]
    linked = nw.concat([deliveries.select(DELIVERY_OF_A_PAIR) for deliveries in taken])
    pairs = pairs_by_rules_1_to_3(linked, unlinked, policy=chain.policy, decided=chain.decided)
    return pairs.select("registration_id", "party")


def registrations_of_another_deliverer(unlinked: Frame, policy: Policy) -> nw.Series[Any]:
    """The ids of the registrations whose dossier number has the prefix of a service outside the extract.

    The number as the OM typed it, cleaned as docs/counting-rules.md says (Numbers in one form).
    """
    numbers = nw.from_native(unlinked.to_polars().select("registration_id", typed=text_as_typed()), eager_only=True)
    starts = [nw.col("typed").str.starts_with(prefix) for prefix in policy.other_deliverers]
    is_foreign = nw.any_horizontal(nw.lit(value=False), *starts, ignore_nulls=True)
    return numbers.filter(is_filled("typed") & is_foreign)["registration_id"]


def delivered_again(explained: Frame, deliveries: EngineFrame) -> nw.Series[Any]:
    """The ids of the transferred suspects without a link whom the unit or team that took over delivered again.

    The same person's other delivery, not withdrawn, on or after the suspect's own; ``transferred_to`` is its unit or
    its team (docs/breaks.md).
    """
    waiting = explained.filter((nw.col("cause") == Cause.TRANSFERRED.value) & ~is_filled("registration_id"))
    waiting = waiting.select("delivery_id", "person", "delivered_on", "transferred_to")
    again = rows_with(
        deliveries.filter(~nw.col("is_withdrawn")), "person", waiting["person"].drop_nulls().unique()
    ).select("person", "unit", "team", other_id=nw.col("delivery_id"), again_on=nw.col("delivered_on"))
    pairs = waiting.join(again, on="person", how="inner").to_polars()
    taker, team = pl.col("transferred_to").cast(pl.String), pl.col("team").cast(pl.String)
    took_over = (taker == unit_code(pl.col("unit"))) | (taker == team)
    is_another = (pl.col("other_id") != pl.col("delivery_id")) & (pl.col("again_on") >= pl.col("delivered_on"))
    return nw.from_native(pairs.filter(took_over & is_another)["delivery_id"].unique(), series_only=True)
