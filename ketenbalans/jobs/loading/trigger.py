"""The watcher of a topic: an Airflow trigger that says *something waits*, and nothing more.

It joins no consumer group and moves no offset, so a signal that is lost, doubled or too early changes no figure: the
ingest task reads with the offsets in the warehouse. It says so again for as long as something waits. It never ends: a
server that is away is a reason to look again later.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from schemas.catalogue import linked_sources
from schemas.sources.extracts import SOURCE as EXTRACTS

LOOK_EVERY_SECONDS = 0.3
LOOK_AT_OTHERS_EVERY_SECONDS = 1.0
"""At a source that no balance waits for: a look costs some milliseconds of a core, for each source."""
SAY_AGAIN_AFTER_SECONDS = 10.0
"""While the same messages still wait: the run that should have loaded them may have died."""
LONGEST_BACK_OFF_SECONDS = 10.0
LOOK_AT_THE_LOG_EVERY_SECONDS = 15.0
"""Whether the log is still the one that was loaded: it may go back to an older copy and nothing new come after that."""


class SomethingWaitsTrigger(BaseEventTrigger):
    """Fires when the end of a source's topic differs from the offsets stored in the warehouse.

    Args:
        source: the name of the source.
    """

    def __init__(self, source: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.source = source

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Say how to make this trigger again: its class and its arguments."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"source": self.source}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look up to three times a second; fire when something waits, again when more came or when it still waits."""
        watch, look_every_seconds = _Watch(self.source), _look_every_seconds(self.source)
        reported, reported_at, back_off_seconds = 0, 0.0, LOOK_EVERY_SECONDS
        try:
            while True:
                try:
                    waits = await asyncio.to_thread(watch.look)
                except Exception as error:  # noqa: BLE001 (whatever it is, the watch goes on: see the module)
                    self.log.warning("%s: cannot look (%s); looking again later", self.source, type(error).__name__)
                    await asyncio.to_thread(watch.close)
                    await asyncio.sleep(back_off_seconds)
                    back_off_seconds = min(2 * back_off_seconds, LONGEST_BACK_OFF_SECONDS)
                    continue
                back_off_seconds = LOOK_EVERY_SECONDS
                if waits and (waits != reported or time.monotonic() - reported_at > SAY_AGAIN_AFTER_SECONDS):
                    reported, reported_at = waits, time.monotonic()
                    yield TriggerEvent({"source": self.source, "waiting": waits})  # type: ignore[no-untyped-call]
                elif not waits:
                    reported = 0
                await asyncio.sleep(look_every_seconds)
        finally:
            watch.close()


def _look_every_seconds(source: str) -> float:
    is_balanced = source == EXTRACTS.name or source in {one.name for one in linked_sources()}
    return LOOK_EVERY_SECONDS if is_balanced else LOOK_AT_OTHERS_EVERY_SECONDS


class _Watch:
    """Open clients for one source, so that each look costs two requests and a query, and now and then a fetch."""

    def __init__(self, source_name: str) -> None:
        self.source_name = source_name
        self.clients = ExitStack()
        self.ask: Callable[..., int] | None = None
        self.log_compared_at: float | None = None

    def look(self) -> int:
        """How many offsets wait; the clients are opened when they are not."""
        if self.ask is None:
            self.ask = self._open()
        now = time.monotonic()
        is_due = self.log_compared_at is None or now - self.log_compared_at > LOOK_AT_THE_LOG_EVERY_SECONDS
        waits = self.ask(also_the_log=is_due)
        if is_due:
            self.log_compared_at = now
        return waits

    def close(self) -> None:
        """Close the clients; ``look`` opens new ones."""
        self.ask = self.log_compared_at = None
        self.clients.close()

    def _open(self) -> Callable[..., int]:
        # a DAG file names this module, so it may cost no import that only a watcher needs
        from ketenbalans.broker.reading import TopicReader  # noqa: PLC0415
        from ketenbalans.broker.rights import INGEST  # noqa: PLC0415
        from ketenbalans.jobs.loading.ingest import waiting_on  # noqa: PLC0415
        from ketenbalans.jobs.servers.addresses import warehouse_url  # noqa: PLC0415
        from ketenbalans.jobs.servers.kafka_roles import kafka_for  # noqa: PLC0415
        from ketenbalans.settings import Settings  # noqa: PLC0415
        from schemas.catalogue import source_named  # noqa: PLC0415
        from warehouse.database import connect  # noqa: PLC0415

        settings, source = Settings(), source_named(self.source_name)
        engine = connect(warehouse_url(settings))
        self.clients.callback(engine.dispose)
        reader = self.clients.enter_context(TopicReader(kafka_for(settings, INGEST), source.topic))
        return partial(waiting_on, reader, source, engine=engine)
