"""Lineage: the same job with and without it, and events that hold names and counts and nothing of a person."""

import json
import logging
import re
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from ketenbalans.code_version import code_version
from ketenbalans.settings import Settings
from ketenbalans.telemetry.errors import TelemetryPlaceInvalid
from ketenbalans.telemetry.lineage import Dataset, file, run_of, table, tables, topic

IN = topic("police.deliveries", "localhost:9092")
OUT = table("police_deliveries", "postgresql+psycopg://loader:geheim@db.example:5433/keten")
OTHER = table("dead_letter", "postgresql+psycopg://loader:geheim@db.example:5433/keten")
LONGEST_DELAY_SECONDS = 2.0


class WentWrong(Exception):
    """What a job fails with."""


@contextmanager
def serving(status: int = 201, headers: dict[str, str] | None = None) -> Iterator[SimpleNamespace]:
    """A lineage server that answers one status and keeps what it was asked."""
    asked: list[SimpleNamespace] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(SimpleNamespace(path=self.path, headers=dict(self.headers), event=json.loads(body)))
            self.answer(status, headers or {})

        def do_GET(self) -> None:
            self.answer(200, {})

        def answer(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", asked=asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def listening(answer: bytes = b"", every_seconds: float = 0.1) -> Iterator[int]:
    """A server that takes every connection and never comes to an end; it dribbles what it has to say."""
    over = threading.Event()

    def dribble(connection: socket.socket) -> None:
        with connection:
            for byte in answer or b"":
                if over.wait(every_seconds):
                    return
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return
            over.wait()

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=dribble, args=(connection,), daemon=True))
            threads[-1].start()

    server = socket.create_server(("127.0.0.1", 0))
    threads = [threading.Thread(target=accept, daemon=True)]
    threads[0].start()
    try:
        yield server.getsockname()[1]
    finally:
        over.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for thread in threads:
            thread.join(5)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def events_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def settings_for(place: str) -> Settings:
    return Settings(lineage=place)


def delay_of(place: str) -> float:
    """Seconds that a job which does nothing takes, the import of the package not counted."""
    import openlineage.client  # noqa: F401, PLC0415

    begun = time.perf_counter()
    with run_of("a_job", inputs=[IN], outputs=[OUT], place=settings_for(place).lineage) as lineage:
        lineage.wrote(1)
    return time.perf_counter() - begun


# One run says one story


def test_a_run_starts_and_completes_under_one_id_and_says_the_same_datasets_twice(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with run_of("ingest", inputs=[IN], outputs=[OUT], place=settings_for(f"file:{path}").lineage) as lineage:
        assert not path.exists() or len(events_in(path)) <= 1
    start, complete = events_in(path)
    assert [start["eventType"], complete["eventType"]] == ["START", "COMPLETE"]
    assert start["run"]["runId"] == complete["run"]["runId"] == str(lineage.run_id)
    assert uuid.UUID(start["run"]["runId"]).version == 4
    assert start["job"] == complete["job"]
    assert (start["job"]["namespace"], start["job"]["name"]) == ("ketenbalans", "ingest")
    for event in (start, complete):
        assert [(each["namespace"], each["name"]) for each in event["inputs"]] == [(IN.namespace, IN.name)]
        assert [(each["namespace"], each["name"]) for each in event["outputs"]] == [(OUT.namespace, OUT.name)]
        assert event["run"]["facets"]["processing_engine"]["version"] == code_version()
        assert event["schemaURL"].endswith("#/$defs/RunEvent")
    began, ended = (datetime.fromisoformat(event["eventTime"]) for event in (start, complete))
    assert began.utcoffset() is not None
    assert began <= ended


def test_two_runs_have_two_ids(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for _ in range(2):
        with run_of("ingest", inputs=[], outputs=[], place=settings_for(f"file:{path}").lineage):
            pass
    assert len({event["run"]["runId"] for event in events_in(path)}) == 2


@pytest.mark.parametrize("raised", [WentWrong, KeyboardInterrupt, SystemExit])
def test_a_job_that_fails_says_the_class_and_never_the_text(
    tmp_path: Path, raised: type[WentWrong] | type[KeyboardInterrupt] | type[SystemExit]
) -> None:
    path, secret = tmp_path / "events.jsonl", "PL0900-2014000123"
    error = raised(secret)
    with (
        pytest.raises(raised) as caught,
        run_of("ingest", inputs=[IN], outputs=[OUT], place=settings_for(f"file:{path}").lineage) as lineage,
    ):
        lineage.wrote(3)
        raise error from ValueError(secret)
    assert caught.value is error
    _, fail = events_in(path)
    assert fail["eventType"] == "FAIL"
    said = fail["run"]["facets"]["errorMessage"]
    assert {key: said[key] for key in said if not key.startswith("_")} == {
        "message": raised.__name__,
        "programmingLanguage": "python",
    }
    assert fail["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 3
    assert secret not in path.read_text("utf-8")


@given(st.lists(st.integers(0, 10**6), max_size=5))
def test_rows_add_up_whether_or_not_anybody_is_reported(batches: list[int]) -> None:
    with run_of("ingest", inputs=[IN], outputs=[OUT], place=settings_for("").lineage) as lineage:
        for rows in batches:
            lineage.wrote(rows)
    assert lineage.rows == (sum(batches) if batches else None)


def test_nothing_said_is_not_no_rows(tmp_path: Path) -> None:
    for number, rows in enumerate((0, None)):
        path = tmp_path / f"{number}.jsonl"
        with run_of("ingest", inputs=[IN], outputs=[OUT], place=settings_for(f"file:{path}").lineage) as lineage:
            if rows is not None:
                lineage.wrote(rows)
        (output,) = events_in(path)[1]["outputs"]
        assert ("outputStatistics" in output["outputFacets"]) is (rows is not None)


@pytest.mark.parametrize("place", ["", "file:/dev/null"])
def test_rows_of_several_outputs_are_refused_with_and_without_lineage(place: str) -> None:
    with (
        run_of("ingest", inputs=[IN], outputs=[OUT, OTHER], place=settings_for(place).lineage) as lineage,
        pytest.raises(ValueError, match="2 outputs"),
    ):
        lineage.wrote(1)


# Nothing set costs nothing


def test_nothing_set_imports_and_sends_nothing() -> None:
    program = (
        "import sys\nfrom ketenbalans.telemetry.lineage import run_of, table, topic\n"
        "from ketenbalans.settings import Settings\n"
        "with run_of('a', inputs=[topic('t', 'h:1')], outputs=[table('t', 'postgresql://h/d')], "
        "place=Settings().lineage) as lineage: lineage.wrote(1)\n"
        "import threading\nprint(any(name.split('.')[0] in ('openlineage', 'requests') for name in sys.modules), "
        "threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False", "1"]


# Where events go


def test_events_are_posted_in_their_order(tmp_path: Path) -> None:
    with serving() as server:
        with run_of("ingest", inputs=[IN], outputs=[OUT], place=settings_for(server.url).lineage) as lineage:
            lineage.wrote(7)
        assert [each.event["eventType"] for each in server.asked] == ["START", "COMPLETE"]
        assert {each.path for each in server.asked} == {"/api/v1/lineage"}
        assert {each.headers["Content-Type"] for each in server.asked} == {"application/json"}
        assert server.asked[1].event["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 7


def test_the_start_is_reported_while_the_job_runs() -> None:
    with serving() as server, run_of("ingest", inputs=[], outputs=[], place=settings_for(server.url).lineage):
        until = time.monotonic() + 5
        while not server.asked and time.monotonic() < until:
            time.sleep(0.005)
        assert [each.event["eventType"] for each in server.asked] == ["START"]


def test_a_server_below_a_path_is_asked_below_that_path() -> None:
    with serving() as server:
        delay_of(f"{server.url}/marquez")
        assert {each.path for each in server.asked} == {"/marquez/api/v1/lineage"}


def test_what_stands_in_the_environment_of_openlineage_is_never_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES", '["KETENBALANS_CHAIN_KEY"]')
    monkeypatch.setenv("KETENBALANS_CHAIN_KEY", "geheim-geheim")
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    path = tmp_path / "events.jsonl"
    delay_of(f"file:{path}")
    assert len(events_in(path)) == 2
    assert "geheim" not in path.read_text("utf-8")


@pytest.mark.parametrize("form", ["file:{}", "file://{}", " file:{} "])
def test_a_file_is_added_to(tmp_path: Path, form: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"eventType": "kept"}\n', encoding="utf-8")
    delay_of(form.format(path))
    assert [event["eventType"] for event in events_in(path)] == ["kept", "START", "COMPLETE"]


def test_runs_at_the_same_time_never_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    many = [Dataset("file", f"/data/{number:0100}.csv") for number in range(200)]  # well over a buffer of 8 KB

    def run(_: int) -> None:
        with run_of("ingest", inputs=many, outputs=[OUT], place=settings_for(f"file:{path}").lineage):
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(24)))
    events = events_in(path)
    assert len(events) == 48
    assert len({(event["run"]["runId"], event["eventType"]) for event in events}) == 48


# A place that is away is a warning


def away(place: str, caplog: pytest.LogCaptureFixture) -> str:
    """Run a job against a place that is away; gives the one warning."""
    with caplog.at_level(logging.DEBUG, logger="ketenbalans.lineage"):
        assert delay_of(place) < LONGEST_DELAY_SECONDS
    (record,) = [record for record in caplog.records if record.name == "ketenbalans.lineage"]
    assert record.levelno == logging.WARNING
    assert "KETENBALANS_LINEAGE" in record.getMessage()
    assert "\n" not in record.getMessage()
    return record.getMessage()


def test_no_server_there(caplog: pytest.LogCaptureFixture) -> None:
    said = away(f"http://user:geheim@127.0.0.1:{free_port()}", caplog)
    assert "ConnectionError" in said
    assert "geheim" not in said


def test_a_server_that_never_answers(caplog: pytest.LogCaptureFixture) -> None:
    with listening() as port:
        assert re.search("Timeout|no answer", away(f"http://127.0.0.1:{port}", caplog))


def test_a_server_that_never_answers_is_given_up_while_the_job_runs(caplog: pytest.LogCaptureFixture) -> None:
    with (
        listening() as port,
        run_of("a", inputs=[], outputs=[], place=settings_for(f"http://127.0.0.1:{port}").lineage),
    ):
        time.sleep(1.5)
    assert "ReadTimeout" in caplog.text


def test_a_server_that_answers_without_end(caplog: pytest.LogCaptureFixture) -> None:
    with listening(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000) as port:
        assert "no answer in time" in away(f"http://127.0.0.1:{port}", caplog)


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_a_server_that_refuses(caplog: pytest.LogCaptureFixture, status: int) -> None:
    with serving(status) as server:
        assert f"HTTP {status}" in away(server.url, caplog)
        assert len(server.asked) == 2  # each event once: a refusal is not tried again


def test_a_redirect_loses_no_event_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    with serving(301, {"Location": "/elsewhere"}) as server:
        assert away(server.url, caplog)


@pytest.mark.parametrize("place", ["file:{}/no/such/folder/events.jsonl", "file:{}"])
def test_a_file_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str) -> None:
    assert re.search("FileNotFoundError|IsADirectoryError", away(place.format(tmp_path), caplog))


def test_a_job_that_fails_fails_with_its_own_error_when_the_server_is_away() -> None:
    place = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(WentWrong), run_of("a", inputs=[], outputs=[], place=settings_for(place).lineage):
        raise WentWrong


@pytest.mark.parametrize(
    "place",
    [
        "geheim", "ftp://geheim@host", "file:", "file://", "file://geheim/events.jsonl", "http:", "http://", "http:///x",
        "https://host:geheim", "http://host:0", "http://host?geheim=1", "http://host:99999", "http://[geheim",
    ],
)  # fmt: skip
def test_a_setting_that_names_no_place_is_a_clear_error_before_the_job_begins(place: str) -> None:
    begun = False
    with (
        pytest.raises(TelemetryPlaceInvalid, match=r"KETENBALANS_LINEAGE.*file:/path") as caught,
        run_of("a", inputs=[], outputs=[], place=settings_for(place).lineage),
    ):
        begun = True
    assert not begun
    assert "geheim" not in str(caught.value)


# Names


@pytest.mark.parametrize(
    ("dataset", "namespace", "name"),
    [
        (topic("om.registrations", "kafka.example:9093"), "kafka://kafka.example:9093", "om.registrations"),
        (topic("om.registrations", "one:9093, two:9093"), "kafka://one:9093", "om.registrations"),
        (topic("om.registrations", "SASL_SSL://one"), "kafka://one:9092", "om.registrations"),
        (topic("om.registrations", "[::1]:9094"), "kafka://[::1]:9094", "om.registrations"),
        (topic("om.registrations", "[::1]"), "kafka://[::1]:9092", "om.registrations"),
        (OUT, "postgres://db.example:5433", "keten.public.police_deliveries"),
        (table("balance", "postgresql://u@[::1]:6/keten"), "postgres://[::1]:6", "keten.public.balance"),
        (table("b", "postgresql://u@/keten?host=/tmp/pg&port=7"), "postgres://%2Ftmp%2Fpg:7", "keten.public.b"),
        (table("b", "postgresql://u@/keten?host=%2Ftmp%2Fpg"), "postgres://%2Ftmp%2Fpg:5432", "keten.public.b"),
        (table("balance", "postgresql:///keten"), "postgres://localhost:5432", "keten.public.balance"),
        (table("balance", "postgresql://db"), "postgres://db:5432", "unknown.public.balance"),
        (table("balance", "postgresql://db:port/keten"), "postgres://unknown:5432", "unknown.public.balance"),
        (table("balance", "no url"), "postgres://unknown:5432", "unknown.public.balance"),
        (file(Path("/data/x y.csv")), "file", "/data/x y.csv"),
        (file(Path("x.csv")), "file", f"{Path.cwd().as_posix()}/x.csv"),
    ],
)  # fmt: skip
def test_a_dataset_is_named_as_openlineage_names_it(dataset: Dataset, namespace: str, name: str) -> None:
    assert dataset == Dataset(namespace, name)


def test_tables_of_a_warehouse_are_those_of_its_url() -> None:
    engine = create_engine("postgresql+psycopg://loader:gehe%40im@db.example:5433/keten")
    assert tables(["police_deliveries", "dead_letter"], engine) == [OUT, OTHER]


@given(
    before=st.text("x@/:?#%&=[]! \n", max_size=4),
    after=st.text("x@/:?#%&=[]! \n", max_size=4),
    form=st.sampled_from(
        [
            "postgresql+psycopg://user:{}@db:5432/keten",
            "postgresql+psycopg://user:{}@/keten?host=/tmp/pg",
            "postgresql://db:5432/keten?user=u&password={}",
            "postgresql://{}@db/keten?host=h&port=5",
        ]
    ),
)
def test_no_password_is_ever_in_a_name(before: str, after: str, form: str) -> None:
    dataset = table("balance", form.format(f"{before}geheim{after}"))
    assert "geheim" not in f"{dataset}"
    assert dataset.name.endswith(".public.balance")
