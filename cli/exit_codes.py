"""How a command ends: 0 done, 1 the answer is no or a check failed, 2 usage, 3 rejected in part, 4 out of reach.

Every error that a person can do something about is listed here with its code; it is told in one sentence, without a
traceback. What is not listed is a defect of ours and shows its traceback.
"""

from enum import IntEnum

from jobs.await_balance import BalanceNotMade
from jobs.incidents import IngestIncident
from jobs.servers import ServiceNotRunning
from jobs.settings import SettingsMissing
from producers.errors import BrokerUnreachable, ChainKeyMissing, ProduceError
from reconciliation.bridge import BalanceDoesNotClose
from schemas.catalogue import UnknownSource
from schemas.period import InvalidPeriod
from schemas.policy import InvalidPolicy
from stack.errors import StackError
from warehouse.errors import WarehouseError, WarehouseUnreachable


class Exit(IntEnum):
    """The exit codes of every verb."""

    DONE = 0
    NO = 1
    USAGE = 2
    REJECTED_IN_PART = 3
    OUT_OF_REACH = 4


class NothingKnown(LookupError):
    """A question cannot be answered because nothing was loaded for it yet."""


# The first class that an error is an instance of decides, so a special case stands before its general one.
CODES: tuple[tuple[type[Exception], Exit], ...] = (
    (SettingsMissing, Exit.USAGE),
    (ChainKeyMissing, Exit.USAGE),
    (UnknownSource, Exit.USAGE),
    (InvalidPeriod, Exit.USAGE),
    (InvalidPolicy, Exit.USAGE),
    (ServiceNotRunning, Exit.OUT_OF_REACH),
    (BrokerUnreachable, Exit.OUT_OF_REACH),
    (WarehouseUnreachable, Exit.OUT_OF_REACH),
    (StackError, Exit.OUT_OF_REACH),
    (ProduceError, Exit.NO),
    (WarehouseError, Exit.NO),
    (IngestIncident, Exit.NO),
    (BalanceDoesNotClose, Exit.NO),
    (BalanceNotMade, Exit.NO),
    (NothingKnown, Exit.NO),
)


def exit_code_of(error: Exception) -> Exit | None:
    """The exit code for an error that a person can do something about; None for a defect."""
    return next((code for kind, code in CODES if isinstance(error, kind)), None)
