"""Leave a note on the task that runs: what it did, where to look, and when it failed what to do.

A note is for people and changes nothing: when Airflow's API does not take it, the log says so and the task goes on.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from ketenbalans.jobs.pages.navigation import BALANCE
from ketenbalans.jobs.servers.addresses import airflow_sign_in_of
from ketenbalans.settings import Settings
from schemas.control_signs import escape_control_signs

LONGEST_NOTE = 1000
ANSWERS_WITHIN_SECONDS = 3.0

logger = logging.getLogger("ketenbalans.notes")


class Note:
    """What is to be said about a task, line by line, in Markdown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """Add a line; a text of a source or of an error stays on it."""
        self.lines.append(escape_control_signs(line))

    def __str__(self) -> str:
        """The note as Airflow takes it: whole lines, as many as there is room for."""
        for kept in range(len(self.lines), 0, -1):
            rest = [f"... and {len(self.lines) - kept} more"] if kept < len(self.lines) else []
            text = "\n".join([*self.lines[:kept], *rest])
            if len(text) <= LONGEST_NOTE:
                return text
        return "\n".join(self.lines)[:LONGEST_NOTE]


@contextmanager
def noted(settings: Settings) -> Iterator[Note]:
    """Give a note for the task that runs; it is left on the task at the end, also when the task fails or is skipped."""
    from airflow.sdk.exceptions import AirflowSkipException  # noqa: PLC0415 (only a task has it)

    note = Note()
    try:
        yield note
    except AirflowSkipException as skipped:
        note.say(f"Skipped: {skipped}.")
        leave(note, settings)
        raise
    except Exception as error:
        if not note.lines:
            note.say(f"**{type(error).__name__}**: {_one_line(error)}")
            note.say(
                f"**What to do:** as said above; the DAG's Docs are its runbook, [here]({BALANCE}) is where all stands."
            )
        leave(note, settings)
        raise
    leave(note, settings)


def leave(note: Note, settings: Settings) -> None:
    """Leave a note on the task that runs; an empty one is none."""
    if not note.lines:
        return
    try:
        _patch(str(note), settings)
    except Exception as error:  # noqa: BLE001 (a note is no reason for a task to fail)
        logger.info("the note could not be left on the task (%s): %s", type(error).__name__, note)


def _patch(text: str, settings: Settings) -> None:
    import httpx  # noqa: PLC0415
    from airflow.sdk import get_current_context  # noqa: PLC0415
    from airflow.sdk.configuration import conf  # noqa: PLC0415

    task: Any = get_current_context()["ti"]
    base = str(conf.get("core", "execution_api_server_url")).removesuffix("/execution/")  # as tasks reach it
    with httpx.Client(base_url=base, timeout=ANSWERS_WITHIN_SECONDS, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {_token(client, settings)}"}
        place = f"/api/v2/dags/{task.dag_id}/dagRuns/{quote(task.run_id, safe='')}/taskInstances/{task.task_id}"
        client.patch(place, params={"update_mask": "note"}, json={"note": text}, headers=headers).raise_for_status()


def _token(client: Any, settings: Settings) -> str:
    """A token of the API for whom the settings or the stack name; without a password where none is asked."""
    sign_in = airflow_sign_in_of(settings)
    if sign_in is None:
        answer = client.get("/auth/token")
    else:
        answer = client.post("/auth/token", json={"username": sign_in.user, "password": sign_in.password})
    return str(answer.raise_for_status().json()["access_token"])


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
