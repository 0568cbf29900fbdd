"""What is around a record that the common case left over: its person elsewhere, its dossier, what another record took.

The causes of one record ask these of others. None of it hangs on the period that is asked, so it is found once, when
the registers are linked, for every period.
"""

from typing import Any

import narwhals as nw
import polars as pl

from ketenbalans.reconciliation.decisions import DecidedPairs
from ketenbalans.reconciliation.link import Meetings, pairs_by_rules_1_to_3
from ketenbalans.reconciliation.settle import SETTLED
from ketenbalans.reconciliation.state import EngineFrame, rows_with
from schemas.catalogue import POLICE
from schemas.coded_state import RECOGNISABLE, text_as_typed, unit_code
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, Use, names
from schemas.policy import Policy

DELIVERY_OF_A_PAIR = names(DELIVERY_COLUMNS, Use.IN_PAIRS)
REGISTRATION_OF_A_PAIR = ("registration_id", *names(REGISTRATION_COLUMNS, Use.IN_PAIRS))

OF_A_DELIVERY = ("is_registered_with_another", "is_delivered_again")
OF_A_REGISTRATION = ("is_known_to_the_police", "has_a_taken_delivery", "is_of_another_deliverer")


def with_what_is_around(
    deliveries: pl.DataFrame,
    registrations: pl.DataFrame,
    settled: EngineFrame,
    all_deliveries: EngineFrame,
    *,
    policy: Policy,
) -> pl.DataFrame:
    """Add to the deliveries that are left what other records of the same person say of them (``OF_A_DELIVERY``)."""
    registered = registered_with_another(deliveries, registrations, settled, policy=policy)
    return deliveries.with_columns(
        is_registered_with_another=is_one_of("delivery_id", registered),
        is_delivered_again=is_one_of("delivery_id", delivered_again(deliveries, all_deliveries)),
    )


def with_what_another_takes(  # noqa: PLR0913 (the registers, linked, and what was decided)
    registrations: pl.DataFrame,
    deliveries: pl.DataFrame,
    settled: EngineFrame,
    all_deliveries: EngineFrame,
    *,
    policy: Policy,
    decided: DecidedPairs,
) -> pl.DataFrame:
    """Add to the registrations that are left what is known of their dossier and person (``OF_A_REGISTRATION``).

    It is asked of standing ones classified KP or KST that have no link; of the others nothing of it holds.
    """
    unlinked = registrations.filter(pl.col("round") == RECOGNISABLE, pl.col("delivery_id").is_null())
    known = known_deliveries(unlinked, all_deliveries)
    taken = taken_deliveries(unlinked, deliveries, settled, policy=policy, decided=decided)
    is_ours = pl.col("party").cast(pl.String) == POLICE
    elsewhere = pl.concat([hanging.filter(~is_ours)["registration_id"] for hanging in (known, taken)])
    foreign = of_another_deliverer(unlinked, policy)
    return registrations.with_columns(
        is_known_to_the_police=is_one_of("registration_id", known.filter(is_ours)["registration_id"]),
        has_a_taken_delivery=is_one_of("registration_id", taken.filter(is_ours)["registration_id"]),
        is_of_another_deliverer=is_one_of("registration_id", pl.concat([elsewhere, foreign])),
    )


def is_one_of(key: str, values: pl.Series) -> pl.Expr:
    """The key is among some values; a missing one is not."""
    return pl.col(key).is_in(values.unique().implode()).fill_null(value=False)


def registered_with_another(
    deliveries: pl.DataFrame, registrations: pl.DataFrame, settled: EngineFrame, *, policy: Policy
) -> pl.Series:
    """The ids of the deliveries without a link whose person has a recognisable registration linked to another delivery.

    The registration lies at most ``registered_after_delivery_days`` before or after the delivery: one registration for
    two deliveries.
    """
    unlinked = deliveries.select("delivery_id", "person", "delivered_on", "registration_id").filter(
        pl.col("registration_id").is_null(), pl.col("person").is_not_null()
    )
    plainly = found_in(settled, ("person", "registered_on"), "person", unlinked["person"])
    linked = registrations.select("round", "delivery_id", "registered_on", person="registered_person").filter(
        pl.col("round") == RECOGNISABLE, pl.col("delivery_id").is_not_null()
    )
    others = pl.concat([plainly, linked.select("person", "registered_on")])
    days = (pl.col("registered_on").to_physical() - pl.col("delivered_on").to_physical()).abs()
    near = unlinked.join(others, on="person").filter(days <= policy.registered_after_delivery_days)
    return near["delivery_id"]


def delivered_again(deliveries: pl.DataFrame, all_deliveries: EngineFrame) -> pl.Series:
    """The ids of the deliveries handed over and without a link that the unit or team which took over delivered again.

    The same person's other delivery, not withdrawn, on or after the suspect's own; ``transferred_to`` is its unit or
    its team (docs/breaks.md).
    """
    columns = ("delivery_id", "person", "delivered_on", "transferred_to", "registration_id")
    waiting = deliveries.select(columns).filter(
        pl.col("transferred_to").is_not_null(), pl.col("registration_id").is_null()
    )
    compared = ("delivery_id", "person", "unit", "team", "delivered_on", "is_withdrawn")
    again = found_in(all_deliveries, compared, "person", waiting["person"]).filter(~pl.col("is_withdrawn"))
    pairs = waiting.join(again, on="person", suffix="_again")
    taker, team = pl.col("transferred_to").cast(pl.String), pl.col("team").cast(pl.String)
    took_over = (taker == unit_code(pl.col("unit"))) | (taker == team)
    is_another = pl.col("delivery_id_again") != pl.col("delivery_id")
    is_later = pl.col("delivered_on_again") >= pl.col("delivered_on")
    return pairs.filter(took_over & is_another & is_later)["delivery_id"]


def known_deliveries(unlinked: pl.DataFrame, all_deliveries: EngineFrame) -> pl.DataFrame:
    """The registrations without a link with the parties that delivered, or withdrew, their dossier number."""
    reported = unlinked.filter("is_known_dossier").select("registration_id", dossier="reported_dossier")
    known = found_in(all_deliveries, ("party", "dossier"), "dossier", reported["dossier"])
    return reported.join(known.unique(), on="dossier").select("registration_id", "party")


def taken_deliveries(
    unlinked: pl.DataFrame, deliveries: pl.DataFrame, settled: EngineFrame, *, policy: Policy, decided: DecidedPairs
) -> pl.DataFrame:
    """The registrations without a link with the parties whose delivery, linked to another, rules 1 to 3 would take."""
    wanted = unlinked.select(REGISTRATION_OF_A_PAIR)
    without_dossier = wanted.filter(pl.col("reported_dossier").is_null())
    of_a_pair = [name for name in DELIVERY_OF_A_PAIR if name in SETTLED]
    plainly = [
        found_in(settled, ("delivery_id", *of_a_pair), key, values)
        for key, values in (("dossier", wanted["reported_dossier"]), ("person", without_dossier["registered_person"]))
    ]
    taken = pl.concat(plainly).unique("delivery_id").with_columns(is_withdrawn=pl.lit(value=False))
    left = deliveries.select(*DELIVERY_OF_A_PAIR, "registration_id").filter(pl.col("registration_id").is_not_null())
    linked = pl.concat([taken.select(DELIVERY_OF_A_PAIR), left.select(DELIVERY_OF_A_PAIR)])
    met = Meetings(linked, wanted, policy=policy, decided=decided)
    pairs = pairs_by_rules_1_to_3(met.of_one_dossier, met.of_one_person).pairs
    return pl.concat(
        [wanted.select("registration_id")[pairs.registration], linked.select("party")[pairs.delivery]],
        how="horizontal",
    )


def of_another_deliverer(unlinked: pl.DataFrame, policy: Policy) -> pl.Series:
    """The ids of the registrations whose dossier number has the prefix of a service outside the extract.

    The number as the OM typed it, cleaned as docs/counting-rules.md says (Numbers in one form).
    """
    typed = unlinked.select("registration_id", typed=text_as_typed())
    starts = [pl.col("typed").str.starts_with(prefix) for prefix in policy.other_deliverers]
    is_foreign = pl.any_horizontal(pl.lit(value=False), *starts).fill_null(value=False)
    return typed.filter(is_foreign)["registration_id"]


def found_in(frame: EngineFrame, columns: tuple[str, ...], key: str, values: pl.Series) -> pl.DataFrame:
    """Some columns of the rows of a register whose key is among a few values, in memory."""
    few: nw.Series[Any] = nw.from_native(values, series_only=True)
    return rows_with(frame.select(*columns), key, few).select(columns).to_polars()
