"""What decisions are checked against: what was decided before, and where breaks stand. Read once for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, RowMapping

from ketenbalans.reconciliation.break_life import break_life
from schemas.decisions import Decision, Pair
from schemas.sources import om_registrations
from warehouse.breaks import read_observations
from warehouse.decisions import decisions_about, decisions_touching, read_break_decisions
from warehouse.evidence import read_evidence


class DecisionBasis:
    """What stands of the breaks and the pairs that some decisions are about.

    Each thing is read once, however many decisions there are, and when the first of them asks for it.
    """

    def __init__(self, connection: Connection, decisions: Iterable[Decision]) -> None:
        """Look over a connection.

        Args:
            connection: in a transaction that holds the decisions (``hold_decisions``), where something is to be kept.
            decisions: all that are to be checked.
        """
        self._connection = connection
        asked = list(decisions)
        self._pairs = [(one.pair, one.decided_on) for one in asked if one.pair is not None]
        self._breaks = [(one.break_id, one.decided_on) for one in asked if one.break_id is not None]
        self._of_breaks: dict[str, list[RowMapping]] = defaultdict(list)
        self._of_suspects: dict[tuple[str, int], list[RowMapping]] = defaultdict(list)
        self._of_cases: dict[str, list[RowMapping]] = defaultdict(list)
        self._lives: dict[tuple[int, date], dict[str, dict[str, Any]]] = {}
        self._years: dict[int, tuple[pl.DataFrame, pl.DataFrame]] = {}
        self._known: dict[date, tuple[set[tuple[str, int]], set[str]]] = {}
        self.learn(decisions_about(connection, (break_id for break_id, _ in self._breaks)) if self._breaks else [])
        suspects, cases = _records(pair for pair, _ in self._pairs)
        self.learn(decisions_touching(connection, suspects=suspects, cases=cases) if self._pairs else [])

    def learn(self, kept: Sequence[RowMapping]) -> None:
        """Know of decisions that are kept too, the oldest first."""
        for row in kept:
            if row["break_id"] is not None:
                self._of_breaks[row["break_id"]].append(row)
            else:
                self._of_suspects[row["dossier_number"], row["suspect_number"]].append(row)
                self._of_cases[row["case_number"]].append(row)

    def about(self, break_id: str) -> list[RowMapping]:
        """Every decision about a break, the oldest first."""
        return self._of_breaks.get(break_id, [])

    def touching(self, pair: Pair) -> list[RowMapping]:
        """Every decision about a pair that shares a record with this one, the oldest first."""
        of_either = [
            *self._of_suspects.get((pair.dossier_number, pair.suspect_number), []),
            *self._of_cases.get(pair.case_number, []),
        ]
        by_number = {row["decision_number"]: row for row in of_either}
        return sorted(by_number.values(), key=lambda row: (row["decided_on"], row["decision_number"]))

    def stands(self, break_id: str, *, on: date) -> dict[str, Any] | None:
        """A break as it stands on a day (``break_life.LIFE``); None when nobody had found it by then."""
        year = int(break_id.partition("-")[0])
        if (year, on) not in self._lives:
            life = break_life(*self._of_year(year), as_of=on)
            self._lives[year, on] = {row["break_id"]: row for row in life.iter_rows(named=True)}
        return self._lives[year, on].get(break_id)

    def is_known(self, pair: Pair, *, on: date) -> bool:
        """Whether both records of a pair are known on a day."""
        if on not in self._known:
            suspects, cases = _records(one for one, day in self._pairs if day == on)
            events = read_evidence(self._connection, suspects=suspects, cases=cases, as_of=on)
            is_of_the_om = pl.col("source") == om_registrations.SOURCE.name
            delivered = events.filter(~is_of_the_om).select("dossier_number", "suspect_number")
            self._known[on] = set(delivered.iter_rows()), set(events.filter(is_of_the_om)["case_number"])
        delivered_then, registered_then = self._known[on]
        return (pair.dossier_number, pair.suspect_number) in delivered_then and pair.case_number in registered_then

    def _of_year(self, year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The observations of the breaks of a year that are asked about, and the decisions about them."""
        if year not in self._years:
            asked = {break_id for break_id, _ in self._breaks}
            self._years[year] = (
                read_observations(self._connection, year=year, break_ids=asked),
                read_break_decisions(self._connection, year=year, break_ids=asked),
            )
        return self._years[year]


def _records(pairs: Iterable[Pair]) -> tuple[list[tuple[str, int]], list[str]]:
    """The suspects and the cases of some pairs."""
    both = list(pairs)
    return [(one.dossier_number, one.suspect_number) for one in both], [one.case_number for one in both]
