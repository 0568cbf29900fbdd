"""Gather what a report says, as ``reports.report.Report`` holds it: only counts leave this module."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import polars as pl
from sqlalchemy import Connection

from ketenbalans.jobs.balancing.balances import described
from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.jobs.balancing.restate import restate, revisions
from ketenbalans.jobs.breaks.of_balance import breaks_of_stored
from ketenbalans.jobs.figures.published import published_shares
from ketenbalans.jobs.linkage.measuring import judged_quality
from ketenbalans.jobs.nowcast.expecting import may_come
from ketenbalans.jobs.reporting.publication import ReportTerms, publication_of
from ketenbalans.jobs.signoff.reading import signatures_in_force
from ketenbalans.reconciliation.balance import Balance, balance
from ketenbalans.reports.report import Report, age_class
from ketenbalans.reports.report_parts import ComparedFigure, CountedBreaks, CountedMove, SinceLastReport, SourceCounts
from ketenbalans.reports.words import percent
from schemas.alert_policy import AlertPolicy
from schemas.answer import ShownBalance
from schemas.answer_restated import SuspectMove
from schemas.breaks import BreakState, Side
from schemas.catalogue import sources
from schemas.causes import Cause
from schemas.period import Period, month_ends
from schemas.policy import Policy
from schemas.revisions import Movement, RevisionReason
from warehouse.balances import StoredBalance, positions
from warehouse.dead_letters import waiting_dead_letters
from warehouse.extracts import loaded_extracts
from warehouse.quality_results import verdict_of
from warehouse.releases import releases_of
from warehouse.reports import last_report

MONTHS_BACK = 12
SUSPECT = ["dossier_number", "suspect_number"]
RECOGNISED = "recognised"
STANDINGS: tuple[str | None, ...] = (None, RECOGNISED, *Cause)
"""What a suspect can be on a day: not delivered in the period, recognised, or not recognised for a cause."""


def read_report(
    connection: Connection, stored: StoredBalance, *, policy: Policy, alert_policy: AlertPolicy, terms: ReportTerms
) -> Report:
    """Gather a report of a balance that is stored, all of it from one moment.

    Args:
        connection: of a snapshot that holds just what the balance was made from.
        stored: the balance, made under the standing policy.
        policy: that policy.
        alert_policy: how many may be missing.
        terms: what reports are made under beside it.
    """
    period, as_of = stored.period, stored.as_of
    life = breaks_of_stored(connection, stored, policy=policy)
    shown = described(connection, stored, policy=policy, alert_policy=alert_policy, breaks=lambda: life.rows)
    moved = revisions(connection, periods=(), days=_days_until(as_of), policy=policy, on_progress=lambda _: None)
    made = balance(chain_on(connection, as_of, policy=policy), period)
    return Report(
        balance=replace(shown, made_at=None),
        breaks=_counted(life.rows, made),
        since=_since(connection, period=period, as_of=as_of, policy=policy),
        revisions=moved,
        sources=_sources(connection),
        published=_published(shown),
        publication=publication_of(connection, shown, period=period, as_of=as_of, terms=terms),
        link_quality=judged_quality(connection, made),
        signoffs=signatures_in_force(connection, period=period, until=as_of) or None,
        release=_released(connection, period=period, as_of=as_of),
        may_come=may_come(connection, shown, policy=policy, horizon_days=terms.nowcast_horizon_days),
    )


def _released(connection: Connection, *, period: Period, as_of: date) -> str | None:
    """The newest release of the period as known on the day that is no draft."""
    made = [one.release for one in releases_of(connection, period=period)]
    return next((one.release_id for one in reversed(made) if one.as_of == as_of and not one.draft), None)


def _since(connection: Connection, *, period: Period, as_of: date, policy: Policy) -> SinceLastReport | None:
    last = last_report(connection, period=period, before=as_of)
    if last is None:
        return None
    found = restate(connection, period=period, days=(last.as_of, as_of), policy=policy)
    return SinceLastReport(restated=replace(found, moves=()), moves=counted_moves(found.moves))


def counted_moves(moves: Iterable[SuspectMove]) -> tuple[CountedMove, ...]:
    """How many suspects moved in the same way for the same reason: the moves of ``restate`` without their records.

    In the order of the movements, the reasons and the causes.
    """
    counted = Counter(
        (
            move.movement,
            move.reason,
            _standing(move.recognised_before, move.cause_before),
            _standing(move.recognised_after, move.cause_after),
        )
        for move in moves
    )
    orders: tuple[Sequence[str | None], ...] = (list(Movement), list(RevisionReason), STANDINGS, STANDINGS)
    in_order = sorted(
        counted, key=lambda way: tuple(order.index(part) for order, part in zip(orders, way, strict=True))
    )
    return tuple(
        CountedMove(movement=movement, reason=reason, before=before, after=after, suspects=counted[way])
        for way in in_order
        for movement, reason, before, after in [way]
    )


def _standing(is_recognised: bool, cause: str | None) -> str | None:  # noqa: FBT001 (one of two columns)
    return RECOGNISED if is_recognised else cause


def _days_until(as_of: date) -> list[date]:
    """The ends of the last twelve months before a day, and the day."""
    ends = [day for day in month_ends(date(as_of.year - 1, 1, 1), as_of) if day < as_of]
    return [*ends[-MONTHS_BACK:], as_of]


def _counted(life: pl.DataFrame, made: Balance) -> list[CountedBreaks]:
    """How many breaks have the same side, cause, state, unit and class of age."""
    stands = life.filter(pl.col("state") != BreakState.RESOLVED.value)
    suspects = pl.concat(
        one.not_recognised.select(*SUSPECT, side=pl.lit(one.party), on=pl.col("delivered_on")) for one in made.delivered
    )
    delivered = stands.filter(pl.col("side") != Side.OM.value).join(suspects, on=["side", *SUSPECT], how="inner")
    om = stands.filter(pl.col("side") == Side.OM.value).join(
        made.om_only.select("case_number", on="registered_on"), on="case_number", how="inner"
    )
    columns = ("side", "cause", "state", "unit", "on")
    aged = pl.concat([delivered.select(columns), om.select(columns)]).with_columns(
        age=(pl.lit(made.as_of) - pl.col("on")).dt.total_days().map_elements(age_class, return_dtype=pl.Int64)
    )
    keys = ["side", "cause", "state", "unit", "age"]
    counted = aged.group_by(keys).agg(breaks=pl.len().cast(pl.Int64)).sort(keys, nulls_last=True)
    return [CountedBreaks(**row) for row in counted.iter_rows(named=True)]


def _sources(connection: Connection) -> list[SourceCounts]:
    """Per source that hands over extracts: how far it is loaded, and what was checked."""
    extracts = loaded_extracts(connection)
    letters = {name: messages for name, messages, _ in waiting_dead_letters(connection)}
    reached = positions(connection)
    found = []
    for name, source in sources().items():
        if source.command is None:
            continue
        ours = {extract.extract_id: extract for extract in extracts if extract.source == name}.values()
        found.append(
            SourceCounts(
                source=name,
                covers_until=max((one.covers_until for one in ours), default=None),
                extracts=len(ours),
                rows=sum(one.rows for one in ours),
                rejected=sum(one.rejected for one in ours),
                dead_letters=letters.get(name, 0),
                quality=verdict_of(connection, source, reached.get(name, {})),
            )
        )
    return found


def _published(shown: ShownBalance) -> list[ComparedFigure]:
    """Counts that were published beside ours, then shares of the cases; none of a share where there is no case."""
    counts = [
        ComparedFigure(
            figure=key,
            published=str(figure.value),
            here=str(shown.figure(key)),
            document=figure.document,
            as_of=figure.as_of,
            is_share=False,
        )
        for key, figure in shown.published.items()
    ]
    if not shown.cases_delivered:
        return counts
    assert shown.qualifications is not None, "a report is made of a balance that was made now"
    shares = [
        ComparedFigure(
            figure=quality,
            published=str(figure.value),
            here=str(percent(shown.qualifications[quality], shown.cases_delivered)),
            document=figure.document,
            as_of=figure.as_of,
            is_share=True,
        )
        for quality, figure in published_shares(shown.period, shown.as_of).items()
    ]
    return [*counts, *shares]
