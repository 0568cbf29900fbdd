"""Airflow's API, as its UI uses it."""

import time
from typing import Any
from urllib.parse import quote

import httpx


class Airflow:
    """The API of the Airflow that a stack reported."""

    def __init__(self, answer: dict[str, str]) -> None:
        self.client = httpx.Client(base_url=answer["url"], timeout=20, trust_env=False)
        credentials = {"username": answer["user"], "password": answer["password"]}
        token = self.client.post("/auth/token", json=credentials).raise_for_status().json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v2/{path}").raise_for_status().json()

    def run(self, dag: str, **conf: str) -> str:
        """Trigger a DAG and wait for its end; gives the id of the run."""
        body = {"logical_date": None, "conf": conf}
        run: str = self.client.post(f"/api/v2/dags/{dag}/dagRuns", json=body).raise_for_status().json()["dag_run_id"]
        self.state_at_the_end_of(dag, run)
        return run

    def state_at_the_end_of(self, dag: str, run: str) -> str:
        """Wait for the end of a run."""
        deadline = time.monotonic() + 240
        while (state := self.get(f"dags/{dag}/dagRuns/{quote(run, safe='')}")["state"]) not in ("success", "failed"):
            assert time.monotonic() < deadline, f"{dag} did not end"
            time.sleep(0.3)
        return str(state)

    def task(self, dag: str, run: str, task: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"dags/{dag}/dagRuns/{quote(run, safe='')}/taskInstances/{task}")
        return found
