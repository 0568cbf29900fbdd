"""The suspects of a balance with the link of each, and what that link rests on.

Pure: no I/O, no clock, no logging.
"""

import polars as pl

from ketenbalans.reconciliation.bridge import Balance
from ketenbalans.reconciliation.state import in_memory
from schemas.coded_state import case_number, dossier_number

EQUAL_TOKENS, NUMBERS_ALONE, NEITHER = "equal_tokens", "numbers_alone", "neither"
RESTS_ON = (EQUAL_TOKENS, NUMBERS_ALONE, NEITHER)
"""What a link can rest on: both records carry the same person token; they do not, and the dossier numbers are equal;
neither, which only a person links."""

SUSPECT = ("dossier_number", "suspect_number")


def suspects_with_links(balance: Balance) -> pl.DataFrame:
    """Every suspect that the police delivered in the period, by dossier and suspect number, with their link.

    Returns:
        ``dossier_number``, ``suspect_number``, ``case_number`` and ``rule`` of the link and ``rests_on`` (null: none),
        ``suggested_case_number``, and ``cause`` (null: recognised).
    """
    registrations = balance.counted.chain.registrations.select(
        "registration_id", "registered_person", "reported_dossier"
    )
    suspects = balance.police.coded_suspects.join(
        in_memory(registrations).to_polars(), on="registration_id", how="left"
    )
    rests_on = (
        pl.when(pl.col("registration_id").is_null())
        .then(None)
        .when(pl.col("person") == pl.col("registered_person"))
        .then(pl.lit(EQUAL_TOKENS))
        .when(pl.col("dossier") == pl.col("reported_dossier"))
        .then(pl.lit(NUMBERS_ALONE))
        .otherwise(pl.lit(NEITHER))
    )
    return suspects.sort("dossier", "suspect_number").select(
        dossier_number(pl.col("dossier")).alias("dossier_number"),
        "suspect_number",
        case_number(pl.col("case")).alias("case_number"),
        pl.col("link_rule").alias("rule"),
        rests_on.alias("rests_on"),
        case_number(pl.col("suggested_case")).alias("suggested_case_number"),
        "cause",
    )


def may_be_drawn(suspects: pl.DataFrame, rule: int | None) -> pl.DataFrame:
    """Of ``suspects_with_links`` those that a rule linked; None: those without a recognised registration."""
    return suspects.filter(pl.col("cause").is_not_null() if rule is None else pl.col("rule") == rule)
