"""Judge balances by what is known of their day and by their breaks; nothing of it is stored (``schemas.verdicts``)."""

from collections.abc import Callable
from datetime import date
from functools import cache

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.reconciliation.verdict import Known, judge, why_incomplete
from schemas.alert_policy import AlertPolicy
from schemas.answer import BalanceAnswer
from schemas.catalogue import linked_sources
from schemas.period import Period
from schemas.verdicts import Judgement
from warehouse.balances import first_recorded_on, is_any_record_in, is_any_record_known
from warehouse.database import once_in, snapshot
from warehouse.dead_letters import waiting_dead_letters
from warehouse.extracts import REGISTERS_OF_THE_BALANCE, covered_until
from warehouse.incidents import running_incidents


class Knowledge:
    """What is known of periods and days at one moment of the warehouse; each thing is read once."""

    def __init__(self, connection: Connection) -> None:
        """Look over a connection inside one snapshot."""
        self._connection = connection
        self._covered = covered_until(connection)
        linked = {source.name for source in linked_sources()}
        self._standing_still: dict[str, str] = {}
        for incident in running_incidents(connection):
            if (source := incident.subject) in linked:
                earlier = f"{self._standing_still[source]} and " if source in self._standing_still else ""
                self._standing_still[source] = f"{earlier}incident {incident.incident_id} ({incident.kind})"
        self._letters = {source: letters for source, letters, _ in waiting_dead_letters(connection) if source in linked}
        self._is_any_record_known = cache(lambda as_of: is_any_record_known(connection, as_of=as_of))

    def why_incomplete(self, period: Period, as_of: date, *, is_any_known: bool = False) -> str:
        """Why not all that belongs to a question is known; empty when it is complete.

        Args:
            period: what is asked about.
            as_of: the day whose knowledge is used.
            is_any_known: whether it is clear already that something of the period is known on the day.
        """
        days = [self._covered.get(source.name) for source in REGISTERS_OF_THE_BALANCE]
        covered = [day for day in days if day is not None]
        lacking = (source.name for source in REGISTERS_OF_THE_BALANCE if source.name not in self._covered)
        is_any_record = is_any_known or self._is_any_record_known(as_of)
        known = Known(
            period=period,
            as_of=as_of,
            covered=min(covered) if len(covered) == len(days) else None,
            without_extract=tuple(lacking),
            is_any_record_known=is_any_record,
            first_recorded=None if is_any_record else first_recorded_on(self._connection),
            is_any_of_the_period_known=is_any_known or is_any_record_in(self._connection, period, as_of=as_of),
            standing_still=self._standing_still,
            letters=self._letters,
        )
        return why_incomplete(known)


class Judge:
    """Judges the balances of one moment of the warehouse."""

    def __init__(self, connection: Connection, *, alert_policy: AlertPolicy) -> None:
        """Judge over a connection inside one snapshot.

        Args:
            connection: of the snapshot in which what is judged was read.
            alert_policy: how many suspects may be missing.
        """
        self._knowledge = knowledge_of(connection)
        self._alert_policy = alert_policy

    def judgement(self, answer: BalanceAnswer, breaks: Callable[[], pl.DataFrame]) -> Judgement:
        """The verdict on a balance.

        Args:
            answer: as it is stored.
            breaks: gives the breaks of its period as they stand on its day (``break_life.LIFE``); called when the
                verdict hangs on them, and not before, for they may have to be worked out.
        """
        lacks = self._knowledge.why_incomplete(answer.period, answer.as_of, is_any_known=answer.counts_anything)
        return judge(answer, incomplete=lacks, policy=self._alert_policy, breaks=breaks)


def knowledge_of(connection: Connection) -> Knowledge:
    """What is known at the moment of a snapshot, read once in it."""
    known: Knowledge = once_in(connection, Knowledge, lambda: Knowledge(connection))
    return known


def what_lacks(engine: Engine, *, period: Period, as_of: date) -> str:
    """Why not all that belongs to a question is known; empty when it is complete."""
    with snapshot(engine) as connection:
        return Knowledge(connection).why_incomplete(period, as_of)
