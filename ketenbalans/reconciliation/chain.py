"""The registers as known on one day, linked: the same for every period and every party that is asked of that day.

A registration belongs to one delivery, whoever delivered it: all parties' deliveries are linked together.
"""

from dataclasses import dataclass
from datetime import date

import narwhals as nw
import polars as pl
from narwhals.typing import IntoDataFrame, IntoFrame

from ketenbalans.reconciliation.around import with_what_another_takes, with_what_is_around
from ketenbalans.reconciliation.decisions import DecidedPairs, decided_pairs
from ketenbalans.reconciliation.link import Meetings, Partners, link
from ketenbalans.reconciliation.pairs import NOBODY, beside
from ketenbalans.reconciliation.settle import left_over, settled_pairs
from ketenbalans.reconciliation.state import (
    DELIVERY,
    REGISTRATION,
    EngineFrame,
    in_memory,
    numbered_state,
    rows_with,
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
            ``suggested_case``, or nulls, and what is around it (``around.OF_A_DELIVERY``).
        left_registrations: every other registration, in memory, with the delivery that it is linked to beside it,
            ``suggested_party``, ``suggested_dossier`` and ``suggested_suspect_number``, or nulls; ``is_known_dossier``
            says whether any delivery carries the number that it reports, and what is around it
            (``around.OF_A_REGISTRATION``).
    """

    as_of: date
    policy: Policy
    decided: DecidedPairs
    deliveries: EngineFrame
    registrations: EngineFrame
    settled: EngineFrame
    left_deliveries: pl.DataFrame
    left_registrations: pl.DataFrame


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
    left_police = left_over(police, settled, "delivery_id").select(DELIVERY).to_polars()
    left_om = left_over(om, settled, "registration_id").select(REGISTRATION).to_polars()
    met = Meetings(left_police, with_known_dossiers(left_om, police), policy=policy, decided=decided)
    links = link(met)
    suggestions = suggest(met, links)
    deliveries, registrations = with_registrations(met, links, suggestions), with_deliveries(met, links, suggestions)
    return Chain(
        as_of=as_of,
        policy=policy,
        decided=decided,
        deliveries=police,
        registrations=om,
        settled=settled,
        left_deliveries=with_what_is_around(deliveries, registrations, settled, police, policy=policy),
        left_registrations=with_what_another_takes(
            registrations, deliveries, settled, police, policy=policy, decided=decided
        ),
    )


def parties_in(chain: Chain) -> list[str]:
    """Everybody who delivered anything that is known, sorted; the police whether they did or not."""
    found = in_memory(chain.deliveries.select("party").unique())["party"].cast(nw.String).to_list()
    return sorted({POLICE, *found}, key=lambda party: (party != POLICE, party))


def with_known_dossiers(registrations: pl.DataFrame, deliveries: EngineFrame) -> pl.DataFrame:
    """Say of each registration whether a delivery, withdrawn or not, carries the dossier number that it reports."""
    reported = nw.from_native(registrations["reported_dossier"], series_only=True)
    known = rows_with(deliveries.select("dossier"), "dossier", reported)["dossier"].to_polars()
    is_known = pl.col("reported_dossier").is_in(known.unique().implode()).fill_null(value=False)
    return registrations.with_columns(is_known_dossier=is_known)


def with_registrations(met: Meetings, links: Partners, suggestions: Partners) -> pl.DataFrame:
    """Put beside each delivery the registration that it is linked to, and the case that is suggested."""
    rule = pl.Series("link_rule", links.rule, pl.Int32).set(pl.Series(links.of_delivery == NOBODY), None)
    registered = met.registrations.select("registration_id", *names(REGISTRATION_COLUMNS, Use.BESIDE_A_PARTNER))
    suggested = met.registrations.select(suggested_case="case")
    return pl.concat(
        [
            met.deliveries.with_columns(rule),
            beside(registered, links.of_delivery),
            beside(suggested, suggestions.of_delivery),
        ],
        how="horizontal",
    )


def with_deliveries(met: Meetings, links: Partners, suggestions: Partners) -> pl.DataFrame:
    """Put beside each registration the delivery that it is linked to, and the suspect that is suggested."""
    delivered = met.deliveries.select(
        "delivery_id",
        *names(DELIVERY_COLUMNS, Use.BESIDE_A_PARTNER),
        link_rule=pl.Series(links.rule).cast(pl.Int32),
    )
    suggested = met.deliveries.select(
        suggested_party="party", suggested_dossier="dossier", suggested_suspect_number="suspect_number"
    )
    return pl.concat(
        [
            met.registrations,
            beside(delivered, links.of_registration),
            beside(suggested, suggestions.of_registration),
        ],
        how="horizontal",
    )
