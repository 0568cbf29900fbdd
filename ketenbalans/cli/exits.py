"""How a command ends: 0 done, 1 the answer is no or a check failed, 2 usage, 3 rejected in part, 4 out of reach."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every verb."""

    DONE = 0
    NO = 1
    USAGE = 2
    REJECTED_IN_PART = 3
    OUT_OF_REACH = 4


WORST_LAST = (Exit.DONE, Exit.REJECTED_IN_PART, Exit.NO, Exit.USAGE, Exit.OUT_OF_REACH)
"""Of several things that one command did, the worst decides how it ends."""


class NothingKnown(LookupError):
    """A question cannot be answered because nothing was loaded for it yet."""
