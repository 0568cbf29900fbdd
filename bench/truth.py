"""What the balance of a made world must say: it follows from how each record was made, no rule is run."""

from datetime import timedelta
from typing import Any

import polars as pl

from bench.kinds import BACK, POLICY, Span, of_its_kind


def truth_of_the_police(registers: pl.DataFrame, span: Span, *, first: int = 0) -> dict[str, Any]:
    """What must be said of the suspects delivered in the span's period, from the delivery with number ``first`` on.

    The deliveries before that one only say whether who is delivered twice was registered at the first time.
    """
    period = span.period
    registered_on, delivered_on = pl.col("registered_on"), pl.col("delivered_on")
    is_registered, is_late = registered_on.is_not_null(), registered_on > period.end
    first_is_registered = registered_on.shift(BACK).is_not_null()
    cause = (
        pl.when((pl.col("kind") == "transferred") | (is_registered & of_its_kind("cause").is_not_null()))
        .then(of_its_kind("cause"))
        .when(is_registered & ~is_late)
        .then(pl.lit("recognised"))
        .when(is_registered & (delivered_on >= period.end.replace(day=1)))
        .then(pl.lit("period_boundary"))
        .when(is_registered)
        .then(pl.lit("registered_late"))
        .when(delivered_on >= span.as_of - timedelta(days=POLICY.transit_allowance_days))
        .then(pl.lit("in_transit"))
        .when((pl.col("kind") == "delivered_twice") & first_is_registered)
        .then(pl.lit("duplicate_delivery"))
        .otherwise(pl.lit("missing"))
    )
    link_rule = pl.when(is_registered).then(of_its_kind("link_rule"))
    delivered = registers.with_columns(cause=cause, link_rule=link_rule).filter(
        pl.col("number") >= first, delivered_on.is_between(period.start, period.end), pl.col("kind") != "withdrawn"
    )
    causes = _counts(delivered["cause"])
    recognised = causes.pop("recognised", 0)
    too_early = (pl.col("cause") == "recognised") & (registered_on < period.start)
    return {
        "delivered": delivered.height,
        "recognised": recognised,
        "cases_delivered": delivered["dossier"].n_unique(),
        "causes": causes,
        "links": _counts(delivered["link_rule"]),
        "registered_earlier": delivered.filter(too_early).height,
    }


def truth_of_the_om(registered: pl.DataFrame, span: Span) -> dict[str, Any]:
    """What must be said of the registrations that the OM counts in the span's period."""
    period = span.period
    counted = registered.filter(pl.col("registered_on").is_between(period.start, period.end), pl.col("round") == 1)
    by_the_days = (
        pl.when(pl.col("delivered_on") < period.start)
        .then(pl.lit("delivered_earlier_period"))
        .when(pl.col("delivered_on") > period.end)
        .then(pl.lit("delivered_later"))
    )
    causes = counted.select(cause=pl.coalesce("om_cause", by_the_days))["cause"]
    return {"om_count": counted.height, "om_only": _counts(causes)}


def _counts(words: pl.Series) -> dict[str, int]:
    """How often each word occurs."""
    return dict(words.drop_nulls().value_counts().sort(words.name).iter_rows())


def departures(truth: dict[str, Any], balance: dict[str, Any]) -> list[str]:
    """Where a balance (its JSON) departs from the truth; a cause or rule that the truth lacks must be 0."""
    found = []
    for name, expected in truth.items():
        said = balance[name]
        pairs = {name: (expected, said)}
        if isinstance(expected, dict):
            pairs = {f"{name}.{word}": (expected.get(word, 0), said.get(word, 0)) for word in {*expected, *said}}
        found += [
            f"{what} is {right}, the balance says {wrong}" for what, (right, wrong) in pairs.items() if right != wrong
        ]
    return sorted(found)
