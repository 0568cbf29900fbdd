"""What a nowcast knows of every delivered suspect, of registers that were linked as known on a day."""

import narwhals as nw
import polars as pl
from sqlalchemy import Connection

from ketenbalans.columns.registers import registers_of
from ketenbalans.nowcast.known import KnownSuspects
from ketenbalans.nowcast.life import DELIVERY_ROW, REGISTRATION_ROW, days_of_suspects
from ketenbalans.reconciliation.chain import Chain
from schemas.catalogue import POLICE
from schemas.coded_state import case_key, dossier_key
from schemas.sources import om_registrations, police_deliveries
from warehouse.decisions import read_pair_decisions

CONFIRMS = 5
"""The rule by which a person's decision links (docs/counting-rules.md, Linking)."""


def known_suspects(connection: Connection, chain: Chain) -> KnownSuspects:
    """What is known of every suspect that the police ever delivered, with the links of that day.

    Args:
        connection: of the snapshot in which the chain was linked.
        chain: the linked registers.
    """
    registers, day = registers_of(connection), chain.as_of
    found = days_of_suspects(
        _linked(chain),
        registers.rows_known(police_deliveries.SOURCE, DELIVERY_ROW, as_of=day),
        registers.rows_known(om_registrations.SOURCE, REGISTRATION_ROW, as_of=day),
        read_pair_decisions(connection, as_of=day)
        .filter(pl.col("verdict") == "confirmed")
        .select(
            dossier_key(pl.col("dossier_number")).alias("dossier"),
            "suspect_number",
            case_key(pl.col("case_number")).alias("case"),
            "decided_on",
        ),
    )
    return KnownSuspects.of_frame(found, as_of=day)


def _linked(chain: Chain) -> pl.DataFrame:
    """Every delivery of the police with the registration that it is linked to, or nulls."""
    columns = ["delivery_id", "dossier", "suspect_number", "unit", "delivered_on"]
    ours: pl.DataFrame = nw.to_native(chain.deliveries.filter(nw.col("party") == POLICE).select(columns))
    pairs = ["delivery_id", "registration_id"]
    settled: pl.DataFrame = nw.to_native(chain.settled.select(pairs))
    left = chain.left_deliveries.filter(pl.col("registration_id").is_not_null())
    links = pl.concat(
        [
            settled.with_columns(is_confirmed=pl.lit(value=False)),
            left.select(*pairs, is_confirmed=pl.col("link_rule").eq_missing(CONFIRMS)),
        ],
        how="vertical_relaxed",
    )
    registered: pl.DataFrame = nw.to_native(chain.registrations.select("registration_id", "case", "registered_on"))
    return ours.join(links.join(registered, on="registration_id"), on="delivery_id", how="left")
