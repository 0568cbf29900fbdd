"""The pages in a process of their own, as Airflow mounts them: a request per line of JSON, and an answer per line.

Airflow's own questions are left as they are: who is signed in is a user of its simple auth manager, whose role decides
what they may. Importing it takes seconds, so one process answers for all tests.
"""

import base64
import json
import os
import sys

from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ketenbalans.web.app import pages


def answer_each_line() -> None:
    """Answer until nothing is asked any more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Airflow logs there
    create_auth_manager()
    airflow = FastAPI()
    airflow.mount("/ketenbalans", pages)
    with TestClient(airflow, base_url="http://127.0.0.1:28080", raise_server_exceptions=False) as client:
        for line in sys.stdin:
            asked = json.loads(line)
            os.environ.update(asked["environment"])
            user = SimpleAuthManagerUser(username=asked["user"], role=asked["role"])
            pages.dependency_overrides[get_user] = lambda user=user: user
            answer = client.request(
                asked["method"],
                asked["path"],
                data=asked["fields"],
                headers={"accept": "text/html", **asked.get("headers", {})},
                follow_redirects=False,
            )
            sent = {"status": answer.status_code, "headers": dict(answer.headers)}
            answers.write(json.dumps({**sent, "content": base64.b64encode(answer.content).decode()}) + "\n")
            answers.flush()


if __name__ == "__main__":
    answer_each_line()
