"""Link the registers as known on one day or on several: the first in full, each later one from the one before."""

from collections.abc import Hashable, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from ketenbalans.columns.registers import registers_of
from ketenbalans.incidents.extract_checks import no_chain_key_differs
from ketenbalans.jobs.balancing.linked import linked_as_of
from ketenbalans.reconciliation.chain import Chain, chain_of
from ketenbalans.reconciliation.relink import Relinking, relinking
from schemas.policy import Policy
from warehouse.database import memo_of
from warehouse.decisions import read_pair_decisions

WHOLE_UP_TO = 50_000
"""Registers with so many records are linked in full for each of several days."""
CHAINS_AT_ONCE = 2
"""So many are in memory in one snapshot: a chain is as large as both registers."""


def chain_on(connection: Connection, day: date, *, policy: Policy, loaded_by: datetime | None = None) -> Chain:
    """The registers as known on a day, linked; with a moment without what was loaded after it.

    From the chain that is kept where it goes on from there (``linked.linked_as_of``). In one snapshot each is linked
    once, while no more than ``CHAINS_AT_ONCE`` others are asked for in between.

    Raises:
        ChainKeyDiffers: an extract was made with another chain key, and nobody resumed that; nothing was linked.
    """
    no_chain_key_differs(connection)
    chains: dict[Hashable, Chain] = memo_of(connection).setdefault(Chain, {})
    asked = (day, loaded_by, policy)
    if asked not in chains:
        while len(chains) >= CHAINS_AT_ONCE:
            del chains[next(iter(chains))]  # the one that was linked first
        if loaded_by is None:
            chains[asked] = linked_as_of(connection, day, policy=policy, keeps=False).chain
        else:
            chains[asked] = whole_chain_on(connection, day, policy=policy, loaded_by=loaded_by)
    return chains[asked]


def whole_chain_on(connection: Connection, day: date, *, policy: Policy, loaded_by: datetime | None = None) -> Chain:
    """What ``chain_on`` gives, linked in full whatever is kept."""
    no_chain_key_differs(connection)
    return chain_of(
        *registers_of(connection).state(as_of=day, loaded_by=loaded_by),
        as_of=day,
        policy=policy,
        decisions=read_pair_decisions(connection, as_of=day, kept_by=loaded_by),
    )


def chains_on(connection: Connection, days: Sequence[date], *, policy: Policy) -> Iterator[Chain]:
    """The registers as known on each of some days, ascending: the first of ``steps_on``, and where each step leads.

    Each chain is what ``chain_on`` gives of its day.
    """
    for step in steps_on(connection, days, policy=policy):
        yield step.after if isinstance(step, Relinking) else step


def each_chain_on(connection: Connection, days: Sequence[date], *, policy: Policy) -> Iterator[Chain]:
    """What ``chains_on`` gives, in full as long as the registers are small: that is quicker than a step to them.

    A step costs a tenth of a second whatever there is; so does linking some tens of thousands of records.
    """
    for place, day in enumerate(days):
        chain = whole_chain_on(connection, day, policy=policy)
        yield chain
        if len(chain.deliveries) + len(chain.registrations) > WHOLE_UP_TO and place + 1 < len(days):
            memo_of(connection)[Chain] = {(day, None, policy): chain}
            later = chains_on(connection, days[place:], policy=policy)
            next(later)
            yield from later
            return


def steps_on(connection: Connection, days: Sequence[date], *, policy: Policy) -> Iterator[Chain | Relinking]:
    """The registers as known on the first of some days, linked, then the step to each later day.

    From the second day on only what was recorded since the day before it is read, and only what that can reach is
    linked anew; what changed in a step is just what was recorded between its days.

    Args:
        connection: inside one snapshot, so that what is read of the days belongs together.
        days: ascending; one may come twice.
        policy: the numbers that a person chose.

    Raises:
        ChainKeyDiffers: as ``chain_on``.
    """
    if not days:
        return
    chain = chain_on(connection, days[0], policy=policy)
    yield chain
    memo_of(connection).pop(Chain)  # a chain is as large as both registers: only the newest is kept
    for day in days[1:]:
        step = relinking(
            chain,
            *registers_of(connection).state(as_of=day, changed_since=chain.as_of),
            as_of=day,
            decisions=read_pair_decisions(connection, as_of=day),
        )
        chain = step.after
        yield step
        del step
    memo_of(connection)[Chain] = {(days[-1], None, policy): chain}
