"""Small police extracts, invented here, and the same ones published and loaded without any fault."""

import itertools
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine

from ketenbalans.broker.sending import OnProgress
from ketenbalans.jobs.loading.ingest import Loaded, ingest
from ketenbalans.jobs.loading.produce import Published, produce
from schemas.declaration import Source
from tests.faults.fault_stack import FaultStack
from tests.faults.lives import CHAIN_KEY
from tests.faults.tables import Tables, tables_of

HEADER = (
    "mutatie;registratienummer;volgnummer_verdachte;skn;eenheid;team;datum_aanlevering;kwalificaties;kst;"
    "overgedragen_aan;tijdstip_mutatie"
)
_NUMBERS = itertools.count(1)


def write_extract(folder: Path, rows: int) -> Path:
    """An extract of new suspects: no other one of this session speaks of them."""
    number = next(_NUMBERS)
    lines = [
        f"aangeleverd;PL0900-2014{row:06d};{number};SYN-{number}-{row};PL0900;TBKK;05-03-2014;bezit;N;;2014-03-05T12:00:00Z"
        for row in range(rows)
    ]
    file = folder / f"police-{number}-2014-12-31.csv"
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return file


def publish(
    stack: FaultStack, source: Source, file: Path, *, on_progress: OnProgress = lambda _done, _of: None
) -> Published:
    return produce(
        source,
        file,
        bootstrap=stack.bootstrap,
        chain_key=CHAIN_KEY,
        covers_until=None,
        on_progress=on_progress,
    )


def load(stack: FaultStack, source: Source, engine: Engine, *, run: str = "run") -> Loaded:
    return ingest(source, engine=engine, bootstrap=stack.bootstrap, run=run)


def same_topic_without_the_fault(stack: FaultStack, source: Source, *, run: str = "run") -> Tables:
    """What one ingest makes of the topic as it is now, in a warehouse of its own, with nobody in its way."""
    engine = stack.new_warehouse()
    load(stack, source, engine, run=run)
    return tables_of(engine)


def same_extracts_without_the_fault(stack: FaultStack, files: Iterable[Path]) -> Tables:
    """What the extracts make when each is published once, on a topic of its own, and loaded at once."""
    source = stack.new_source()
    for file in files:
        publish(stack, source, file)
    return same_topic_without_the_fault(stack, source)
