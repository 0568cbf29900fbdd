"""Say as OpenLineage events which datasets a job read and wrote, where ``KETENBALANS_LINEAGE`` names a place.

A job behaves the same with and without: what cannot be sent is a warning in the log. Events hold names of datasets,
counts of rows, the version of the code and the class of an error; never a row, an error's text, a user or a password.
The package's transports are used and not its client, which would mix in what OPENLINEAGE_* and openlineage.yml say.
"""

import logging
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import SecretStr
from sqlalchemy import Engine

from ketenbalans.code_version import code_version
from ketenbalans.telemetry.errors import TelemetryPlaceInvalid

if TYPE_CHECKING:
    from openlineage.client.event_v2 import OutputDataset, RunEvent
    from openlineage.client.transport import Transport

NAMESPACE = "ketenbalans"
"""Of the jobs; datasets have the namespace of the server that keeps them."""

PRODUCER = "urn:x-ketenbalans"
ANSWERS_WITHIN_SECONDS = 0.8
WAITS_AT_THE_END_SECONDS = 1.0
"""The longest that a job which is done waits for its events to arrive; while it runs it never waits for a server."""

ONE_MEANING = re.compile(r"[^:/]+://(?:[^@/?#]*@)?[^@/?#]*(?:/[^@?#]*)?(?:\?[^@#]*)?")
"""A URL in which no part of a password can be taken for another: no ``@``, ``/``, ``?`` or ``#`` out of place."""

logger = logging.getLogger("ketenbalans.lineage")


@dataclass(frozen=True)
class Dataset:
    """What a job reads or writes, by the names that OpenLineage gives such things."""

    namespace: str
    name: str


class Lineage:
    """One run of a job: what it reads and writes, and how much it wrote so far."""

    def __init__(self, job: str, inputs: Sequence[Dataset], outputs: Sequence[Dataset]) -> None:
        self.job = job
        self.run_id = uuid.uuid4()
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.rows: int | None = None

    def wrote(self, rows: int) -> None:
        """Add to the rows that this run wrote to its one output; saying nothing is not 0.

        Raises:
            ValueError: it has several outputs, so that nobody could report where they are.
        """
        if len(self.outputs) != 1:
            message = f"{self.job} has {len(self.outputs)} outputs: rows are said of a job that has one"
            raise ValueError(message)
        self.rows = (self.rows or 0) + rows


def topic(name: str, bootstrap: str) -> Dataset:
    """A topic of Kafka; of several bootstrap servers the first gives the namespace."""
    server = bootstrap.split(",", maxsplit=1)[0].strip().rpartition("://")[2]
    with_port = server if re.search(r":\d+$", server) else f"{server}:9092"
    return Dataset(f"kafka://{with_port}", name)


def table(name: str, url: str) -> Dataset:
    """A table of PostgreSQL, in ``public``; a socket's folder is written as libpq does.

    A URL of which the parts are in doubt, because a password in it is not percent-encoded, gives ``unknown``.
    """
    host, port, database = _server_of(url)
    return Dataset(f"postgres://{host}:{port}", f"{database}.public.{name}")


def tables(names: Sequence[str], engine: Engine) -> list[Dataset]:
    """Tables of a warehouse."""
    url = engine.url.render_as_string(hide_password=True)
    return [table(name, url) for name in names]


def file(path: Path) -> Dataset:
    """A file, by its absolute path."""
    return Dataset("file", path.absolute().as_posix())


@contextmanager
def run_of(
    job: str, *, inputs: Sequence[Dataset], outputs: Sequence[Dataset], place: SecretStr | None
) -> Iterator[Lineage]:
    """Report that a job starts, and at the end that it is complete or failed; with nothing set it does nothing.

    Args:
        job: its name, the same in every run.
        inputs: what it reads.
        outputs: what it writes; how much is said with ``wrote``.
        place: where to (the setting ``lineage``); None or empty: nowhere.

    Raises:
        TelemetryPlaceInvalid: that is no place; the job has not begun.
    """
    lineage = Lineage(job, inputs, outputs)
    if not place:
        yield lineage
        return
    sender = _Sender(_transport_to(place.get_secret_value().strip()))
    sender.send(_event(lineage, "START"))
    try:
        yield lineage
    except BaseException as error:
        sender.finish(_event(lineage, "FAIL", failed_with=type(error).__name__))
        raise
    sender.finish(_event(lineage, "COMPLETE"))


class _Sender:
    """Sends events in their order, beside the job, so that a server that is slow or away delays nothing."""

    def __init__(self, transport: "Transport") -> None:
        self._transport = transport
        self._events: SimpleQueue[RunEvent | None] = SimpleQueue()
        self._failures: list[str] = []
        self._thread = Thread(target=self._send_all, name="lineage", daemon=True)
        self._thread.start()

    def send(self, event: "RunEvent") -> None:
        """Send an event when those before it are sent."""
        self._events.put(event)

    def finish(self, event: "RunEvent") -> None:
        """Send the last event, wait a little for it to arrive, and log a warning when not all has."""
        self._events.put(event)
        self._events.put(None)
        self._thread.join(WAITS_AT_THE_END_SECONDS)
        failures = [*self._failures, *(["no answer in time"] if self._thread.is_alive() else [])]
        if failures:
            logger.warning(
                "not all lineage of %s arrived (%s); the job itself is not touched by it. Check KETENBALANS_LINEAGE, "
                "and that the place it names can be reached and written to",
                event.job.name,
                ", ".join(dict.fromkeys(failures)),
            )

    def _send_all(self) -> None:
        while (event := self._events.get()) is not None:
            try:
                self._transport.emit(event)
            except Exception as error:  # noqa: BLE001 (lineage is no reason for a job to fail)
                self._failures.append(_reason(error))
        self._transport.close()


def _reason(error: Exception) -> str:
    """The class of an error, or the status that a server answered; its text may hold the URL with a password."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return type(error.__cause__ or error).__name__ if status is None else f"HTTP {status}"


def _transport_to(place: str) -> "Transport":
    scheme, _, rest = place.partition(":")
    if scheme == "file" and (path := re.fullmatch(r"(?://(?=/))?(?!//)(.+)", rest)):
        from openlineage.client.transport.file import FileConfig, FileTransport  # noqa: PLC0415 (only when set)

        return FileTransport(FileConfig(log_file_path=str(Path(path[1]).absolute()), append=True))
    if scheme in {"http", "https"} and _is_a_server(place):
        from openlineage.client.transport.http import HttpConfig, HttpTransport  # noqa: PLC0415 (only when set)

        config = HttpConfig(url=f"{place.rstrip('/')}/", timeout=ANSWERS_WITHIN_SECONDS, retry={"total": 0})
        transport = HttpTransport(config)
        transport.session.max_redirects = 0  # a POST that is redirected becomes a GET, and the event is lost unseen
        return transport
    message = (
        "KETENBALANS_LINEAGE names no place for events: write file:/path/events.jsonl or http(s)://server[:port], "
        "or leave it empty"
    )
    raise TelemetryPlaceInvalid(message)


def _is_a_server(url: str) -> bool:
    try:
        address = urlsplit(url)
        return bool(address.hostname) and address.port != 0 and not address.query and not address.fragment
    except ValueError:
        return False


def _server_of(url: str) -> tuple[str, int, str]:
    """Host, port and database of a PostgreSQL; each is taken from where the URL has it, and the user from nowhere."""
    nobody = ("unknown", 5432, "unknown")
    if ONE_MEANING.fullmatch(url) is None:
        return nobody
    try:
        address = urlsplit(url)
        asked = parse_qs(address.query)
        port = int(asked["port"][0]) if "port" in asked else address.port or 5432
    except ValueError:
        return nobody
    named = address.hostname or "localhost"
    host = quote(asked["host"][0], safe="") if "host" in asked else f"[{named}]" if ":" in named else named
    return host, port, address.path.removeprefix("/") or "unknown"


def _event(lineage: Lineage, state: str, *, failed_with: str | None = None) -> "RunEvent":
    from openlineage.client import event_v2, facet_v2  # noqa: PLC0415 (only when set)

    version = facet_v2.processing_engine_run.ProcessingEngineRunFacet(
        version=code_version(), name=NAMESPACE, producer=PRODUCER
    )
    facets: dict[str, facet_v2.RunFacet] = {"processing_engine": version}
    if failed_with is not None:
        facets["errorMessage"] = facet_v2.error_message_run.ErrorMessageRunFacet(
            message=failed_with, programmingLanguage="python", producer=PRODUCER
        )
    return event_v2.RunEvent(
        eventTime=datetime.now(UTC).isoformat(),
        eventType=event_v2.RunState(state),
        producer=PRODUCER,
        run=event_v2.Run(str(lineage.run_id), facets),
        job=event_v2.Job(NAMESPACE, lineage.job),
        inputs=[event_v2.InputDataset(dataset.namespace, dataset.name) for dataset in lineage.inputs],
        outputs=[_output(dataset, lineage.rows) for dataset in lineage.outputs],
    )


def _output(dataset: Dataset, rows: int | None) -> "OutputDataset":
    from openlineage.client import event_v2, facet_v2  # noqa: PLC0415 (only when set)

    written = facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=rows, producer=PRODUCER
    )
    return event_v2.OutputDataset(
        dataset.namespace, dataset.name, {} if rows is None else {"outputStatistics": written}
    )
