"""The pages as somebody uses them who is signed in: opening one, and sending a form that is on it."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from tests.unit.web.markup import Form, Markup

REPOSITORY = Path(__file__).resolve().parents[3]
PLACE = "/ketenbalans/"


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def html(self) -> str:
        return self.content.decode()

    @property
    def markup(self) -> Markup:
        return Markup(self.html)

    @property
    def text(self) -> str:
        """What a person reads, on one line."""
        return " ".join(self.markup.text.split())

    @property
    def leads_to(self) -> str:
        """Where it leads on, below the first page."""
        return self.headers["location"].removeprefix(PLACE)

    def form(self, action: str, **fields: str) -> Form:
        """The form on it that is sent there, and holds these fields."""
        found = [
            one for one in self.markup.posts if one.action == PLACE + action and fields.items() <= one.fields.items()
        ]
        assert len(found) == 1, (action, [one.action for one in self.markup.posts])
        return found[0]


@dataclass(frozen=True)
class Pages:
    """Somebody at the pages of a warehouse."""

    process: "subprocess.Popen[str]"
    environment: dict[str, str] = field(default_factory=dict)
    user: str = "anna"
    role: str = "op"

    def as_(self, user: str, role: str = "op") -> "Pages":
        return replace(self, user=user, role=role)

    def of(self, engine: Engine, **environment: str) -> "Pages":
        url = engine.url.render_as_string(hide_password=False)
        return replace(self, environment={"KETENBALANS_WAREHOUSE_URL": url, **environment})

    def get(self, path: str, **headers: str) -> Answered:
        return self._ask("GET", PLACE + path, headers=headers)

    def post(self, path: str, **fields: str) -> Answered:
        """Send what no page gave."""
        return self._ask("POST", PLACE + path, fields)

    def send(self, form: Form, **typed: str) -> Answered:
        """Send a form of a page that was opened, with what was typed into it."""
        assert typed.keys() <= form.fields.keys()
        return self._ask("POST", form.action, {**form.fields, **typed})

    def send_all(self, form: Form, **typed: Any) -> Answered:
        """Send a form with what is no field to type into too: boxes that were ticked, the button that was pressed."""
        return self._ask("POST", form.action, {**form.fields, **typed})

    def sent_from(self, page: str, action: str, **typed: str) -> Answered:
        """Open a page and send one of its forms; gives the page that it leads to, or the refusal."""
        answer = self.send(self.get(page).form(action), **typed)
        return self.get(answer.leads_to) if answer.status == 303 else answer

    def _ask(
        self,
        method: str,
        path: str,
        fields: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answered:
        asked = {"method": method, "path": path, "fields": fields, "user": self.user, "role": self.role}
        asked["headers"] = headers or {}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({**asked, "environment": self.environment}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the process of the pages has ended; its error is above"
        found: dict[str, Any] = json.loads(line)
        return Answered(found["status"], found["headers"], base64.b64decode(found["content"]))


@contextmanager
def pages_opened(folder: Path) -> Iterator[Pages]:
    """A process of the pages with a home in this folder, until the end of the block."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "AIRFLOW_HOME": str(folder / "airflow"),
        "KETENBALANS_HOME": str(folder / "home"),
        "PYTHONPATH": str(REPOSITORY),
    }
    module = [sys.executable, "-m", "tests.integration.web.pages_process"]
    with subprocess.Popen(
        module, env=environment, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Pages(process)
        assert process.stdin is not None
        process.stdin.close()
