"""What is imported before tasks are forked starts no thread that they need, and works in each of them."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from ketenbalans.jobs.servers.task_imports import JOBS
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.stack.airflow_settings import EMBEDDED_SETTINGS, SETTINGS

FORKED = f"""
import importlib, json, os, sys
importlib.import_module({"ketenbalans.jobs.servers.task_imports"!r})
threads = sorted(open(f"/proc/self/task/{{one}}/comm").read().strip() for one in os.listdir("/proc/self/task"))
import polars as pl
from ketenbalans import code_version

def work():
    rows = pl.DataFrame({{"k": range(100_000)}}).with_columns(v=pl.col("k") % 977)
    summed = rows.lazy().join(rows.lazy(), on="k").group_by("v").agg(pl.len()).sort("v").collect()
    assert summed.height == 977 and summed["len"].sum() == 100_000

codes = []
for _ in range(12):
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
found = code_version.code_version.cache_info().currsize
from ketenbalans.jobs.servers.task_imports import JOBS
missing = sorted({{*JOBS, *code_version.modules_behind_an_answer()}} - set(sys.modules))
print(json.dumps({{"threads": threads, "codes": codes, "version_is_found": found, "missing": missing}}))
"""


def test_polars_is_imported_before_the_fork_and_works_after_it() -> None:
    environment = {**os.environ, **SETTINGS, **EMBEDDED_SETTINGS}
    ended = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", FORKED],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert set(found["threads"]) <= {"python", "polars-ooc-clea", Path(sys.executable).name[:15]}
    assert len(found["threads"]) <= 2, "one of ours, and the one that removes what was spilled"
    assert found["codes"] == [0] * 12
    assert found["version_is_found"] == 1
    assert found["missing"] == []


def test_what_the_dags_that_run_after_a_load_call_is_imported() -> None:
    called = set()
    for dag in ("ingest", "quality", "reconcile", "watch"):
        tree = ast.parse((PROJECT_FOLDER / "dags" / f"{dag}.py").read_text(encoding="utf-8"))
        tasks = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        called |= {node.module for task in tasks for node in ast.walk(task) if isinstance(node, ast.ImportFrom)}
    light = {"ketenbalans.jobs.pages.navigation", "ketenbalans.broker.memory"}
    assert called - light == set(JOBS)
