"""Services are asked side by side: one that hangs costs no more than the limit, and the others are heard."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from ketenbalans.broker.handshake import cluster_answers
from ketenbalans.stack.asking import silent_parts, yes_or

HERE = "127.0.0.1"


def test_what_answers_is_left_out_and_what_does_not_is_named() -> None:
    asks = {"kafka": yes_or("kafka", lambda: True), "airflow": lambda: ["scheduler", "triggerer"]}
    assert silent_parts(asks, within_seconds=0.1) == {"airflow": ["scheduler", "triggerer"]}


def test_one_that_hangs_holds_up_nobody() -> None:
    forever = threading.Event()
    asks = {"warehouse": yes_or("warehouse", forever.wait), "kafka": yes_or("kafka", lambda: True)}
    assert silent_parts(asks, within_seconds=0.2) == {"warehouse": ["warehouse"]}
    forever.set()


def test_one_that_raises_does_not_answer() -> None:
    def ask() -> list[str]:
        raise OSError

    assert silent_parts({"kafka": ask}, within_seconds=0.1) == {"kafka": ["kafka"]}


def test_one_that_answers_the_second_time_answers() -> None:
    said = iter([False, True])
    assert silent_parts({"kafka": yes_or("kafka", lambda: next(said))}, within_seconds=5, asks_again=True) == {}


def test_a_single_question_is_asked_once() -> None:
    asked: list[str] = []

    def ask() -> list[str]:
        asked.append("kafka")
        return ["kafka"]

    assert silent_parts({"kafka": ask}, within_seconds=60) == {"kafka": asked}
    assert asked == ["kafka"]


@contextmanager
def a_listener(answer: bytes | None) -> Iterator[int]:
    """The port of something that takes a connection, and answers this, or nothing at all."""
    with socket.create_server((HERE, 0)) as server:

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(100)
                if answer is not None:
                    caller.sendall(answer)
                with suppress(OSError):
                    caller.recv(1)  # until the other side is gone

        if answer is not None:
            threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def metadata(brokers: int) -> bytes:
    """The head of an answer that names so many brokers: length, correlation, throttle time, number of brokers."""
    return struct.pack(">iiii", 100, 1, 0, brokers)


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [(metadata(1), True), (metadata(0), False), (b"HTTP/1.1 400 Bad Request", False), (None, False)],
)
def test_only_a_cluster_with_a_broker_answers_as_kafka(answer: bytes | None, is_one: bool) -> None:  # noqa: FBT001
    """Nothing accepts the connection of the last: so is a broker that was stopped, whose system still listens."""
    with a_listener(answer) as port:
        assert cluster_answers(f"{HERE}:{port}") is is_one
