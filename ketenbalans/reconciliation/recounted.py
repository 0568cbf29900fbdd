"""Count and explain after some records changed: only what was linked anew, and whoever was in transit.

A count of many records is that of the records before, less those that went, plus those that came. Pure: no I/O, no
clock, no logging.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import narwhals as nw
import numpy as np
import polars as pl

from ketenbalans.reconciliation.asked import rows_asked
from ketenbalans.reconciliation.balance import only_the_om
from ketenbalans.reconciliation.chain import Chain, parties_in
from ketenbalans.reconciliation.counted import Counted, Counts, OfParty, PerUnit, month_of
from ketenbalans.reconciliation.explain import delivery_rules, explain_deliveries, explained
from ketenbalans.reconciliation.relink import Relinking, in_polars
from schemas.catalogue import POLICE
from schemas.causes import Cause
from schemas.coded_state import RECOGNISABLE
from schemas.period import Period

Key = TypeVar("Key", bound=Hashable)

ROWS = "rows"
"""The column that counts a row: -1 for one that went, 1 for one that came."""


@dataclass(frozen=True)
class Recounted:
    """What is counted after records changed, and the suspects that may count otherwise than before.

    Attributes:
        after: what ``counted`` gives of the new state.
        suspects_before: of the police's suspects those who stood otherwise, or may have: as they stood (``STANDS``).
        suspects_after: the same as they stand now. Whoever is in neither stands as before.
    """

    after: Counted
    suspects_before: pl.DataFrame
    suspects_after: pl.DataFrame


STANDS = ("period", "dossier", "suspect_number", "unit", "case", "link_rule", "delivered_on", "cause")
"""How a suspect stands in a period: recognised, or not for a cause."""


def recounted(before: Counted, step: Relinking) -> Recounted:
    """Count and explain what was linked anew alone.

    Args:
        before: counted of the chain that was relinked.
        step: the relinking.
    """
    periods, went, came = before.periods, step.gone, step.anew
    stays = is_none_of(before.explained, "delivery_id", step.old_deliveries["delivery_id"].to_polars())
    stayed, gone = before.explained.filter(stays), before.explained.filter(~stays)
    in_transit = pl.col("cause").eq_missing(pl.lit(Cause.IN_TRANSIT.value))  # the only cause that hangs on the day
    waiting = stayed.filter(in_transit)
    rules = delivery_rules(as_of=step.after.as_of, policy=step.after.policy)
    later = explained(waiting.drop("cause"), rules, periods, otherwise=Cause.MISSING)
    anew = explain_deliveries(came, rows_asked(came.settled, "delivered_on", periods), periods)
    om_only = before.om_only.filter(
        is_none_of(before.om_only, "registration_id", step.old_registrations["registration_id"].to_polars())
    )
    after = Counted(
        chain=step.after,
        periods=periods,
        parties=tuple(sorted({*before.parties, *parties_in(came)}, key=lambda party: (party != POLICE, party))),
        counts=_after(before.counts, went, came, periods),
        explained=pl.concat([stayed.filter(~in_transit), later, anew]),
        om_only=pl.concat([om_only, only_the_om(came, periods)]),
    )
    return Recounted(after, _standing([gone, waiting], went, periods), _standing([anew, later], came, periods))


def is_none_of(frame: pl.DataFrame, key: str, ids: pl.Series) -> pl.Series:
    """Which rows of a frame have an id that is none of some; ids are numbers from 0 with few gaps."""
    keys, gone = frame[key].to_numpy(), ids.to_numpy()
    is_gone = np.zeros(max(int(keys.max(initial=0)), int(gone.max(initial=0))) + 1, dtype=np.bool_)
    is_gone[gone] = True
    return pl.Series(~is_gone[keys])


def _standing(explained: Iterable[pl.DataFrame], chain: Chain, periods: Sequence[Period]) -> pl.DataFrame:
    """How the police's suspects stand of whom some are explained, the others plainly recognised in a chain."""
    ours = pl.col("party") == POLICE
    settled: pl.DataFrame = rows_asked(chain.settled, "delivered_on", periods).to_polars()
    plainly = settled.filter(ours, pl.col("registered_on") <= pl.col("period_end")).with_columns(
        link_rule=pl.lit(1, pl.Int32), cause=pl.lit(None, pl.String)
    )
    return pl.concat([*(rows.filter(ours).select(STANDS) for rows in explained), plainly.select(STANDS)])


def _after(before: Counts, gone: Chain, anew: Chain, periods: Sequence[Period]) -> Counts:
    """Counts less what went, plus what came; both hold every record of each of their dossiers."""
    delivered, cases = _delivered_anew(gone, anew, periods)
    return Counts(
        delivered={key: units for key, counts in _sum(before.delivered, delivered) if (units := _filled(counts))},
        cases=_added(before.cases, cases),
        recognised=dict(_sum(before.recognised, _recognised_anew(gone, anew, periods))),
        by_the_om=_added(before.by_the_om, _by_the_om_anew(gone, anew, periods)),
        recognised_by_month=_added(before.recognised_by_month, _recognised_by_month_anew(gone, anew, periods)),
    )


def _filled(units: Mapping[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    return {unit: counts for unit, counts in units.items() if counts[0]}


def _sum(one: PerUnit, other: PerUnit) -> Iterator[tuple[OfParty, dict[int, tuple[int, int]]]]:
    """Two counts per unit added up."""
    for key in {**one, **other}:
        mine, theirs = one.get(key, {}), other.get(key, {})
        pairs = {unit: (mine.get(unit, (0, 0)), theirs.get(unit, (0, 0))) for unit in {**mine, **theirs}}
        yield key, {unit: (first[0] + second[0], first[1] + second[1]) for unit, (first, second) in pairs.items()}


def _added(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    added = Counter(one)
    added.update(other)
    return {key: count for key, count in added.items() if count}


def _asked(gone: Chain, anew: Chain, name: str, columns: Sequence[str], periods: Sequence[Period]) -> pl.DataFrame:
    """Rows of a frame that went and rows that came (``ROWS``), of each period that their last column lies in."""
    one, other = (in_polars(chain, name).select(columns) for chain in (gone, anew))
    other = other.select(pl.col(column).cast(kind) for column, kind in one.schema.items())
    both = pl.concat([one.with_columns(pl.lit(-1).alias(ROWS)), other.with_columns(pl.lit(1).alias(ROWS))])
    asked: pl.DataFrame = rows_asked(nw.from_native(both, eager_only=True), columns[-1], periods).to_polars()
    return asked


def _delivered_anew(gone: Chain, anew: Chain, periods: Sequence[Period]) -> tuple[PerUnit, dict[OfParty, int]]:
    """Suspects and distinct dossiers, per unit and over all units."""
    columns = ("party", "unit", "dossier", "is_withdrawn", "delivered_on")
    rows = _asked(gone, anew, "deliveries", columns, periods).filter(~pl.col("is_withdrawn"))
    rows = rows.with_columns(pl.col("party").cast(pl.String))
    dossiers = rows.group_by("period", "party", "unit", "dossier", pl.col(ROWS).alias("cases")).agg(pl.col(ROWS).sum())
    per_unit = dossiers.group_by("period", "party", "unit").agg(pl.col(ROWS, "cases").sum())
    in_all = dossiers.unique(["period", "party", "dossier", "cases"]).group_by("period", "party")
    cases = {(number, party): count for number, party, count in in_all.agg(pl.col("cases").sum()).iter_rows()}
    return _per_unit(per_unit), cases


def _recognised_anew(gone: Chain, anew: Chain, periods: Sequence[Period]) -> PerUnit:
    """Settled suspects that are recognised, and those of them that were registered earlier."""
    rows = _asked(gone, anew, "settled", ("party", "unit", "registered_on", "delivered_on"), periods)
    plainly = rows.filter(pl.col("registered_on") <= pl.col("period_end"))
    too_early = pl.col(ROWS).filter(pl.col("registered_on") < pl.col("period_start")).sum().alias("too_early")
    return _per_unit(
        plainly.group_by("period", pl.col("party").cast(pl.String), "unit").agg(pl.col(ROWS).sum(), too_early)
    )


def _recognised_by_month_anew(gone: Chain, anew: Chain, periods: Sequence[Period]) -> dict[tuple[int, int], int]:
    """The police's settled suspects that are recognised, by the place of their period and month of delivery."""
    rows = _asked(gone, anew, "settled", ("party", "registered_on", "delivered_on"), periods)
    plainly = rows.filter(pl.col("registered_on") <= pl.col("period_end"), pl.col("party") == POLICE)
    month = nw.from_native(plainly, eager_only=True).with_columns(month=month_of("delivered_on")).to_native()
    by_month = month.group_by("period", "month").agg(pl.col(ROWS).sum())
    return {(number, of): count for number, of, count in by_month.iter_rows()}


def _per_unit(counted: pl.DataFrame) -> PerUnit:
    """Two counts by period, party and unit."""
    found: PerUnit = {}
    for number, party, unit, *counts in counted.iter_rows():
        found.setdefault((number, party), {})[unit] = (counts[0], counts[1])
    return found


def _by_the_om_anew(gone: Chain, anew: Chain, periods: Sequence[Period]) -> dict[int, int]:
    """Standing registrations classified KP or KST, by the place of their period."""
    rows = _asked(gone, anew, "registrations", ("round", "registered_on"), periods)
    return dict(rows.filter(pl.col("round") == RECOGNISABLE).group_by("period").agg(pl.col(ROWS).sum()).iter_rows())
