"""What the balances of a day rest on, as a snapshot has it: known before anything is linked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ketenbalans.code_version import code_version
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import BalanceBasis, input_fingerprint, is_any_record_known
from warehouse.breaks import DECISIONS, moment_of
from warehouse.decisions import last_decision_number
from warehouse.extracts import default_as_of
from warehouse.loads import last_load_numbers
from warehouse.offsets import Positions, positions


@dataclass(frozen=True, kw_only=True)
class DayBasis:
    """What is known when balances of a day are made.

    Attributes:
        basis: what they rest on.
        reached: how far the topics are loaded.
        moment: until when events were read.
        loads: the newest load of each source, and the last decision (``BreakLook.loads``).
        keeps_breaks: whether breaks of calendar years are kept.
        keeps_chain: whether the linked registers are: of the newest day, under the standing policy.
    """

    basis: BalanceBasis
    reached: Positions
    moment: datetime
    loads: Mapping[str, int]
    keeps_breaks: bool
    keeps_chain: bool

    def keeps_breaks_of(self, period: Period) -> bool:
        """Whether the breaks of a period are kept."""
        return self.keeps_breaks and period.is_calendar_year


def known_on(connection: Connection, *, as_of: date, policy: Policy, keeps_breaks: bool) -> DayBasis:
    """What the balances of a day rest on, as the snapshot has it."""
    covered = default_as_of(connection)
    is_of_a_known_day = covered is not None and as_of <= covered and is_any_record_known(connection, as_of=as_of)
    return DayBasis(
        basis=basis_of(connection, as_of=as_of, policy=policy),
        reached=positions(connection),
        moment=moment_of(connection),
        loads={**last_load_numbers(connection), DECISIONS: last_decision_number(connection)},
        keeps_breaks=keeps_breaks and is_of_a_known_day,
        keeps_chain=keeps_breaks and as_of == covered,
    )


def basis_of(connection: Connection, *, as_of: date, policy: Policy) -> BalanceBasis:
    """What a balance that is made now of a day rests on."""
    return BalanceBasis(
        as_of=as_of,
        policy=policy.to_dict(),
        code_version=code_version(),
        input_fingerprint=input_fingerprint(connection, as_of=as_of),
    )
