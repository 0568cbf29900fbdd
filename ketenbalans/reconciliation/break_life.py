"""Read a break's life from its observations and from what persons decided: where it stands on any day, and its history.

Both are events with a day; on one day what a balance found comes before what a person said of it. Nothing is ever
overwritten, so the life as of a day never changes when later events are added.
"""

from datetime import date

import polars as pl

from schemas.break_frames import FOUND
from schemas.breaks import BreakState, BreakStep

LIFE = (
    "break_id",
    *(name for name in FOUND if name not in ("state", "due_on")),
    "state",
    "opened_on",
    "due_on",
    "resolved_on",
    "resolved_by",
    "age_days",
    "owner",
    "note",
    "acknowledged_by",
)

STARTS = (BreakStep.OPENED.value, BreakStep.REOPENED.value)


def break_life(
    kept: pl.DataFrame, decisions: pl.DataFrame, *, as_of: date, balanced_on: date | None = None
) -> pl.DataFrame:
    """Give every break known on a day as it stands then.

    Args:
        kept: the observations (``schemas.break_frames.KEPT``).
        decisions: ``BREAK_DECISION``.
        as_of: later observations and decisions are not seen.
        balanced_on: the day of the last balance, where decisions after it are seen too; None: ``as_of``.

    Returns:
        One row per break (``LIFE``), by ``break_id``. ``state`` is acknowledged when a person took the break while it
        was open and it has been open since. ``opened_on`` is the day of the balance that found it, after a reopening
        that of the newest; ``age_days`` runs from there to ``resolved_on``, else to ``balanced_on``, or to the day of
        the last decision that did something to this break where that is later: what a person does to one break makes
        no other one older. A reopened break has no owner yet.
    """
    observed = kept.filter(pl.col("as_of") <= as_of)
    decided = decisions.filter(pl.col("decided_on") <= as_of)
    history = break_history(observed, decided)
    stands = history.unique("break_id", keep="last", maintain_order=True)
    acted = history.filter(pl.col("by").is_not_null()).group_by("break_id").agg(acted_on=pl.col("on").max())
    newest = observed.sort("break_id", "as_of", "observation_number").unique(
        "break_id", keep="last", maintain_order=True
    )
    found = newest.select("break_id", *(name for name in FOUND if name != "state"), "resolved_by", resolved_on="as_of")
    lives = found.join(
        stands.select("break_id", "state", "opened_on", "owner", "note", "acknowledged_by"), on="break_id", how="inner"
    ).join(acted, on="break_id", how="left")
    is_resolved = pl.col("state") == BreakState.RESOLVED.value
    now = pl.max_horizontal(pl.lit(balanced_on or as_of), "acted_on")
    return (
        lives.with_columns(resolved_on=pl.when(is_resolved).then("resolved_on"))
        .with_columns(age_days=(pl.coalesce("resolved_on", now) - pl.col("opened_on")).dt.total_days())
        .select(LIFE)
        .sort("break_id")
    )


def break_history(kept: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Give the steps of each break in order, each with how the break stands after it.

    Args:
        kept: the observations (``schemas.break_frames.KEPT``).
        decisions: ``BREAK_DECISION``; one about a break that nobody had found by then does nothing, nor does an
            acknowledgement of a break that is not open, or a new owner of one that is resolved.

    Returns:
        ``break_id``, ``on`` (the day), ``step``, ``cause`` (of an observation), ``state`` after it, ``opened_on``,
        ``owner``, ``note`` and ``acknowledged_by`` after it, ``by`` (null: by itself), ``event_id`` (the event that
        resolved it, or the decision); by break, day and order.
    """
    steps = _in_order(kept, decisions)
    natural = pl.col("natural").forward_fill().over("break_id")
    steps = steps.with_columns(natural=natural).filter(pl.col("natural").is_not_null())
    step, is_open = pl.col("step"), pl.col("natural") == BreakState.OPEN.value
    takes_effect = pl.col("by").is_null() | (
        pl.when(step == BreakStep.ACKNOWLEDGED.value)
        .then(is_open)
        .otherwise(pl.col("natural") != BreakState.RESOLVED.value)
    )
    starts = step.is_in(STARTS)
    lets_go = starts | (step == BreakStep.RELEASED.value)
    takes = step == BreakStep.ACKNOWLEDGED.value
    ends = lets_go | (pl.col("by").is_null() & ~is_open)
    nobody = pl.struct(owner=pl.lit(None, pl.String), note=pl.lit(None, pl.String))
    steps = steps.filter(takes_effect).with_columns(
        opened_on=pl.when(starts).then("on"),
        held=pl.when(lets_go).then(nobody).when(takes).then(pl.struct("owner", "note")),
        given_to=pl.when(lets_go)
        .then(nobody)
        .when(pl.col("by").is_not_null())
        .then(pl.struct("owner", note=pl.lit(None, pl.String))),
        taken=pl.when(ends).then(pl.struct(by=pl.lit(None, pl.String))).when(takes).then(pl.struct("by")),
    )
    latest = ("opened_on", "held", "given_to", "taken")
    steps = steps.with_columns(pl.col(latest).forward_fill().over("break_id")).with_columns(
        owner=pl.col("given_to").struct.field("owner"),
        note=pl.col("held").struct.field("note"),
        acknowledged_by=pl.col("taken").struct.field("by"),
    )
    is_acknowledged = (pl.col("natural") == BreakState.OPEN.value) & pl.col("acknowledged_by").is_not_null()
    return steps.select(
        "break_id",
        "on",
        "step",
        "cause",
        pl.when(is_acknowledged).then(pl.lit(BreakState.ACKNOWLEDGED.value)).otherwise("natural").alias("state"),
        "opened_on",
        "owner",
        "note",
        "acknowledged_by",
        "by",
        "event_id",
    )


def _in_order(kept: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Observations and decisions as one list of steps; ``natural`` is the state that an observation found."""
    found = kept.select(
        "break_id",
        "step",
        "cause",
        on="as_of",
        is_decision=pl.lit(value=False),
        number="observation_number",
        natural="state",
        event_id="resolved_by",
    )
    decided = decisions.select(
        "break_id",
        "owner",
        "note",
        on="decided_on",
        is_decision=pl.lit(value=True),
        number="decision_number",
        step="verdict",
        by="decided_by",
        event_id="decision_id",
    )
    nothing = {name: pl.lit(None, pl.String) for name in ("owner", "note", "by", "cause", "natural")}
    both = [
        side.with_columns(**{name: null for name, null in nothing.items() if name not in side.columns})
        for side in (found, decided)
    ]
    order = ("break_id", "on", "is_decision", "number")
    return pl.concat([side.select(sorted(both[0].columns)) for side in both]).sort(*order)
