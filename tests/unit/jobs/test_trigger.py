"""The watcher of a topic: it says that something waits, again and again, and never ends."""

import asyncio
from collections.abc import Iterable
from types import ModuleType

import pytest

from schemas.catalogue import linked_sources, sources


@pytest.fixture(scope="module")
def trigger() -> ModuleType:
    from ketenbalans.jobs.loading import trigger  # noqa: PLC0415 (Airflow takes seconds: not for a process that only collects)

    return trigger


@pytest.fixture
def quick(trigger: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_EVERY_SECONDS", "LOOK_AT_OTHERS_EVERY_SECONDS", "LONGEST_BACK_OFF_SECONDS"):
        monkeypatch.setattr(trigger, name, 0.0)
    monkeypatch.setattr(trigger, "SAY_AGAIN_AFTER_SECONDS", 3600.0)


def said_when(
    trigger: ModuleType, monkeypatch: pytest.MonkeyPatch, observed: Iterable[int | Exception], wanted: int
) -> tuple[list[int], int]:
    """What it says while it sees one thing after the other, and how often it closed its clients."""
    looks, closed = iter(observed), []

    def look(_watch: object) -> int:
        found = next(looks, 0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(trigger._Watch, "look", look)
    monkeypatch.setattr(trigger._Watch, "close", lambda _watch: closed.append(1))

    async def listen() -> list[int]:
        events, said = trigger.SomethingWaitsTrigger("police_deliveries").run(), []
        async for event in events:
            said.append(event.payload["waiting"])
            if len(said) == wanted:
                break
        await events.aclose()
        return said

    return asyncio.run(asyncio.wait_for(listen(), 10)), len(closed)


def test_it_says_what_waits_once_and_again_when_more_comes(
    quick: None, trigger: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, _ = said_when(trigger, monkeypatch, [0, 3, 3, 3, 5, 5, 0, 5], wanted=3)
    assert said == [3, 5, 5]


def test_it_says_it_again_while_it_still_waits(
    quick: None, trigger: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trigger, "SAY_AGAIN_AFTER_SECONDS", -1.0)
    said, _ = said_when(trigger, monkeypatch, [2, 2, 2], wanted=3)
    assert said == [2, 2, 2]


def test_a_server_that_is_away_is_looked_for_again_with_new_clients(
    quick: None, trigger: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, closed = said_when(trigger, monkeypatch, [ConnectionError(), OSError(), 4], wanted=1)
    assert said == [4]
    assert closed == 3  # after each failure, and at the end


def test_it_looks_at_the_log_itself_at_once_and_now_and_then(
    trigger: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log may go back to an older copy and end where it ended: offsets alone would never say so."""
    watch, clock = trigger._Watch("police_deliveries"), iter([0.0, 1.0, 14.0, 16.0, 17.0])
    asked: list[bool] = []

    def ask(*, also_the_log: bool) -> int:
        asked.append(also_the_log)
        return 0

    monkeypatch.setattr(trigger._Watch, "_open", lambda _watch: ask)
    monkeypatch.setattr(trigger.time, "monotonic", lambda: next(clock))
    for _ in range(4):
        watch.look()
    watch.close()
    watch.look()
    assert asked == [True, False, False, True, True]


def test_a_source_that_is_balanced_is_looked_at_more_often(trigger: ModuleType) -> None:
    often = {name for name in sources() if trigger._look_every_seconds(name) == trigger.LOOK_EVERY_SECONDS}
    assert often == {"extracts", *(source.name for source in linked_sources())}
    assert often < set(sources())


def test_it_can_be_made_again_from_what_it_serialises(trigger: ModuleType) -> None:
    path, arguments = trigger.SomethingWaitsTrigger("om_registrations").serialize()
    assert path == "ketenbalans.jobs.loading.trigger.SomethingWaitsTrigger"
    assert trigger.SomethingWaitsTrigger(**arguments).source == "om_registrations"
