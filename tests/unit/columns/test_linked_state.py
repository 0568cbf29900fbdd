"""A chain that is kept, read and relinked in steps is the chain of the whole; a damaged file is never read."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketenbalans.columns.linked_state import MANIFEST, KeptChain, keep_change, keep_whole, kept_chain
from ketenbalans.columns.own_folder import LOCK, Damaged, NotKept, OwnFolder
from ketenbalans.reconciliation import splice
from ketenbalans.reconciliation.balance import balances, chain_of
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.relink import relinked
from schemas.period import Period
from tests.reference.product import policy_of
from tests.reference.records import World, frames
from tests.reference.strategies import random_world
from tests.unit.reconciliation.test_relink import EVERY_DAY, decisions_of, later_state

LAWS = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=6
)


def place_in(folder: str | Path) -> OwnFolder:
    root = Path(folder) / "columns"
    return OwnFolder(root, root / "of_a_warehouse" / "linked")


def kept_in(place: OwnFolder) -> KeptChain:
    kept = kept_chain(place)
    assert kept is not None
    return kept


def assert_same(one: Chain, other: Chain, periods: list[Period]) -> None:
    for ours, theirs in zip(balances(one, periods), balances(other, periods), strict=True):
        assert ours.answer() == theirs.answer()
        assert ours.om_only.equals(theirs.om_only)
        for party, same_party in zip(ours.delivered, theirs.delivered, strict=True):
            assert party.suspects.equals(same_party.suspects)


def steps_equal_the_whole(seed: int, size: int, share: float, *, batches: int) -> None:
    """Link a world, keep it, and go on from the files alone: batch by batch, the decisions changing too."""
    random = Random(seed)
    world = random_world(seed, size, with_decisions=True, with_parties=True)
    as_of, policy = world.question.as_of, policy_of(world.question)
    periods = [Period(world.question.start, world.question.end), EVERY_DAY]
    with TemporaryDirectory() as folder:
        place = place_in(folder)
        keep_whole(
            place, chain_of(*frames(world), as_of=as_of, policy=policy, decisions=decisions_of(world, random)), {"n": 0}
        )
        for number in range(1, batches + 1):
            kept = kept_in(place)
            assert kept.key == {"n": number - 1}
            read = kept.read(as_of=as_of, policy=policy)
            changes, world = later_state(world, random, share)
            decisions = decisions_of(world, random)
            chain = relinked(read.chain, *frames(changes), as_of=as_of, decisions=decisions)
            keep_change(kept, read, chain, {"n": number})
            whole = chain_of(*frames(world), as_of=as_of, policy=policy, decisions=decisions)
            again = kept_in(place).read(as_of=as_of, policy=policy).chain
            assert_same(chain, whole, periods)
            assert_same(again, whole, periods)


@pytest.mark.laws
@LAWS
@given(st.integers(0, 2**32 - 1), st.sampled_from((6, 12, 30)), st.sampled_from((0.1, 0.3, 0.7)))
def test_kept_and_relinked_in_steps_is_the_whole(seed: int, size: int, share: float) -> None:
    steps_equal_the_whole(seed, size, share, batches=3)


@pytest.mark.laws
@pytest.mark.parametrize("at_most", [0, 40])
def test_so_it_is_in_a_large_world_however_its_rows_are_put_in_place(
    at_most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splice, "FEW", at_most)
    steps_equal_the_whole(at_most + 1, 120, 0.1, batches=3)


@pytest.fixture
def place(tmp_path: Path) -> OwnFolder:
    """A chain that was kept, and relinked once."""
    place, world = place_in(tmp_path), random_world(5, 30)
    policy, as_of = policy_of(world.question), world.question.as_of
    keep_whole(place, chain_of(*frames(world), as_of=as_of, policy=policy), {"n": 0})
    kept = kept_in(place)
    read = kept.read(as_of=as_of, policy=policy)
    changes, _ = later_state(world, Random(5), 0.3)
    keep_change(kept, read, relinked(read.chain, *frames(changes), as_of=as_of), {"n": 1})
    return place


def is_refused(place: OwnFolder) -> bool:
    """Whether what lies there is taken for no chain."""
    question = random_world(5, 30).question
    with suppress(Damaged):
        kept = kept_chain(place)
        if kept is None:
            return True
        kept.read(as_of=question.as_of, policy=policy_of(question))
        return False
    return True


def files_of(place: OwnFolder) -> list[Path]:
    return sorted(file for file in place.folder.iterdir() if file.name != LOCK)


def damages(content: bytes) -> Iterator[bytes]:
    yield content[:-1]
    yield content[: len(content) // 2]
    yield b""
    middle = len(content) // 2
    yield content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    yield content + b"\0"


def test_a_file_that_is_cut_altered_or_missing_is_refused(place: OwnFolder) -> None:
    assert not is_refused(place)
    for file in files_of(place):
        content = file.read_bytes()
        for damaged in damages(content):
            file.write_bytes(damaged)
            assert is_refused(place) or json.loads(damaged) == json.loads(content), file.name
        file.unlink()
        assert is_refused(place), file.name
        file.write_bytes(content)
    assert not is_refused(place)


def test_files_are_their_owners_alone_and_those_of_before_are_gone(place: OwnFolder) -> None:
    kept = kept_in(place)
    assert {file.name for file in files_of(place)} == {
        MANIFEST,
        *(
            f"{part}-{name}-{digest[:16]}.arrow"
            for part in ("whole", "since")
            for name, digest in vars(kept)[part].items()
        ),
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in place.folder.iterdir()} == {0o600}
    folders = [place.folder, *(one for one in place.folder.parents if one.is_relative_to(place.root))]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_a_folder_that_others_may_write_is_not_read(place: OwnFolder) -> None:
    place.folder.chmod(0o770)
    with pytest.raises(NotKept):
        kept_chain(place)


def test_what_somebody_else_kept_meanwhile_stays(place: OwnFolder) -> None:
    world = random_world(6, 12)
    policy, as_of = policy_of(world.question), world.question.as_of
    before = kept_in(place)
    read = before.read(as_of=as_of, policy=policy)
    another = chain_of(*frames(world), as_of=as_of, policy=policy)
    keep_whole(place, another, {"of": "somebody else"})
    keep_change(before, read, read.chain, {"n": 2})
    assert kept_in(place).key == {"of": "somebody else"}
    with place.written_alone() as is_ours:
        assert is_ours
        keep_whole(place, another, {"n": 3})  # while somebody writes, nobody else does
    assert kept_in(place).key == {"of": "somebody else"}


def test_a_chain_that_was_relinked_is_kept_as_a_change_alone(tmp_path: Path) -> None:
    world = random_world(7, 20)
    as_of, policy = world.question.as_of, policy_of(world.question)
    chain = chain_of(*frames(world), as_of=as_of, policy=policy)
    changes, _ = later_state(world, Random(7), 0.5)
    anew = relinked(chain, *frames(changes), as_of=as_of)
    with pytest.raises(ValueError, match="as a change"):
        keep_whole(place_in(tmp_path), anew, {})


def test_an_empty_chain_is_kept_too(tmp_path: Path) -> None:
    question = random_world(0, 0).question
    place, world = place_in(tmp_path), World((), (), question)
    chain = chain_of(*frames(world), as_of=question.as_of, policy=policy_of(question))
    keep_whole(place, chain, {})
    read = kept_in(place).read(as_of=question.as_of, policy=policy_of(question)).chain
    assert_same(read, chain, [EVERY_DAY])
    assert os.listdir(place.folder)  # noqa: PTH208 (that something was written)
    assert isinstance(read.left_deliveries, pl.DataFrame)
