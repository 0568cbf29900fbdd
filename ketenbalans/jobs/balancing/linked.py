"""The registers as known on a day, linked: from the chain that is kept where it goes on from there, else in full.

The chain of the newest day is kept beside the columns. It is taken as it is when it rests on the very same; when loads,
days or decisions came since, only what they reach is linked anew; whatever else differs, all is. No answer depends on
whether a chain was kept.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import Connection

from ketenbalans.code_version import code_version
from ketenbalans.columns.linked_state import (
    MANIFEST,
    KeptChain,
    Key,
    ReadChain,
    keep_change,
    keep_whole,
    kept_chain,
)
from ketenbalans.columns.own_folder import Damaged, NotKept, OwnFolder
from ketenbalans.columns.registers import Registers, registers_of
from ketenbalans.reconciliation.chain import Chain, chain_of
from ketenbalans.reconciliation.relink import relinking
from ketenbalans.reconciliation.touched import EVERYTHING, Touched, touched
from schemas.catalogue import linked_sources
from schemas.policy import Policy
from warehouse.balances import input_fingerprint
from warehouse.database import columns_folder_of
from warehouse.decisions import read_pair_decisions
from warehouse.loaded_rows import loads_numbered

logger = logging.getLogger("ketenbalans.columns")

FOLDER = "linked"
FORM = 2
"""Another number when the same chain is written otherwise."""

RELINKED_AT_MOST = 1 / 16
"""Of the records that were linked in full so many may be linked anew; beyond that linking all of them is quicker."""


@dataclass(frozen=True)
class Linked:
    """The registers as known on a day, linked, and what they have in common with those that were linked before.

    Attributes:
        chain: the chain.
        before: the fingerprint of the input (``warehouse.balances.input_fingerprint``) that a chain of the same day,
            policy and code rested on, from which this one was relinked; None: it was linked in full.
        touched: what may be another balance than of the one before.
    """

    chain: Chain
    before: str | None = None
    touched: Touched = EVERYTHING


def linked_as_of(connection: Connection, day: date, *, policy: Policy, keeps: bool) -> Linked:
    """Give what ``chain_of`` gives of the registers as known on a day.

    Args:
        connection: of a snapshot, in which no chain key differs (``no_chain_key_differs``).
        day: the day.
        policy: the numbers that a person chose.
        keeps: whether the chain is kept for the next who asks: that of the newest day, under the standing policy.
    """
    registers, decisions = registers_of(connection), read_pair_decisions(connection, as_of=day)
    input_now = input_fingerprint(connection, as_of=day)
    key = key_of(registers, day, policy, decisions, input_now=input_now)
    place = place_of(connection, registers)
    if place is not None:
        try:
            kept = kept_chain(place)
            if kept is not None and goes_on(connection, kept.key, key):
                linked = _from_kept(kept, key, registers, decisions, day=day, policy=policy, keeps=keeps)
                if linked is not None:
                    return linked
        except (Damaged, NotKept) as reason:
            logger.warning("linked state: %s; all is linked anew", reason)
    chain = chain_of(*registers.state(as_of=day), as_of=day, policy=policy, decisions=decisions)
    if keeps and place is not None:
        try:
            keep_whole(place, chain, key)
        except NotKept as reason:
            logger.warning("linked state: %s; the next who asks links all again", reason)
    return Linked(chain)


def _from_kept(  # noqa: PLR0913 (what is kept, and the question)
    kept: KeptChain,
    key: Key,
    registers: Registers,
    decisions: pl.DataFrame,
    *,
    day: date,
    policy: Policy,
    keeps: bool,
) -> Linked | None:
    """The chain that is kept, relinked where something came since; None when that is more than is worth it."""
    before = kept.read(as_of=date.fromisoformat(kept.key["as_of"]), policy=policy)
    if kept.key == key:
        return Linked(before.chain)
    loads = {name: 0 if mark is None else mark["load_number"] for name, mark in kept.key["loads"].items()}
    deliveries, registrations = registers.state(as_of=day, changed_since=before.chain.as_of, loaded_after=loads)
    if _anew(before) + deliveries.height + registrations.height > RELINKED_AT_MOST * _in_full(before):
        return None
    step = relinking(before.chain, deliveries, registrations, as_of=day, decisions=decisions)
    if keeps:
        try:
            keep_change(kept, before, step.after, key)
        except NotKept as reason:
            logger.warning("linked state: %s; the next who asks relinks the same again", reason)
    return Linked(step.after, kept.key["input"], touched(step))


def _in_full(read: ReadChain) -> int:
    return read.deliveries + read.registrations


def _anew(read: ReadChain) -> int:
    """How many records were linked anew since all were linked: their ids come after those."""
    deliveries, registrations = read.chain.deliveries["delivery_id"], read.chain.registrations["registration_id"]
    return int((deliveries >= read.deliveries).sum() + (registrations >= read.registrations).sum())


def key_of(registers: Registers, day: date, policy: Policy, decisions: pl.DataFrame, *, input_now: str) -> Key:
    """What a chain rests on, as JSON; ``input_now`` is the fingerprint of what is known on that day."""
    return {
        "form": FORM,
        "code_version": code_version(),
        "input": input_now,
        "registers": registers.key,
        "loads": {name: None if mark is None else dict(vars(mark)) for name, mark in sorted(registers.loads.items())},
        "as_of": day.isoformat(),
        "policy": policy.to_dict(),
        "decisions": hashlib.sha256(decisions.write_csv().encode()).hexdigest(),
    }


def goes_on(connection: Connection, kept: Key, asked: Key) -> bool:
    """Whether what is asked is what the kept chain rests on, with nothing but loads, days and decisions since.

    Of each register the last load that the chain knew must be the same in the warehouse: then so is all before it.
    """
    if kept == asked:
        return True
    same = all(kept.get(name) == asked[name] for name in ("form", "code_version", "policy"))
    if not same or kept["as_of"] > asked["as_of"] or kept["loads"].keys() != asked["loads"].keys():
        return False
    known = {source.name: kept["loads"][source.name] for source in linked_sources()}
    return all(
        [vars(mark) for mark in loads_numbered(connection, source, [mark_kept["load_number"]])] == [mark_kept]
        for source in linked_sources()
        if (mark_kept := known[source.name]) is not None
    )


def place_of(connection: Connection, registers: Registers) -> OwnFolder | None:
    """Where the chain is kept; None when nothing is."""
    root, folder = columns_folder_of(connection), registers.folder
    return None if root is None or folder is None else OwnFolder(root, folder / FOLDER)


def forget_kept(connection: Connection) -> None:
    """Let what is kept be no longer taken: the next who asks links all."""
    place = place_of(connection, registers_of(connection))
    if place is None:
        return
    try:
        place.forget(MANIFEST)
    except NotKept as reason:
        logger.warning("linked state: %s; remove %s by hand", reason, place.folder / MANIFEST)
