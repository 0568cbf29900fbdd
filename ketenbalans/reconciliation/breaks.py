"""Find the breaks of a balance, and keep what changed since the last one as observations.

A break is a delivered suspect that is not recognised, or a registration that only the OM counts; one per year, side and
record. The cause says why, the state whether somebody must act (docs/breaks.md). What a balance found is
written down only when it differs from what was found before, and never changed: a break's life is read from these
observations and from what persons decided (``reconciliation.break_life``). Pure: no I/O, no clock, no logging.
"""

from collections.abc import Iterable
from datetime import date

import polars as pl

from ketenbalans.reconciliation.bridge import Balance
from ketenbalans.reconciliation.suggest import SUGGESTION_RULE
from schemas.break_frames import FOUND, OBSERVATION
from schemas.breaks import BreakState, BreakStep, Side
from schemas.catalogue import delivering_sources
from schemas.causes import BreakCause, Cause, OmOnlyCause
from schemas.policy import Policy

SHOWS_A_CHANGE = ("case_number", "cause", "state", "due_on")


def found_breaks(balance: Balance, *, policy: Policy) -> pl.DataFrame:
    """Give every break of a balance with the state that follows from its cause and the day.

    Args:
        balance: of any period.
        policy: the transit allowance, after which what waits is open. A policy, so it has no default (ADR 0004).

    Returns:
        One row per break (``FOUND``): those of the police, then of any other delivering party, by dossier and suspect
        number, then the OM's by case number.
        ``state`` is waiting, open or explained; ``due_on`` is the last day of waiting, null where nothing is waited
        for; ``unit`` is null on the OM side.
    """
    is_waited_for = pl.col("case_number").is_null() & ~pl.col("is_delivered_again")
    suspects = [one.not_recognised.with_columns(side=pl.lit(one.party)) for one in balance.delivered]
    delivered = pl.concat(suspects).with_columns(
        due_on=pl.when(is_waited_for).then(_due_on(Cause, policy)),
        link_rule=pl.coalesce(
            "link_rule", pl.when(pl.col("suggested_case_number").is_not_null()).then(SUGGESTION_RULE)
        ),
        case_number=pl.coalesce("case_number", "suggested_case_number"),
    )
    om = balance.om_only.with_columns(
        side=pl.lit(Side.OM.value),
        unit=pl.lit(None, pl.String),
        link_rule=pl.when(_is_one_of(OmOnlyCause.SUGGESTED)).then(SUGGESTION_RULE).otherwise("link_rule"),
        due_on=_due_on(OmOnlyCause, policy),
    )
    sides = (
        side.with_columns(state=_state(causes, balance.as_of))
        for side, causes in ((delivered, Cause), (om, OmOnlyCause))
    )
    columns = [pl.col(name).cast(kind) for name, kind in FOUND.items()]
    return pl.concat([side.select(columns) for side in sides])


def _due_on(causes: type[BreakCause], policy: Policy) -> pl.Expr:
    """The last day of waiting, by the day from which each cause waits; null where it waits for no day."""
    allowance = pl.duration(days=policy.transit_allowance_days)
    due_on = pl.lit(None, pl.Date)
    for cause in causes:
        if cause.record.waits_from is not None:
            due_on = pl.when(_is_one_of(cause)).then(pl.col(cause.record.waits_from) + allowance).otherwise(due_on)
    return due_on


def _state(causes: type[BreakCause], as_of: date) -> pl.Expr:
    """The state that follows from the cause and the day."""
    is_due = pl.col("due_on") < as_of
    return (
        pl.when(_is_one_of(*causes.of_state(BreakState.OPEN)) | is_due)
        .then(pl.lit(BreakState.OPEN.value))
        .when(pl.col("due_on").is_not_null())
        .then(pl.lit(BreakState.WAITING.value))
        .otherwise(pl.lit(BreakState.EXPLAINED.value))
    )


def _is_one_of(*causes: BreakCause) -> pl.Expr:
    return pl.col("cause").is_in([cause.value for cause in causes])


def with_break_ids(found: pl.DataFrame, *, year: int) -> pl.DataFrame:
    """Add ``break_id``: the same for life, one per year, side and record.

    ``2014-police-PL0900-2014000123-1`` (dossier and suspect number) and ``2014-om-0900012314`` (case number): readable,
    and safe in a shell and in a file name.
    """
    suspect = pl.format("{}-{}", "dossier_number", "suspect_number")
    record = pl.when(pl.col("side") == Side.OM.value).then("case_number").otherwise(suspect)
    return found.with_columns(break_id=pl.format("{}-{}-{}", pl.lit(year), "side", record))


def observations(kept: pl.DataFrame, found: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Give what has to be written down after a balance: a row per break that is not as it was kept.

    Args:
        kept: the newest observation of each break of the year (``OBSERVATION``); may be empty.
        found: the breaks of the year's balance (``found_breaks`` with ``with_break_ids``).
        as_of: the day of the balance; not before any day that was kept.

    Returns:
        Observations, by ``break_id``; none when everything is as it was. What is resolved keeps its cause and due day;
        ``resolved_by`` is null (``resolving_events`` fills it).
    """
    both = found.join(
        kept.select("break_id", *(pl.col(name).name.prefix("kept_") for name in ("step", *FOUND))),
        on="break_id",
        how="full",
        coalesce=True,
    )
    was_kept, is_found = pl.col("kept_step").is_not_null(), pl.col("cause").is_not_null()
    was_resolved = was_kept & (pl.col("kept_state") == BreakState.RESOLVED.value)
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"kept_{name}")) for name in SHOWS_A_CHANGE)
    step = (
        pl.when(is_found & ~was_kept)
        .then(pl.lit(BreakStep.OPENED.value))
        .when(is_found & was_resolved)
        .then(pl.lit(BreakStep.REOPENED.value))
        .when(is_found & differs)
        .then(pl.lit(BreakStep.CHANGED.value))
        .when(~is_found & ~was_resolved)
        .then(pl.lit(BreakStep.RESOLVED.value))
    )
    is_gone = pl.col("step") == BreakStep.RESOLVED.value
    after = [pl.when(is_gone).then(f"kept_{name}").otherwise(name).alias(name) for name in FOUND if name != "state"]
    return (
        both.with_columns(step=step)
        .filter(pl.col("step").is_not_null())
        .with_columns(
            *after,
            as_of=pl.lit(as_of),
            state=pl.when(is_gone).then(pl.lit(BreakState.RESOLVED.value)).otherwise("state"),
            resolved_by=pl.lit(None, pl.String),
        )
        .select(pl.col(name).cast(kind) for name, kind in OBSERVATION.items())
        .sort("break_id")
    )


def resolving_events(resolved: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Name the event that resolved each break: ``break_id``, ``resolved_by``.

    Args:
        resolved: observations of resolved breaks, with ``new_case_number``: the registration that the suspect is linked
            with now, or null.
        events: what was not known when the year's breaks were last kept: ``source``, ``event_id``, ``recorded_at``,
            ``dossier_number``, ``suspect_number``, ``case_number``; decisions about pairs too.

    Returns:
        A row per break that such an event is about: the newest about its own delivery, its case before or its case
        now; else the newest about its dossier. A break without one is left out: the day, the policy or the code moved.
    """
    by_record = [["dossier_number", "suspect_number"], ["case_number"]]
    ways: Iterable[tuple[int, pl.DataFrame, list[str]]] = (
        (0, resolved, by_record[0]),
        (0, resolved, by_record[1]),
        (0, resolved.with_columns(case_number="new_case_number"), by_record[1]),
        (1, resolved, ["dossier_number"]),
    )
    parties = {source.name: party for party, source in delivering_sources().items()}
    party = pl.col("source").replace_strict(parties, default=None, return_dtype=pl.String)
    # a delivery resolves a break of its own party, or of the OM: two parties may have delivered under one number
    is_of_the_side = pl.col("party").is_null() | (pl.col("side") == Side.OM.value) | (pl.col("party") == pl.col("side"))
    parts = [
        breaks.select("break_id", "side", *keys)
        .join(events.select("event_id", "recorded_at", *keys, party=party), on=keys)
        .filter(is_of_the_side)
        .select("break_id", "event_id", "recorded_at", distance=pl.lit(distance))
        for distance, breaks, keys in ways
    ]
    return (
        pl.concat(parts)
        .sort("break_id", "distance", pl.col("recorded_at"), "event_id", descending=[False, False, True, True])
        .unique("break_id", keep="first", maintain_order=True)
        .select("break_id", resolved_by="event_id")
    )
