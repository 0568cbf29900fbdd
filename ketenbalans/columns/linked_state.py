"""The linked registers as files: whole as they were linked once, and what was linked anew since.

The large files are of a chain that was linked in full and never change. What later loads reached is one small change to
it, written anew each time. A manifest names the files that count and is renamed into its place, so that a process that
is killed leaves the old state or the new one. Every byte that is read is compared with the SHA-256 that the manifest
gives, and the manifest with its own: a file that is cut short, altered or of another version is as good as none.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from ketenbalans.columns.own_folder import OwnFolder
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.decisions import DecidedPairs
from ketenbalans.reconciliation.relink import FRAMES, ORDERED_BY, Change, change_since, changed, in_polars
from ketenbalans.reconciliation.settle import settled_of
from ketenbalans.reconciliation.state import marked_sorted
from schemas.policy import Policy

MANIFEST = "linked.json"
IDS = ("delivery_id", "registration_id")
DECIDED = ("confirmed", "rejected")
GONE = ("gone_deliveries", "gone_registrations")

Key = Mapping[str, Any]
"""What a chain rests on, as JSON."""


@dataclass(frozen=True)
class KeptChain:
    """A chain that lies in files.

    Attributes:
        place: the folder.
        key: what it rests on.
        whole: the files of the chain that was linked in full: SHA-256 in hex, by name.
        since: those of what was linked anew since; empty: nothing was.
    """

    place: OwnFolder
    key: Key
    whole: Mapping[str, str]
    since: Mapping[str, str]

    def read(self, *, as_of: date, policy: Policy) -> "ReadChain":
        """Read it.

        Args:
            as_of: the day of the chain, as the key says.
            policy: its policy, likewise.

        Raises:
            Damaged: a file is missing, or other bytes than were written.
        """
        frames = {name: self._frame("whole", name, digest) for name, digest in self.whole.items()}
        whole = _chain(frames, as_of, policy)
        sizes = (len(whole.deliveries), len(whole.registrations))
        if not self.since:
            return ReadChain(whole, *sizes)
        later = {name: self._frame("since", name, digest) for name, digest in self.since.items()}
        police, om = (later.pop(name)["id"] for name in GONE)
        return ReadChain(changed(whole, Change(police, om, _chain(later, as_of, policy))), *sizes)

    def _frame(self, part: str, name: str, digest: str) -> pl.DataFrame:
        return self.place.read(file_name(part, name, digest), digest)


@dataclass(frozen=True)
class ReadChain:
    """A chain, and how many records of either register were linked when all were linked in full."""

    chain: Chain
    deliveries: int
    registrations: int


def kept_chain(place: OwnFolder) -> KeptChain | None:
    """The chain that lies in a folder; None when there is none, or its manifest is not whole.

    Raises:
        NotKept: it cannot be read, or the folder is somebody else's.
    """
    content = place.manifest(MANIFEST)
    if content is None:
        return None
    try:
        body = json.loads(content)
        if body.pop("sha256") != _digest_of(body):
            return None
        return KeptChain(place, body["key"], body["whole"], body["since"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def keep_whole(place: OwnFolder, chain: Chain, key: Key) -> None:
    """Keep a chain that was linked in full, in the place of what was kept before; nothing while somebody else writes.

    Raises:
        NotKept: there is no room, or the folder cannot be written.
    """
    if not all(_is_numbered(in_polars(chain, name)[FRAMES[name]]) for name in ("deliveries", "registrations")):
        message = "a chain that was relinked is kept as a change to the one before"
        raise ValueError(message)
    frames = _in_files(chain)
    frames["settled"] = frames["settled"].select(IDS)  # of rows that are written already: an id is the number of one
    with place.written_alone() as is_ours:
        if is_ours:
            _commit(place, key, _written(place, "whole", frames), {})


def keep_change(before: KeptChain, whole: ReadChain, chain: Chain, key: Key) -> None:
    """Keep a chain that was relinked from one that is kept: what it has in the place of that one's records.

    Nothing is kept while somebody else writes, or when something else was kept meanwhile.

    Args:
        before: the one that is kept.
        whole: what was read of it.
        chain: the new one.
        key: what the new one rests on.

    Raises:
        NotKept: there is no room, or the folder cannot be written.
    """
    change = change_since(chain, deliveries=whole.deliveries, registrations=whole.registrations)
    gone = zip(GONE, (change.deliveries, change.registrations), strict=True)
    frames = {**_in_files(change.anew), **{name: pl.DataFrame({"id": ids}) for name, ids in gone}}
    with before.place.written_alone() as is_ours:
        if is_ours and kept_chain(before.place) == before:
            _commit(before.place, key, before.whole, _written(before.place, "since", frames))


def file_name(part: str, name: str, digest: str) -> str:
    """The name of a file; no two different files have the same."""
    return f"{part}-{name}-{digest[:16]}.arrow"


def _is_numbered(ids: pl.Series) -> bool:
    """Whether each id is the number of its row, as in a chain that was linked in full."""
    return bool((ids.to_numpy() == np.arange(len(ids))).all())


def _in_files(chain: Chain) -> dict[str, pl.DataFrame]:
    """What is written of a chain."""
    return {
        **{name: in_polars(chain, name) for name in FRAMES},
        **{name: getattr(chain.decided, name).to_polars() for name in DECIDED},
    }


def _chain(frames: dict[str, pl.DataFrame], as_of: date, policy: Policy) -> Chain:
    """A chain of frames that were read."""
    confirmed, rejected = (nw.from_native(frames[name], eager_only=True) for name in DECIDED)
    if frames["settled"].columns == list(IDS):
        police, om = (nw.from_native(frames[name], eager_only=True) for name in ("deliveries", "registrations"))
        frames["settled"] = settled_of(frames["settled"], police, om).to_native()
    police, om, settled = (
        nw.from_native(marked_sorted(frames[name], column), eager_only=True) for name, column in ORDERED_BY.items()
    )
    return Chain(
        as_of=as_of,
        policy=policy,
        decided=DecidedPairs(confirmed, rejected),
        deliveries=police,
        registrations=om,
        settled=settled,
        left_deliveries=frames["left_deliveries"],
        left_registrations=frames["left_registrations"],
    )


def _written(place: OwnFolder, part: str, frames: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Write frames and give the SHA-256 of each file by name."""
    return {name: place.write_frame(frame, named=partial(file_name, part, name)) for name, frame in frames.items()}


def _commit(place: OwnFolder, key: Key, whole: Mapping[str, str], since: Mapping[str, str]) -> None:
    """Let these files count from now on, and remove all others."""
    body = {"key": dict(key), "whole": dict(whole), "since": dict(since)}
    manifest = json.dumps({"sha256": _digest_of(body), **body}, indent=1).encode()
    parts = (("whole", whole), ("since", since))
    stays = {file_name(part, name, digest) for part, files in parts for name, digest in files.items()}
    place.commit(MANIFEST, manifest, stays=stays)


def _digest_of(body: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
