"""How good the links of a period are: what they rest on, what was judged, and the truth where it is known."""

import io
from dataclasses import dataclass
from datetime import date

import polars as pl
from polars.exceptions import PolarsError
from sqlalchemy import Connection, Engine

from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.reconciliation.balance import balance
from ketenbalans.reconciliation.bridge import Balance
from ketenbalans.reconciliation.linkage.links import suspects_with_links
from ketenbalans.reconciliation.linkage.quality import LinkQuality, quality_of
from ketenbalans.reconciliation.linkage.truth import TRUE_CASE, InvalidTruth, TrueQuality, true_quality
from schemas.catalogue import POLICE
from schemas.json_object import JsonObject
from schemas.numbers import normalised_case_number, normalised_dossier_number
from schemas.period import Period
from schemas.policy import Policy
from warehouse.database import snapshot
from warehouse.extracts import is_synthetic
from warehouse.link_judgements import read_link_judgements

TRUTH_COLUMNS = ("side", "period", "as_of", "dossier_number", "suspect_number", "case_number")
"""Of the file ``truth.csv`` of a scenario what is read."""


@dataclass(frozen=True, kw_only=True)
class MeasuredLinks:
    """How good links are as far as it is known.

    Attributes:
        quality: what they rest on, and what was judged.
        truth: the exact rates; None: no truth was given.
        synthetic: whether what is loaded was made up.
    """

    quality: LinkQuality
    truth: TrueQuality | None
    synthetic: bool

    def to_json(self) -> JsonObject:
        """The answer as ``linkage --json`` prints it."""
        truth = {} if self.truth is None else {"truth": self.truth.to_json()}
        return {**self.quality.to_json(), "synthetic": self.synthetic, **truth}


def measure_links(
    engine: Engine, *, period: Period, as_of: date, policy: Policy, truth: bytes | None = None
) -> MeasuredLinks:
    """Measure the links of a period as known on a day; against a truth too where one is given.

    Args:
        engine: the warehouse.
        period: what is counted.
        as_of: the day whose knowledge is used.
        policy: the numbers that a person chose.
        truth: the file ``truth.csv`` of the scenario that is loaded.

    Raises:
        InvalidTruth: it is no such file, or not of what is asked.
    """
    true_cases = None if truth is None else read_truth(truth, period=period, as_of=as_of)
    with snapshot(engine) as connection:
        made = balance(chain_on(connection, as_of, policy=policy), period)
        judgements = read_link_judgements(connection, period=period, as_of=as_of)
        synthetic = is_synthetic(connection)
    suspects = suspects_with_links(made)
    return MeasuredLinks(
        quality=quality_of(suspects, judgements, period=period, as_of=as_of),
        truth=None if true_cases is None else true_quality(suspects, true_cases),
        synthetic=synthetic,
    )


def judged_quality(connection: Connection, made: Balance) -> LinkQuality | None:
    """How good the links of a balance are; None when none was ever judged of its period as known by its day."""
    judgements = read_link_judgements(connection, period=made.period, as_of=made.as_of)
    if judgements.is_empty():
        return None
    found = quality_of(suspects_with_links(made), judgements, period=made.period, as_of=made.as_of)
    return found if found.is_judged else None


def read_truth(content: bytes, *, period: Period, as_of: date) -> pl.DataFrame:
    """The suspects of a period that the police delivered, as a truth knows them on a day (``TRUE_CASE``).

    Raises:
        InvalidTruth: it is no truth, or has nothing of that period and day; the message says which it has.
    """
    try:
        lines = pl.read_csv(io.BytesIO(content), separator=";", infer_schema=False).select(TRUTH_COLUMNS)
    except PolarsError as error:
        message = f"it is no truth of a scenario; give its truth.csv, which has the columns {', '.join(TRUTH_COLUMNS)}"
        raise InvalidTruth(message) from error
    of_police = lines.filter(pl.col("side") == POLICE)
    asked = of_police.filter(pl.col("period") == str(period), pl.col("as_of") == as_of.isoformat())
    if asked.is_empty():
        periods, days = (", ".join(of_police[name].unique().sort()) for name in ("period", "as_of"))
        message = f"it says nothing of {period} as known on {as_of}; it has the years {periods} as known on {days}"
        raise InvalidTruth(message)
    return asked.select(
        dossier_number=normalised_dossier_number(pl.col("dossier_number")),
        suspect_number=pl.col("suspect_number").cast(TRUE_CASE["suspect_number"], strict=False),
        true_case_number=normalised_case_number(pl.col("case_number")),
    )
