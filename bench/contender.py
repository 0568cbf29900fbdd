"""One contender in a process of its own, on tables that lie ready in a folder: how long it takes and how much memory.

Run as a script with the contender's name, the folder and how many times to run; prints one line of JSON. Nothing but
Polars is imported at the top: a peer may live in an environment of its own, with the versions that it is made for.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import polars.selectors as cs

KEYS = ["dossier_number", "person_token"]
CODED_KEYS = {"police": ("dossier", "person"), "om": ("reported_dossier", "registered_person")}
AT_ONCE = 122_880
"""Rows of a piece that one thread of DuckDB takes, as in its own tables."""


def balance(folder: Path) -> Callable[[], Any]:
    """From state frames to the balance with all rules, as ``reconcile --json`` prints it."""
    from bench.kinds import AS_OF, PERIOD, POLICY  # noqa: PLC0415 (the product is not in a peer's environment)
    from ketenbalans.reconciliation.balance import balance_of  # noqa: PLC0415

    ask = partial(balance_of, *coded_tables(folder), period=PERIOD, as_of=AS_OF, policy=POLICY)
    return lambda: ask().answer().to_json()


def polars_join(folder: Path) -> Callable[[], Any]:
    """Polars' own full outer join of the coded keys that only counts."""
    police, om = coded_tables(folder)
    joined = police.lazy().join(om.lazy(), left_on=CODED_KEYS["police"], right_on=CODED_KEYS["om"], how="full")
    counted = joined.select(rows=pl.len(), police=pl.count("dossier"), om=pl.count("reported_dossier"))
    return lambda: counted.collect().row(0)


COUNT_BY_A_JOIN = """
SELECT count(*), count(dossier), count(reported_dossier)
FROM police FULL OUTER JOIN om ON dossier = reported_dossier AND person = registered_person
"""


def duckdb_join(folder: Path) -> Callable[[], Any]:
    """DuckDB's full outer join of the coded keys that only counts, from memory as it lies there (Arrow)."""
    import duckdb  # noqa: PLC0415 (an extra)

    connection = duckdb.connect()
    for name, frame in zip(("police", "om"), coded_tables(folder), strict=True):
        connection.register(name, in_pieces(frame.select(*CODED_KEYS[name])))
    return lambda: connection.execute(COUNT_BY_A_JOIN).fetchone()


def duckdb_stored_join(folder: Path) -> Callable[[], Any]:
    """The same from tables that DuckDB holds in its own format; loading them is not timed."""
    import duckdb  # noqa: PLC0415 (an extra)

    connection = duckdb.connect()
    for name, frame in zip(("police", "om"), coded_tables(folder), strict=True):
        connection.register("given", in_pieces(frame.with_columns(cs.categorical().cast(pl.String))))
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        connection.unregister("given")
    return lambda: connection.execute(COUNT_BY_A_JOIN).fetchone()


def datacompy(folder: Path) -> Callable[[], Any]:
    """What datacompy makes of Polars frames, of the two keys as text alone: who is only here, only there, in both."""
    from datacompy.polars import PolarsCompare  # noqa: PLC0415 (an environment of its own)

    police, om = (frame.select(KEYS) for frame in tables(folder, "words"))

    def compare() -> tuple[int, ...]:
        compared = PolarsCompare(police, om, join_columns=KEYS)
        return tuple(rows.height for rows in (compared.intersect_rows, compared.df1_unq_rows, compared.df2_unq_rows))

    return compare


def reladiff(folder: Path) -> Callable[[], Any]:
    """What reladiff makes of DuckDB tables of the two keys as text, without the missing and double ones: it takes none.

    Joined inside DuckDB in four segments at a time; its own default is slower here, and so are its hashes.
    """
    import duckdb  # noqa: PLC0415 (an extra)
    from reladiff import Algorithm, connect, connect_to_table, diff_tables  # noqa: PLC0415 (an extra)

    file = folder / "reladiff.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(file) as connection:
        for name, frame in zip(("police", "om"), tables(folder, "words"), strict=True):
            connection.register("given", frame.select(KEYS).drop_nulls().unique().to_arrow())
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            connection.unregister("given")
    database = connect({"driver": "duckdb", "filepath": str(file)})
    police, om = (connect_to_table(database, name, KEYS) for name in ("police", "om"))
    ask = partial(diff_tables, police, om, algorithm=Algorithm.JOINDIFF, max_threadpool_size=2, bisection_factor=4)

    def compare() -> int:
        with ask() as differences:
            return sum(1 for _ in differences)

    return compare


CONTENDERS: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "balance": balance,
    "polars join": polars_join,
    "duckdb join": duckdb_join,
    "duckdb stored": duckdb_stored_join,
    "datacompy": datacompy,
    "reladiff": reladiff,
}


def tables(folder: Path, form: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both tables in memory, ``coded`` or in ``words``."""
    police, om = (pl.read_ipc(folder / f"{form}-{name}.arrow") for name in ("police", "om"))
    return police, om


def coded_tables(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both coded states; a file does not remember that they are sorted."""
    police, om = tables(folder, "coded")
    return police.with_columns(pl.col("dossier").set_sorted()), om.with_columns(pl.col("reported_dossier").set_sorted())


def in_pieces(frame: pl.DataFrame) -> Any:
    """The frame as Arrow shows it, in pieces that several threads can take; nothing is copied."""
    import pyarrow as pa  # noqa: PLC0415 (an extra)

    return pa.Table.from_batches(frame.to_arrow().to_batches(max_chunksize=AT_ONCE))


def measured(ask: Callable[[], Any], *, runs: int) -> dict[str, Any]:
    """Seconds of the best run and of the middle one after a first, and memory before and at the top of the first.

    The best is what the work takes when nobody else uses the machine; on a shared one the middle says how often that
    is. Memory is that of the whole process, in GB (Linux).
    """
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew: loading the tables is not in it
    answer, took = ask(), []
    peak = memory("VmHWM")
    for _ in range(runs):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return {"best": min(took), "middle": median(took), "before": before, "peak": peak, "answer": answer}


def memory(line: str) -> float:
    """A line of the kernel's account of this process, in GB."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[line].split()[0]) / 1024**2


if __name__ == "__main__":
    name, folder, runs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(measured(CONTENDERS[name](folder), runs=runs)))
