"""Loading as a person starts it, of any topics into any warehouse."""

import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine

from ketenbalans.jobs.loading.ingest_runs import Ingested, ingest_sources
from ketenbalans.settings import Settings
from schemas.declaration import Source

NO_STACK = Path(tempfile.gettempdir()) / "ketenbalans-without-a-stack"
"""A home in which nothing runs: what alerts somebody finds no warehouse to look at, and logs that."""


def ingest_by_hand(asked: Iterable[Source], *, engine: Engine, bootstrap: str) -> Ingested:
    """Load what waits of some sources; nobody is alerted."""
    settings = Settings(kafka_bootstrap=bootstrap, home=NO_STACK)
    return ingest_sources(settings, asked, engine=engine, run=f"by hand {uuid.uuid4()}")
