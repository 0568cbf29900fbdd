"""The advisory locks of the warehouse: every one that there is, each with a number that no other has."""

from enum import IntEnum, unique

from sqlalchemy import Connection, text


@unique  # two names of one number do not import
class Lock(IntEnum):
    """What one transaction at a time does; a number stays as it is, for another release may hold it meanwhile."""

    MIGRATION = 0x6B62616C
    """Tables are made."""
    DECISIONS = 0x6B62616D
    """A person decides about a pair."""
    BREAKS = 0x6B62616E
    """The breaks of a balance are kept."""
    ALERTS = 0x6B62616F
    """Alerts are raised, acknowledged and resolved, and messages about them are claimed."""
    RESTATEMENTS = 0x6B626170
    """A person decides about a restatement."""
    OUTBOX = 0x6B626171
    """The dead letters of a source are published."""
    LOADS = 0x6B626172
    """Events of a source are inserted, and their load is numbered."""
    AUDIT = 0x6B626175
    """An entry is appended to the audit chain; taken at commit, after every other lock, by the trigger that seals."""
    RELEASES = 0x6B626176
    """A release of a year is made: each rests on those before it."""
    JUDGEMENTS = 0x6B626C6A
    """A person's judgements about drawn links are kept."""
    SIGNOFFS = 0x6B62736F
    """A person prepares, approves or withdraws a figure set; taken by the function ``signoff_record``."""
    INCIDENTS = 0x6B62696E
    """Control records are judged, and incidents are resumed."""


def hold(connection: Connection, lock: Lock, *, of: str | None = None) -> None:
    """Wait for a lock and keep it until the transaction ends.

    Args:
        connection: inside the transaction.
        lock: which one.
        of: the subject where each has a lock of its own, such as a source; subjects whose hashes are equal share one.
    """
    if of is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock.value})
    else:
        both = text("SELECT pg_advisory_xact_lock(:key, hashtext(:subject))")
        connection.execute(both, {"key": lock.value, "subject": of})
