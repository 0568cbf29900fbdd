"""Why a suspect moved: the first reason that holds (docs/restatement.md), from what is new about its records.

What a record was and is, linking knows already, but for the word of its classification: that is asked of the events of
the few cases whose reason hangs on it (``cases_in_question``). Pure: no I/O, no clock, no logging.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.moves import SUSPECT
from ketenbalans.reconciliation.relink import Relinking, in_polars
from ketenbalans.reconciliation.state import rows_with
from schemas.catalogue import POLICE
from schemas.coded_state import NO_LONGER_STANDING, case_number
from schemas.period import Period
from schemas.revisions import Movement, RevisionReason

OF_A_DELIVERY = ("person", "delivered_on", "is_withdrawn")
OF_A_REGISTRATION = ("person", "round", "is_joined")
"""What of a record is compared between two days."""

BY_A_PERSON = 5
"""The rule by which a decision links."""


@dataclass(frozen=True)
class News:
    """What was recorded between two days.

    Attributes:
        before: the linked registers as known on the earlier day.
        after: those of the later day.
        deliveries: every delivery of which something was recorded between the days, as known on the later one, coded.
        registrations: the same of the registrations.
        old_deliveries: of these deliveries those that were known on the earlier day, as they were; more is harmless.
        old_registrations: the same of the registrations.
    """

    before: Chain
    after: Chain
    deliveries: pl.DataFrame
    registrations: pl.DataFrame
    old_deliveries: pl.DataFrame
    old_registrations: pl.DataFrame


def news_of(step: Relinking) -> News:
    """What was recorded between the days of a relinking, whose changes are just that."""
    return News(
        step.before,
        step.after,
        step.changed_deliveries.to_polars(),
        step.changed_registrations.to_polars(),
        step.old_deliveries.to_polars(),
        step.old_registrations.to_polars(),
    )


def news_between(before: Chain, after: Chain, deliveries: pl.DataFrame, registrations: pl.DataFrame) -> News:
    """What was recorded between the days of two chains, however they were linked; coded state of just that."""
    old = [
        rows.join(new.select(key), on=key, how="semi")
        for rows, new, key in (
            (in_polars(before, "deliveries"), deliveries, SUSPECT),
            (in_polars(before, "registrations"), registrations, ("case",)),
        )
    ]
    return News(before, after, deliveries, registrations, *old)


def with_news(moves: pl.DataFrame, news: News, periods: Sequence[Period]) -> pl.DataFrame:
    """Put beside each move what is new about its records since the earlier day.

    Args:
        moves: ``moves.moved``.
        news: what was recorded between the two days.
        periods: those of the moves.

    Returns:
        The moves with the ``case`` that they are about, and for either record (``delivery_``, ``registration_``)
        ``has_news``, ``was_known`` and what it was and is (``_before``, ``_after``), null without news; and
        ``is_merged_into_another``: its newest row names the person of another standing suspect of its dossier, of the
        same period.
    """
    moves = moves.with_columns(case=pl.coalesce("case_after", "case_before"))
    deliveries = [
        frame.filter(pl.col("party") == POLICE).select(*SUSPECT, *OF_A_DELIVERY)
        for frame in (news.old_deliveries, news.deliveries)
    ]
    registrations = [
        frame.rename({"registered_person": "person"}).select("case", *OF_A_REGISTRATION)
        for frame in (news.old_registrations, news.registrations)
    ]
    moves = _beside(moves, *deliveries, key=SUSPECT, of="delivery")
    moves = _beside(moves, *registrations, key=("case",), of="registration")
    return moves.with_columns(_merged_into_another(moves, news, periods))


def _beside(moves: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame, *, key: Sequence[str], of: str) -> pl.DataFrame:
    """Put beside each move what one of its records was and is, where something is new about it."""
    before, after = (
        rows.select(*key, pl.exclude(key).name.map(f"{of}_{{}}_{side}".format), pl.lit(value=True).alias(side))
        for rows, side in ((old, "before"), (new, "after"))
    )
    found = moves.join(after.join(before, on=key, how="left"), on=key, how="left", maintain_order="left")
    return found.with_columns(
        pl.col("after").fill_null(value=False).alias(f"{of}_has_news"),
        pl.col("before").fill_null(value=False).alias(f"{of}_was_known"),
    ).drop("before", "after")


def _merged_into_another(moves: pl.DataFrame, news: News, periods: Sequence[Period]) -> pl.Series:
    name = "is_merged_into_another"
    concerned = moves.with_row_index("move").filter(_is(Movement.LEFT) & _changed("delivery", "person"))
    if concerned.is_empty():
        return pl.repeat(value=False, n=moves.height, dtype=pl.Boolean, eager=True).alias(name)
    ends = pl.DataFrame(
        {"period": range(len(periods)), "start": [one.start for one in periods], "end": [one.end for one in periods]},
        schema_overrides={"period": concerned.schema["period"]},
    )
    is_of_it = pl.col("delivered_on").is_between(pl.col("start"), pl.col("end"))
    of_one_dossier = concerned.select("move", "period", "dossier", own="suspect_number", person="delivery_person_after")
    was, stands = (
        of_one_dossier.join(_standing(chain, concerned["dossier"]), on="dossier")
        .filter(pl.col("suspect_number") != pl.col("own"))
        .join(ends, on="period")
        for chain in (news.before, news.after)
    )
    others = stands.filter(pl.col("person") == pl.col("person_right"))
    were = was.filter(is_of_it).select("move", "suspect_number", was=pl.lit(value=True))
    found = others.join(were, on=["move", "suspect_number"], how="left").filter(is_of_it | pl.col("was"))
    return pl.Series(name, range(moves.height)).is_in(found["move"].unique().implode())


def _standing(chain: Chain, dossiers: pl.Series) -> pl.DataFrame:
    """The police's suspects of some dossiers that are not withdrawn."""
    columns = ("dossier", "suspect_number", "party", "person", "delivered_on", "is_withdrawn")
    few: nw.Series[Any] = nw.from_native(dossiers, series_only=True)
    rows: pl.DataFrame = rows_with(chain.deliveries.select(*columns), "dossier", few).to_polars()
    return rows.filter(pl.col("party") == POLICE, ~pl.col("is_withdrawn")).drop("party", "is_withdrawn")


def cases_in_question(moves: pl.DataFrame) -> list[str]:
    """The cases whose classification before and after decides the reason of a move, of those ``with_news``."""
    asked = moves.filter(
        _is(Movement.CHANGED)
        & pl.col("registration_has_news")
        & pl.col("registration_was_known")
        & (pl.col("registration_round_after") != NO_LONGER_STANDING)
    )
    return asked.select(case_number(pl.col("case")).unique()).to_series().to_list()


def with_reasons(moves: pl.DataFrame, reclassified: Sequence[str]) -> pl.DataFrame:
    """Give every move ``with_news`` exactly one ``reason``; the cases in question that are reclassified are given."""
    is_reclassified = case_number(pl.col("case")).is_in(list(reclassified)).fill_null(value=False)
    decided = pl.lit(RevisionReason.OTHER_RECORDS.value)
    for holds, reason in reversed(_reasons(is_reclassified)):
        decided = pl.when(holds).then(pl.lit(reason.value)).otherwise(decided)
    return moves.with_columns(reason=decided)


def _reasons(is_reclassified: pl.Expr) -> list[tuple[pl.Expr, RevisionReason]]:
    """Each reason with when it holds, in the order in which they are tried."""
    came, left, changed = map(_is, Movement)
    has_news, is_joined = pl.col("registration_has_news"), pl.col("registration_is_joined_after")
    has_ended = has_news & (pl.col("registration_round_after") == NO_LONGER_STANDING)
    was_withdrawn, is_withdrawn = (pl.col(f"delivery_is_withdrawn_{side}") for side in ("before", "after"))
    same_case = (pl.col("case_before") == pl.col("case_after")).fill_null(value=False)
    is_relinked = pl.col("case_before") != pl.col("case_after")
    is_by_a_person = pl.col("link_rule_before").eq_missing(BY_A_PERSON) | pl.col("link_rule_after").eq_missing(
        BY_A_PERSON
    )
    persons_changed = _changed("delivery", "person") | _changed("registration", "person")
    is_new = pl.col("delivery_has_news") & ~pl.col("delivery_was_known")
    return [
        (came & is_new, RevisionReason.RECORDED_LATE),
        (came & was_withdrawn, RevisionReason.REINSTATED),
        (left & pl.col("is_merged_into_another"), RevisionReason.SKN_MERGED),
        (left & is_withdrawn, RevisionReason.WITHDRAWN),
        ((came | left) & _changed("delivery", "delivered_on"), RevisionReason.CORRECTED_DATE),
        (changed & is_by_a_person & ~same_case, RevisionReason.DECIDED),
        (changed & persons_changed & ~same_case, RevisionReason.SKN_MERGED),
        (changed & is_relinked, RevisionReason.RE_LINKED),
        (changed & has_news & ~pl.col("registration_was_known"), RevisionReason.REGISTRATION_RECORDED_LATE),
        (changed & has_ended & ~is_joined, RevisionReason.LAPSED),
        (changed & has_ended, RevisionReason.JOINED),
        (changed & has_news & is_reclassified, RevisionReason.RECLASSIFIED),
        (changed & has_news, RevisionReason.REGISTRATION_CORRECTED),
        (changed & pl.col("delivery_has_news"), RevisionReason.DELIVERY_CORRECTED),
        (changed & pl.col("case_before").eq_missing(pl.col("case_after")), RevisionReason.PASSAGE_OF_TIME),
    ]


def _is(movement: Movement) -> pl.Expr:
    return pl.col("movement") == movement.value


def _changed(record: str, field: str) -> pl.Expr:
    """The field of a record that was known on both days differs between them."""
    one, other = pl.col(f"{record}_{field}_before"), pl.col(f"{record}_{field}_after")
    return pl.col(f"{record}_was_known") & one.ne_missing(other)
