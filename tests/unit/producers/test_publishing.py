"""Publishing against a client that answers as reported: what is counted, what is promised when Kafka goes away."""

import gc
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

import ketenbalans.jobs.loading.produce
from ketenbalans.broker import sending as publish
from ketenbalans.broker.errors import BrokerUnreachable, PublicationInterrupted
from ketenbalans.broker.sending import Publisher, Receipt
from ketenbalans.jobs.loading.produce import Published, RejectedBy, produce
from producers.control import control_record
from producers.errors import ChainKeyMissing, CoverageUnknown, ExtractChanged, ProduceError
from schemas.catalogue import source_named
from tests.unit.producers.extracts import KEY, POLICE, SKN, TOTALS, csv_text, outcome_of

POLICE_SOURCE = source_named("police")


@dataclass
class Client:
    """Keeps what is sent, spread over two partitions; fails from the row that it is reported to fail at."""

    fails_at: int | None = None
    refuses_at: int | None = None
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def partitions_for(self, _topic: str) -> set[int]:
        return {0, 1}

    def send(self, topic: str, *, key: bytes, value: bytes, headers: list[tuple[str, bytes]], partition: int) -> Any:
        place = len(self.sent)
        if place == self.refuses_at:
            raise MessageSizeTooLargeError
        assert isinstance(headers, list)
        assert value
        assert partition in (0, 1)
        self.sent.append((topic, key))
        lost = self.fails_at is not None and place >= self.fails_at
        return SimpleNamespace(
            is_done=True,
            exception=KafkaTimeoutError() if lost else None,
            value=SimpleNamespace(partition=place % 2, offset=100 + place),
        )


@pytest.fixture
def topic_ids(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The topic ids that Kafka gives, one after the other."""
    ids = ["one"] * 20
    monkeypatch.setattr(publish, "topic_id_of", lambda _bootstrap, _topic: ids.pop(0))
    return ids


@pytest.fixture
def events(tmp_path: Path) -> Any:
    rows = [{**POLICE, "volgnummer_verdachte": str(n)} for n in range(1, 2_502)]
    return outcome_of("police", tmp_path / "x.csv", csv_text(rows)).events


def test_every_row_is_acknowledged_and_progress_ends_at_the_total(events: Any, topic_ids: list[str]) -> None:
    progress: list[tuple[int, int]] = []
    receipt = Publisher("kafka:1", Client()).publish(
        POLICE_SOURCE, events, lambda done, total: progress.append((done, total))
    )
    assert receipt == Receipt("one", {0: 2601, 1: 2600})
    assert progress == sorted(progress)
    assert progress[-1] == (2501, 2501)
    assert topic_ids


def test_no_row_is_a_publication_too(events: Any, topic_ids: list[str]) -> None:
    assert Publisher("kafka:1", Client()).publish(POLICE_SOURCE, events.clear(), _ignore) == Receipt("one", {})
    assert topic_ids


@pytest.mark.parametrize("client", [Client(fails_at=1_200), Client(refuses_at=1_200)], ids=["lost", "refused"])
def test_a_broker_that_goes_away_half_way(events: Any, topic_ids: list[str], client: Client) -> None:
    with pytest.raises(PublicationInterrupted) as caught:
        Publisher("kafka:1", client).publish(POLICE_SOURCE, events, _ignore)
    assert caught.value.rows == 2501
    assert 1_000 <= caught.value.acknowledged <= 1_200
    assert f"{caught.value.acknowledged} of 2501 rows were acknowledged and no control record" in str(caught.value)
    assert "kafka:1" in str(caught.value)
    assert caught.value.__context__ is None
    assert topic_ids


def test_a_topic_that_is_made_again_meanwhile(events: Any, topic_ids: list[str]) -> None:
    topic_ids[1] = "two"
    with pytest.raises(PublicationInterrupted, match="made again"):
        Publisher("kafka:1", Client()).publish(POLICE_SOURCE, events, _ignore)


def test_a_control_record_that_is_lost_says_that_the_rows_are_not(topic_ids: list[str]) -> None:
    record = control_record("x", TOTALS, Receipt("id", {}), check=KEY.check, recorded_at=datetime.now(UTC))
    with pytest.raises(PublicationInterrupted, match="5 of 5 rows were acknowledged and no control record"):
        Publisher("kafka:1", Client(fails_at=0)).publish_control(record, rows=5)
    assert topic_ids


def test_a_client_that_falls_silent(events: Any, topic_ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "SILENT_SECONDS", 0.02)
    silent = SimpleNamespace(partitions_for=lambda _: {0}, send=lambda *_, **__: SimpleNamespace(is_done=False))
    with pytest.raises(PublicationInterrupted, match="no answer"):
        Publisher("kafka:1", silent).publish(POLICE_SOURCE, events, _ignore)
    assert topic_ids


def test_an_offset_that_the_client_does_not_know_is_asked_for(
    events: Any, topic_ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_end_offsets", lambda _bootstrap, _topic, partitions: dict.fromkeys(partitions, 9))
    kept = SimpleNamespace(is_done=True, exception=None, value=SimpleNamespace(partition=3, offset=-1))
    client = SimpleNamespace(partitions_for=lambda _: {0}, send=lambda *_, **__: kept)
    assert Publisher("kafka:1", client).publish(POLICE_SOURCE, events, _ignore) == Receipt("one", {3: 9})
    assert topic_ids


def in_parts(events: Any, *, then: Exception | None = None) -> Iterator[Any]:
    for rows in events.iter_slices(400):
        yield rows, None
    if then is not None:
        raise then


def test_parts_are_one_publication_in_their_order(events: Any, topic_ids: list[str]) -> None:
    whole, parts = Client(), Client()
    receipt = Publisher("kafka:1", whole).publish(POLICE_SOURCE, events, _ignore)
    assert Publisher("kafka:1", parts).publish_parts(POLICE_SOURCE, in_parts(events), _ignore, rows=2501) == receipt
    assert parts.sent == whole.sent
    assert topic_ids


@pytest.mark.parametrize("error", [ExtractChanged(Path("a.csv")), OverflowError("what nobody foresaw")])
def test_an_error_while_parts_are_made_ends_the_publication(
    events: Any, topic_ids: list[str], error: Exception
) -> None:
    threads = threading.active_count()
    with pytest.raises(type(error)) as caught:
        Publisher("kafka:1", Client()).publish_parts(POLICE_SOURCE, in_parts(events, then=error), _ignore, rows=9_999)
    assert caught.value is error
    assert threading.active_count() == threads
    assert topic_ids


def test_a_broker_that_goes_away_leaves_no_thread(events: Any, topic_ids: list[str]) -> None:
    threads, client = threading.active_count(), Client(refuses_at=700)
    endless = (part for _ in count() for part in in_parts(events))
    with pytest.raises(PublicationInterrupted):
        Publisher("kafka:1", client).publish_parts(POLICE_SOURCE, endless, _ignore, rows=10**9)
    assert threading.active_count() == threads
    assert len(client.sent) == 700
    assert topic_ids


@pytest.mark.parametrize("becomes", ["", csv_text([{**POLICE, "kst": "J"}]), csv_text([POLICE, POLICE])])
def test_a_file_that_is_written_to_meanwhile_has_no_control_record(
    tmp_path: Path, topic_ids: list[str], monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    file, client = tmp_path / "police-2015-01-31.csv", Client()
    file.write_text(csv_text([POLICE]))
    monkeypatch.setattr(ketenbalans.jobs.loading.produce, "ensure_topics", lambda *_: file.write_text(becomes))
    monkeypatch.setattr(
        ketenbalans.jobs.loading.produce, "publisher", lambda _: nullcontext(Publisher("kafka:1", client))
    )
    with pytest.raises(ExtractChanged, match=r"police-2015-01-31\.csv: it was changed while it was read"):
        attempt(file)
    assert client.sent == []
    assert topic_ids


@pytest.fixture
def no_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise BrokerUnreachable("kafka:1", "KafkaTimeoutError")

    monkeypatch.setattr(ketenbalans.jobs.loading.produce, "ensure_topics", unreachable)


CHAIN_KEY = "a key for the tests, long enough for any"


def attempt(file: Path, chain_key: str = CHAIN_KEY) -> Published:
    return produce(
        POLICE_SOURCE, file, bootstrap="kafka:1", chain_key=chain_key, covers_until=None, on_progress=_ignore
    )


@pytest.mark.usefixtures("no_kafka")
def test_rejects_are_kept_before_anything_is_published(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "police-2015-01-31.csv"
    file.write_text(csv_text([POLICE, {**POLICE, "kst": SKN}]))
    with caplog.at_level(0), pytest.raises(BrokerUnreachable) as caught:
        attempt(file)
    (rejects,) = tmp_path.glob("police-2015-01-31.csv.*.rejected.csv")
    assert SKN in rejects.read_text()
    assert SKN not in str(caught.value) + caplog.text


@pytest.mark.usefixtures("no_kafka")
def test_what_cannot_be_published_leaves_no_trace(tmp_path: Path) -> None:
    file = tmp_path / "police.csv"
    file.write_text(csv_text([]))
    for chain_key, error in [("", ChainKeyMissing), (CHAIN_KEY, CoverageUnknown)]:
        with pytest.raises(error) as caught:
            attempt(file, chain_key)
        assert isinstance(caught.value, ProduceError)
    assert list(tmp_path.iterdir()) == [file]


def test_the_answer_has_the_keys_of_the_command_line() -> None:
    published = Published(
        file=Path("a.csv"), extract_id="x", source="om_registrations", covers_until=date(2015, 1, 31), rows=3,
        published=2, rejected=1, reject_file=Path("a.rejected.csv"), warnings=("w",),
        rejected_by=(RejectedBy(column="skn", rule="is filled", rows=1),),
    )  # fmt: skip
    assert published.to_json() == {
        "file": "a.csv", "extract_id": "x", "source": "om_registrations", "covers_until": "2015-01-31", "rows": 3,
        "published": 2, "rejected": 1, "reject_file": "a.rejected.csv",
        "rejected_by": [{"column": "skn", "rule": "is filled", "rows": 1}],
    }  # fmt: skip


def _ignore(_done: int, _total: int) -> None:
    return


def test_python_collects_afterwards_as_it_did_before(events: Any, topic_ids: list[str]) -> None:
    before = gc.get_threshold()
    with pytest.raises(PublicationInterrupted):
        Publisher("kafka:1", Client(refuses_at=3)).publish(POLICE_SOURCE, events, _ignore)
    assert gc.get_threshold() == before
    assert topic_ids
