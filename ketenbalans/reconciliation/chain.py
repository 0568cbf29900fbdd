"""The registers as known on one day, linked: the same for every period and every party that is asked of that day.

A registration belongs to one delivery, whoever delivered it: all parties' deliveries are linked together.
"""

from dataclasses import dataclass
from datetime import date

import narwhals as nw
from narwhals.typing import IntoDataFrame, IntoFrame

from ketenbalans.reconciliation.decisions import DecidedPairs, decided_pairs
from ketenbalans.reconciliation.link import link
from ketenbalans.reconciliation.settle import left_over, settled_pairs
from ketenbalans.reconciliation.state import (
    DELIVERY,
    REGISTRATION,
    EngineFrame,
    Frame,
    in_memory,
    numbered_state,
    rows_with,
    with_flag,
)
from ketenbalans.reconciliation.suggest import suggest
from schemas.catalogue import POLICE
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, Use, names
from schemas.policy import Policy


@dataclass(frozen=True)
class Chain:
    """Both registers as known on one day, linked.

    Attributes:
        as_of: the day on which the two states were known.
        policy: the numbers that a person chose.
        decided: what persons said about pairs by then.
        deliveries: every delivery known (``state.DELIVERY``), on the engine that holds the state.
        registrations: every registration known (``state.REGISTRATION``), likewise.
        settled: the common case, likewise: pairs by rule 1 (``settle.SETTLED``).
        left_deliveries: every other delivery, in memory, with the registration that it is linked to beside it and
            ``suggested_case``, or nulls.
        left_registrations: every other registration, in memory, with the delivery that it is linked to beside it,
            ``suggested_party``, ``suggested_dossier`` and ``suggested_suspect_number``, or nulls; ``is_known_dossier``
            says whether any delivery carries the number that it reports.
    """

    as_of: date
    policy: Policy
    decided: DecidedPairs
    deliveries: EngineFrame
    registrations: EngineFrame
    settled: EngineFrame
    left_deliveries: Frame
    left_registrations: Frame


def chain_of(
    deliveries: IntoFrame,
    registrations: IntoFrame,
    *,
    as_of: date,
    policy: Policy,
    decisions: IntoDataFrame | None = None,
) -> Chain:
    """Link the two registers as known on one day.

    Args:
        deliveries: one row per delivered suspect as known on ``as_of``, of all periods and withdrawn ones too: as the
            warehouse reads them, or coded (``schemas.coded_state``), in memory or on an engine.
        registrations: one row per registration as known on ``as_of``, lapsed and joined ones too; likewise.
        as_of: the day on which the two states were known.
        policy: the numbers that a person chose. They have no default (ADR 0004).
        decisions: what persons said about pairs (``decisions.decided_pairs``); later ones than ``as_of`` are not seen.
    """
    police, om = numbered_state(deliveries, registrations)
    decided = decided_pairs(decisions, [(police, om)], as_of=as_of)
    return linked(police, om, as_of=as_of, policy=policy, decided=decided)


def linked(police: EngineFrame, om: EngineFrame, *, as_of: date, policy: Policy, decided: DecidedPairs) -> Chain:
    """Link two numbered states (``state.numbered_state``)."""
    settled = decided.without_decided(settled_pairs(police, om), police, om)
    left_police = left_over(police, settled, "delivery_id").select(DELIVERY)
    left_om = with_known_dossiers(left_over(om, settled, "registration_id").select(REGISTRATION), police)
    links = link(left_police, left_om, policy=policy, decided=decided)
    suggestions = suggest(left_police, left_om, links, policy=policy, decided=decided)
    return Chain(
        as_of=as_of,
        policy=policy,
        decided=decided,
        deliveries=police,
        registrations=om,
        settled=settled,
        left_deliveries=with_registrations(left_police, left_om, links, suggestions),
        left_registrations=with_deliveries(left_om, left_police, links, suggestions),
    )


def parties_in(chain: Chain) -> list[str]:
    """Everybody who delivered anything that is known, sorted; the police whether they did or not."""
    found = in_memory(chain.deliveries.select("party").unique())["party"].cast(nw.String).to_list()
    return sorted({POLICE, *found}, key=lambda party: (party != POLICE, party))


def with_known_dossiers(registrations: Frame, deliveries: EngineFrame) -> Frame:
    """Say of each registration whether a delivery, withdrawn or not, carries the dossier number that it reports."""
    known = rows_with(deliveries.select("dossier"), "dossier", registrations["reported_dossier"])["dossier"]
    return with_flag(registrations, "is_known_dossier", "reported_dossier", known)


def with_registrations(deliveries: Frame, registrations: Frame, links: Frame, suggestions: Frame) -> Frame:
    """Put beside each delivery the registration that it is linked to, and the case that is suggested."""
    suggested = suggestions.join(
        registrations.select("registration_id", suggested_case=nw.col("case")), on="registration_id", how="inner"
    ).select("delivery_id", "suggested_case")
    registered = registrations.select("registration_id", *names(REGISTRATION_COLUMNS, Use.BESIDE_A_PARTNER))
    return (
        deliveries.join(links.select("delivery_id", "registration_id", "link_rule"), on="delivery_id", how="left")
        .join(registered, on="registration_id", how="left")
        .join(suggested, on="delivery_id", how="left")
    )


def with_deliveries(registrations: Frame, deliveries: Frame, links: Frame, suggestions: Frame) -> Frame:
    """Put beside each registration the delivery that it is linked to, and the suspect that is suggested."""
    suggested = suggestions.join(
        deliveries.select(
            "delivery_id",
            suggested_party=nw.col("party"),
            suggested_dossier=nw.col("dossier"),
            suggested_suspect_number=nw.col("suspect_number"),
        ),
        on="delivery_id",
        how="inner",
    ).drop("delivery_id")
    delivered = deliveries.select("delivery_id", *names(DELIVERY_COLUMNS, Use.BESIDE_A_PARTNER))
    return (
        registrations.join(
            links.select("delivery_id", "registration_id", "link_rule"), on="registration_id", how="left"
        )
        .join(delivered, on="delivery_id", how="left")
        .join(suggested, on="registration_id", how="left")
    )
