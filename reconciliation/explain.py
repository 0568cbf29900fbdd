"""Decide why a delivered suspect is not recognised, and why a registration has no recognised delivery.

One row per delivered suspect, one per registration, as known on the as-of date. The causes and their order are the
counting rules of section 4.3 of the design and docs/counting-rules.md; the letters name three of them (kst-31015-112,
note 2). Pure: no I/O, no clock, no logging.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from reconciliation.link import DELIVERY_OF_A_PAIR, REGISTRATION_OF_A_PAIR, pairs_by_rules_1_to_3
from reconciliation.state import Frame, days_between, days_since
from schemas.patterns import NOT_IN_A_DOSSIER_NUMBER
from schemas.period import Period, first_day_of_month, last_day_of_month, last_day_of_next_month
from schemas.policy import Policy
from schemas.vocabulary import Cause, OmMutation, OmOnlyCause, Vocabulary


def explain_deliveries(linked: Frame, registrations: Frame, *, period: Period, as_of: date, policy: Policy) -> Frame:
    """Give every delivered suspect of the period exactly one cause, or none when it is recognised.

    Args:
        linked: every delivery known with the registration that it is linked to beside it; ``registered_on`` is null
            when there is no link, which is not the same as "not registered".
        registrations: every registration known, with the ``delivery_id`` that it is linked to or null.
        period: the deliveries that are counted, by ``delivered_on``; both ends included.
        as_of: the day whose knowledge is used.
        policy: the transit allowance in days and the window in days. Policies, so they have no default (ADR 0004).

    Returns:
        The deliveries of the period that are not withdrawn, with ``cause``: a ``Cause`` or null.
    """
    delivered = linked.filter(~nw.col("is_withdrawn") & nw.col("delivered_on").is_between(period.start, period.end))
    registered_with_another = suspects_registered_with_another(delivered, registrations, policy=policy)
    is_linked = ~nw.col("registered_on").is_null()
    came_late = nw.col("registered_on") > period.end
    rules = [  # the first rule that holds decides: what stays wrong for good comes before what only came late
        (nw.col("is_recognisable") & ~came_late, None),
        (nw.col("registration_mutation") == OmMutation.JOINED.value, Cause.JOINED),
        (nw.col("registration_mutation") == OmMutation.LAPSED.value, Cause.LAPSED),
        (is_linked & ~nw.col("is_recognisable"), Cause.OTHER_CLASSIFICATION),
        (was_transferred() & (~is_linked | (came_late & came_after_the_transfer())), Cause.TRANSFERRED),
        (was_delivered_in_last_month(period) & came_late & came_by_end_of_next_month(period), Cause.PERIOD_BOUNDARY),
        (came_late, Cause.REGISTERED_LATE),
        (days_since("delivered_on", as_of) <= policy.transit_allowance_days, Cause.IN_TRANSIT),
        (nw.col("delivery_id").is_in(registered_with_another), Cause.DUPLICATE_DELIVERY),
    ]
    return delivered.with_columns(cause=first_that_holds(rules, otherwise=Cause.MISSING))


def explain_registrations(linked: Frame, deliveries: Frame, *, period: Period, policy: Policy) -> Frame:
    """Give every registration of the OM's own figure exactly one cause, or none when its delivery is of the period.

    Args:
        linked: every registration known with the delivery that it is linked to beside it; ``delivered_on`` is null when
            there is none.
        deliveries: every delivery known, with the ``registration_id`` that it is linked to or null.
        period: the registrations that are counted, by ``registered_on``; both ends included.
        policy: the window in days and the other deliverers. Policies, so they have no default (ADR 0004).

    Returns:
        The standing registrations of the period classified KP or KST, with ``cause``: an ``OmOnlyCause`` or null.
    """
    counted = linked.filter(nw.col("is_recognisable") & nw.col("registered_on").is_between(period.start, period.end))
    is_linked = ~nw.col("delivered_on").is_null()
    stands = is_linked & ~nw.col("is_withdrawn")
    rules = [
        (stands & nw.col("delivered_on").is_between(period.start, period.end), None),
        (stands & (nw.col("delivered_on") < period.start), OmOnlyCause.DELIVERED_EARLIER_PERIOD),
        (stands & (nw.col("delivered_on") > period.end), OmOnlyCause.DELIVERED_LATER),
        (nw.col("is_withdrawn"), OmOnlyCause.DELIVERY_WITHDRAWN),
        (
            nw.col("registration_id").is_in(registrations_of_a_taken_delivery(counted, deliveries, policy=policy)),
            OmOnlyCause.DUPLICATE_REGISTRATION,
        ),
        (nw.col("reported_dossier_number").is_in(deliveries["dossier_number"]), OmOnlyCause.SUSPECT_NOT_DELIVERED),
        (comes_from_another_deliverer(policy), OmOnlyCause.OTHER_DELIVERER),
    ]
    return counted.with_columns(cause=first_that_holds(rules, otherwise=OmOnlyCause.NO_POLICE_DELIVERY))


def first_that_holds(rules: Sequence[tuple[nw.Expr, Vocabulary | None]], *, otherwise: Vocabulary) -> nw.Expr:
    """The word of the first rule that holds; a rule over a missing value does not hold."""
    decided = nw.lit(otherwise.value)
    for holds, word in reversed(rules):
        then = nw.lit(None, dtype=nw.String) if word is None else nw.lit(word.value)
        decided = nw.when(holds).then(then).otherwise(decided)
    return decided


def was_transferred() -> nw.Expr:
    """The newest row of the delivery names who took the file over."""
    return ~nw.col("transferred_to").is_null()


def came_after_the_transfer() -> nw.Expr:
    """Registered on or after the day of the transfer."""
    return nw.col("registered_on") >= nw.col("transferred_on")


def was_delivered_in_last_month(period: Period) -> nw.Expr:
    """Delivered in the calendar month in which the period ends."""
    return nw.col("delivered_on").is_between(first_day_of_month(period.end), last_day_of_month(period.end))


def came_by_end_of_next_month(period: Period) -> nw.Expr:
    """Registered on or before the last day of the calendar month after that of the period's end."""
    return nw.col("registered_on") <= last_day_of_next_month(period.end)


def suspects_registered_with_another(delivered: Frame, registrations: Frame, *, policy: Policy) -> nw.Series[Any]:
    """The ids of the deliveries without a link whose person has a recognisable registration linked to another delivery.

    The registration lies at most ``registered_after_delivery_days`` before or after the delivery: one registration for
    two deliveries.
    """
    taken = registrations.filter(nw.col("is_recognisable") & ~nw.col("delivery_id").is_null())
    pairs = delivered.filter(nw.col("registered_on").is_null()).select("delivery_id", "person_token", "delivered_on")
    pairs = pairs.join(
        taken.select(person_token=nw.col("registered_token"), other_registered_on=nw.col("registered_on")),
        on="person_token",
        how="inner",
    )
    days_apart = days_between(nw.col("delivered_on"), nw.col("other_registered_on")).abs()
    return pairs.filter(days_apart <= policy.registered_after_delivery_days)["delivery_id"].unique()


def registrations_of_a_taken_delivery(counted: Frame, deliveries: Frame, *, policy: Policy) -> nw.Series[Any]:
    """The ids of the registrations without a link of which rule 1, 2 or 3 would hold with a delivery that has one."""
    taken = deliveries.filter(~nw.col("registration_id").is_null()).select(DELIVERY_OF_A_PAIR)
    unlinked = counted.filter(nw.col("delivered_on").is_null())
    unlinked = unlinked.select(REGISTRATION_OF_A_PAIR)
    return pairs_by_rules_1_to_3(taken, unlinked, policy=policy)["registration_id"].unique()


def comes_from_another_deliverer(policy: Policy) -> nw.Expr:
    """The dossier number, as typed and cleaned as in section 2, has the prefix of a service outside the extract."""
    typed = nw.col("dossier_number_as_reported").str.to_uppercase().str.replace_all(NOT_IN_A_DOSSIER_NUMBER, "")
    return nw.any_horizontal(
        nw.lit(value=False), *(typed.str.starts_with(prefix) for prefix in policy.other_deliverers), ignore_nulls=True
    )
