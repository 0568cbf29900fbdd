"""The columns of judgements about drawn links, as the warehouse gives them."""

import polars as pl

JUDGED_LINK: dict[str, pl.DataType] = {
    "as_of": pl.Date(),
    "rule": pl.Int32(),
    "dossier_number": pl.String(),
    "suspect_number": pl.Int32(),
    "case_number": pl.String(),
    "judgement": pl.String(),
}
"""What was found last about each link and each suspect that was judged, with the day as known on which it was drawn."""
