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
    "accepted_by",
    "accepted_until",
)

HELD = LIFE[LIFE.index("owner") :]
"""What persons hold of a break: null where nobody does."""

STARTS = (BreakStep.OPENED.value, BreakStep.REOPENED.value)

ORDER = ("break_id", "on", "place", "number")
"""The order of steps: on one day what a balance found comes before what a person said of it."""


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
        was open and it has been open since; accepted when a person let it stand while it was open, it has been open
        with that cause since, and the last day of it has not passed on the day to which ``age_days`` runs.
        ``opened_on`` is the day of the balance that found it, after a reopening that of the newest; ``age_days`` runs
        from there to ``resolved_on``, else to ``balanced_on``, or to the day of the last decision that did something to
        this break where that is later: what a person does to one break makes no other one older. A reopened break has
        no owner yet.
    """
    observed = kept.filter(pl.col("as_of") <= as_of)
    decided = decisions.filter(pl.col("decided_on") <= as_of)
    history = break_history(observed, decided, balanced_on=balanced_on or as_of)
    stands = history.unique("break_id", keep="last", maintain_order=True)
    acted = history.filter(pl.col("by").is_not_null()).group_by("break_id").agg(acted_on=pl.col("on").max())
    newest = observed.sort("break_id", "as_of", "observation_number").unique(
        "break_id", keep="last", maintain_order=True
    )
    found = newest.select("break_id", *(name for name in FOUND if name != "state"), "resolved_by", resolved_on="as_of")
    lives = found.join(stands.select("break_id", "state", "opened_on", *HELD), on="break_id", how="inner").join(
        acted, on="break_id", how="left"
    )
    is_resolved = pl.col("state") == BreakState.RESOLVED.value
    now = pl.max_horizontal(pl.lit(balanced_on or as_of), "acted_on")
    return (
        lives.with_columns(resolved_on=pl.when(is_resolved).then("resolved_on"))
        .with_columns(age_days=(pl.coalesce("resolved_on", now) - pl.col("opened_on")).dt.total_days())
        .select(LIFE)
        .sort("break_id")
    )


def break_history(kept: pl.DataFrame, decisions: pl.DataFrame, *, balanced_on: date) -> pl.DataFrame:
    """Give the steps of each break in order, each with how the break stands after it.

    Args:
        kept: the observations (``schemas.break_frames.KEPT``).
        decisions: ``BREAK_DECISION``; one about a break that nobody had found by then does nothing, nor does an
            acknowledgement of a break that is not open, an acceptance of one that is not open with the cause that was
            accepted, or a new owner of one that is resolved.
        balanced_on: the day of the last balance. An acceptance that has a last day is over on the day after it, once a
            balance, or a decision about this very break, is of that day or a later one.

    Returns:
        ``break_id``, ``on`` (the day), ``step``, ``cause`` (of an observation), ``state`` after it, ``opened_on``, what
        is held after it (``HELD``), ``by`` (null: by itself), ``identity`` (how it is known who that was), ``event_id``
        (the event that resolved it, or the decision); by break, day and order.
    """
    steps = _with_expiries(_in_effect(_in_order(kept, decisions)), balanced_on)
    step, is_open = pl.col("step"), pl.col("natural") == BreakState.OPEN.value
    starts = step.is_in(STARTS)
    takes, accepts = step == BreakStep.ACKNOWLEDGED.value, step == BreakStep.ACCEPTED.value
    lets_go = starts | (step == BreakStep.RELEASED.value)
    ends = lets_go | accepts | (pl.col("by").is_null() & ~is_open)
    gives = pl.col("by").is_not_null() & ~accepts
    steps = steps.with_columns(
        opened_on=pl.when(starts).then("on"),
        held=pl.when(lets_go | accepts).then(_nothing("note")).when(takes).then(pl.struct("note")),
        given_to=pl.when(lets_go).then(_nothing("owner")).when(gives).then(pl.struct("owner")),
        taken=pl.when(ends).then(_nothing("by")).when(takes).then(pl.struct("by")),
        accepted=pl.when(accepts)
        .then(pl.struct("by", "note", until="accepted_until"))
        .when(_ends_an_acceptance())
        .then(pl.struct(by=pl.lit(None, pl.String), note=pl.lit(None, pl.String), until=pl.lit(None, pl.Date))),
    )
    latest = ("opened_on", "held", "given_to", "taken", "accepted")
    steps = steps.with_columns(pl.col(latest).forward_fill().over("break_id")).with_columns(
        owner=pl.col("given_to").struct.field("owner"),
        note=pl.coalesce(pl.col("accepted").struct.field("note"), pl.col("held").struct.field("note")),
        acknowledged_by=pl.col("taken").struct.field("by"),
        accepted_by=pl.col("accepted").struct.field("by"),
        accepted_until=pl.col("accepted").struct.field("until"),
    )
    state = (
        pl.when(is_open & pl.col("accepted_by").is_not_null())
        .then(pl.lit(BreakState.ACCEPTED.value))
        .when(is_open & pl.col("acknowledged_by").is_not_null())
        .then(pl.lit(BreakState.ACKNOWLEDGED.value))
        .otherwise("natural")
        .alias("state")
    )
    return steps.select("break_id", "on", "step", "cause", state, "opened_on", *HELD, "by", "identity", "event_id")


def _nothing(name: str) -> pl.Expr:
    """Nothing from here on, which is not the same as nothing new."""
    return pl.struct(pl.lit(None, pl.String).alias(name))


def _ends_an_acceptance() -> pl.Expr:
    """Whether a step ends an acceptance, where there is one."""
    step, cause = pl.col("step"), pl.col("cause_then")
    by_step = step.is_in([*STARTS, BreakStep.EXPIRED.value, BreakStep.RELEASED.value, BreakStep.ACKNOWLEDGED.value])
    is_other = cause.ne_missing(cause.shift(1).over("break_id"))
    by_a_balance = pl.col("by").is_null() & (is_other | (pl.col("natural") != BreakState.OPEN.value))
    return by_step | by_a_balance


def _in_effect(steps: pl.DataFrame) -> pl.DataFrame:
    """The steps that do something, with the state and the cause that the newest balance found (``cause_then``)."""
    natural = pl.col("natural").forward_fill().over("break_id")
    cause_then = pl.col("cause").forward_fill().over("break_id")
    step, is_open = pl.col("step"), pl.col("natural") == BreakState.OPEN.value
    return (
        steps.with_columns(natural=natural, cause_then=cause_then)
        .filter(pl.col("natural").is_not_null())
        .filter(
            pl.when(pl.col("by").is_null())
            .then(statement=True)
            .when(step == BreakStep.ACKNOWLEDGED.value)
            .then(is_open)
            .when(step == BreakStep.ACCEPTED.value)
            .then(is_open & (pl.col("accepted_cause") == pl.col("cause_then")))
            .otherwise(pl.col("natural") != BreakState.RESOLVED.value)
        )
    )


def _with_expiries(steps: pl.DataFrame, balanced_on: date) -> pl.DataFrame:
    """Add the step by which an acceptance is over, the day after its last one, unless something else ended it before.

    On that day it comes first: a balance and a person of the day find the break open.
    """
    accepts = pl.col("step") == BreakStep.ACCEPTED.value
    ended_on = pl.when(accepts | _ends_an_acceptance()).then("on").shift(-1).backward_fill().over("break_id")
    now = pl.max_horizontal(pl.lit(balanced_on), pl.col("on").max().over("break_id"))
    expired = (
        steps.with_columns(ended_on=ended_on, now=now, on=pl.col("accepted_until") + pl.duration(days=1))
        .filter(accepts, pl.col("on") <= pl.min_horizontal("now", "ended_on"))
        .with_columns(
            *(pl.lit(None, pl.String).alias(name) for name in ("owner", "note", "by", "identity", "cause", "event_id")),
            step=pl.lit(BreakStep.EXPIRED.value),
            place=pl.lit(0),
        )
    )
    return pl.concat([steps, expired.select(steps.columns)]).sort(ORDER)


def _in_order(kept: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Observations and decisions as one list of steps; ``natural`` is the state that an observation found."""
    found = kept.select(
        "break_id",
        "step",
        "cause",
        on="as_of",
        place=pl.lit(1),
        number="observation_number",
        natural="state",
        event_id="resolved_by",
    )
    decided = decisions.select(
        "break_id",
        "owner",
        "note",
        "accepted_cause",
        "accepted_until",
        "identity",
        on="decided_on",
        place=pl.lit(2),
        number="decision_number",
        step="verdict",
        by="decided_by",
        event_id="decision_id",
    )
    return pl.concat([found, decided], how="diagonal").sort(ORDER)
