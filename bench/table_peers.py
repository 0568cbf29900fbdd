"""What others make of two tables that lie in PostgreSQL: which keys are only here, only there, in both.

Run as a script in the environment of these peers (``table_peers.lock``), with a peer's name and how libpq finds the
database; prints one line of JSON: seconds, and the three numbers (reladiff: of the first two only their sum).
"""

import json
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

KEYS = ["dossier_number", "person"]
TABLES = "bench_police", "bench_om"

COUNTED = """
SELECT count(*) FILTER (o.dossier_number IS NULL), count(*) FILTER (p.dossier_number IS NULL),
       count(*) FILTER (p.dossier_number IS NOT NULL AND o.dossier_number IS NOT NULL)
FROM db.bench_police p FULL OUTER JOIN db.bench_om o ON p.dossier_number = o.dossier_number AND p.person = o.person
"""


def duckdb(database: dict[str, str]) -> Callable[[], Any]:
    """DuckDB reads both tables through its scanner of PostgreSQL and joins them itself."""
    import duckdb  # noqa: PLC0415 (of the peers)

    found = find_spec("duckdb_extension_postgres_scanner")
    scanner = next(iter((found and found.submodule_search_locations) or ()))
    folder = f"{scanner}/extensions/v{duckdb.__version__}"
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute(f"LOAD '{folder}/postgres_scanner.duckdb_extension'")
    connection.execute(
        f"ATTACH '{' '.join(f'{name}={value}' for name, value in database.items())}' AS db (TYPE postgres)"
    )
    return lambda: connection.execute(COUNTED).fetchone()


def reladiff(database: dict[str, str]) -> Callable[[], Any]:
    """What reladiff says: it lets PostgreSQL join both tables, in four segments at a time."""
    from reladiff import Algorithm, connect, connect_to_table, diff_tables  # noqa: PLC0415 (of the peers)

    there = connect({"driver": "postgresql", **database})
    police, om = (connect_to_table(there, name, KEYS) for name in TABLES)

    def compare() -> int:
        with diff_tables(
            police, om, algorithm=Algorithm.JOINDIFF, max_threadpool_size=2, bisection_factor=4
        ) as differences:
            return sum(1 for _ in differences)

    return compare


PEERS = {"duckdb": duckdb, "reladiff": reladiff}

if __name__ == "__main__":
    ask = PEERS[sys.argv[1]](json.loads(sys.argv[2]))
    started = time.perf_counter()
    answer = ask()
    print(json.dumps({"seconds": time.perf_counter() - started, "answer": answer}))
