"""Where the two registers are linked: in this process, or on Spark where one machine is too small (ADR 0013)."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from ketenbalans.columns.parquet import write_state
from ketenbalans.columns.registers import registers_of
from ketenbalans.incidents.extract_checks import no_chain_key_differs
from ketenbalans.jobs.balancing.chains import whole_chain_on
from ketenbalans.jobs.balancing.linked import Linked, linked_as_of
from ketenbalans.jobs.balancing.spark_session import spark_session
from ketenbalans.reconciliation.chain import chain_of
from schemas.policy import Policy
from warehouse.decisions import read_pair_decisions

EngineName = Literal["polars", "spark"]


@contextmanager
def linked_on(  # noqa: PLR0913 (what is linked, by which numbers, where, and from what)
    engine: EngineName, connection: Connection, *, as_of: date, policy: Policy, home: Path, afresh: bool, keeps: bool
) -> Iterator[Linked]:
    """Give the registers as known on a day, linked on an engine, for as long as they are asked.

    Args:
        engine: ``polars`` links in memory; Spark reads the state from Parquet files and links there what is big.
        connection: of the snapshot whose view is wanted; it is needed at the beginning only.
        as_of: the day whose knowledge is used.
        policy: the numbers that a person chose.
        home: the folder under which Spark keeps what it needs meanwhile.
        afresh: whether all is linked in full, whatever is kept; Spark always does.
        keeps: whether the chain is kept for the next who asks (``linked.linked_as_of``); Spark keeps none.

    Raises:
        SparkNotInstalled: the extra is not there.
        ChainKeyDiffers: an extract was made with another chain key, and nobody resumed that; nothing was linked.
    """
    no_chain_key_differs(connection)
    if engine == "polars":
        if afresh:
            yield Linked(whole_chain_on(connection, as_of, policy=policy))
        else:
            yield linked_as_of(connection, as_of, policy=policy, keeps=keeps)
        return
    (home / "spark").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="state-", dir=home / "spark"))
    try:
        written = write_state(registers_of(connection), folder, as_of=as_of)
        decisions = read_pair_decisions(connection, as_of=as_of)
        with spark_session(home / "spark") as session:
            state = (session.read.parquet(str(part)) for part in written)
            yield Linked(chain_of(*state, as_of=as_of, policy=policy, decisions=decisions))
    finally:
        shutil.rmtree(folder)
