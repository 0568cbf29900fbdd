"""Start Airflow's components from one process that has imported Airflow once.

Run as ``python -P -m ketenbalans.stack.airflow_launcher RUN_FOLDER LOG_FOLDER NAME...``, each name a key of
``COMPONENTS``.
It imports Airflow while the servers still start, then obeys one word per line on its standard input:

* ``migrate``: bring Airflow's tables up to date; answers ``migrated`` or ``failed``;
* ``start``: fork one process per name, each in a session of its own, with its own log and its note in the run folder,
  and end.

It ends without starting anything when its input ends: the ``up`` that asked is gone. Forking saves the import (some
two processor seconds) in all components but one, and they share the memory of what was imported. What the tasks import
of the product, which this package knows nothing of, is named by ``TASK_IMPORTS`` in the environment.
"""

import gc
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from ketenbalans.stack import processes

TASK_IMPORTS = "KETENBALANS_STACK_TASK_IMPORTS"
"""The variable that names modules, with spaces between, which tasks import: they start no thread."""

COMPONENTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
# What a process imports before it receives the order to start. The API server is the slowest by far and shares little
# with the others, so it has a launcher of its own; the others are forked from one.
GROUPS = (("api-server",), ("scheduler", "dag-processor", "triggerer"))
# pandera imports PySpark where the extra is installed, and that starts threads: then each task imports it for itself
IMPORTS_SPARK = () if importlib.util.find_spec("pyspark") else ("pandera.strategies.base_strategies",)

IMPORTED_FIRST = {
    "api-server": (
        "airflow.__main__",
        "airflow.cli.commands.api_server_command",
        "airflow.api_fastapi.core_api.routes.public",
        "airflow.api_fastapi.core_api.routes.ui",
        "airflow.api_fastapi.execution_api.routes",
    ),
    "scheduler": (
        "airflow.__main__",
        "airflow.cli.commands.scheduler_command",
        "airflow.executors.local_executor",
        # what the tasks import, which are forked from here: a second less for each. Only libraries that start no
        # thread that they need (a thread does not survive a fork)
        "jinja2",
        "jsonschema_rs",
        "kafka",
        "narwhals",
        "orjson",
        *IMPORTS_SPARK,
        "psycopg",
        "pydantic_settings",
    ),
    "dag-processor": ("airflow.cli.commands.dag_processor_command",),
    "triggerer": ("airflow.cli.commands.triggerer_command",),
}


def main(run: Path, logs: Path, names: list[str]) -> None:
    """Import, then wait for orders."""
    gc.disable()  # a quarter of the import is spent collecting garbage that is none
    for name in names:
        asked = os.environ.get(TASK_IMPORTS, "").split() if name == "scheduler" else []
        for module in (*IMPORTED_FIRST[name], *asked):
            importlib.import_module(module)
    gc.freeze()  # a collection would write to every object, and a written page is no longer shared
    gc.enable()
    for order in sys.stdin:
        if order.strip() == "migrate":
            answer = "migrated" if _migrate(logs) else "failed"
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()
        if order.strip() == "start":
            for name in names:
                if os.fork() == 0:
                    _become(name, run, logs)
            return


def _migrate(logs: Path) -> bool:
    """Run the migration in a child, so that the parent holds no connection when it forks the components."""
    child = os.fork()
    if child == 0:
        _write_to(logs / "airflow-migrate.log")
        _airflow(["db", "migrate"])
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _become(name: str, run: Path, logs: Path) -> None:
    """Be this component from here on."""
    from setproctitle import setproctitle  # noqa: PLC0415 - comes with Airflow

    os.setsid()
    processes.note(run, f"airflow-{name}", os.getpid())
    _write_to(logs / f"airflow-{name}.log")
    setproctitle(f"ketenbalans: airflow {name}")
    _airflow(COMPONENTS[name])


def _write_to(log: Path) -> None:
    """Send all output to a log and take no more input."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, out), (2, out)):
        os.dup2(source, target)
    os.close(out)
    os.close(nothing)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _airflow(arguments: list[str]) -> None:
    """Run an Airflow command as its own program would, and end this process with it."""
    sys.argv = ["airflow", *arguments]
    importlib.import_module("airflow.__main__").main()
    sys.exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
