"""Making things ahead: a stage of a pipeline in a thread of its own, with a bounded queue behind it.

Reading, decoding and loading wait for different things: Kafka, the processor, PostgreSQL. In stages they overlap, and
because each queue holds one thing, what is in memory does not grow with what waits.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Full, Queue
from typing import TypeVar

Thing = TypeVar("Thing")

CHECKS_EVERY_SECONDS = 0.1
"""How long a stage may take to notice that nobody wants its things any more."""


class _End:
    """Nothing comes after this; ``error`` is why, when it is not that all was made."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def prefetch(things: Iterable[Thing], *, give_up: Callable[[], None] = lambda: None) -> Iterator[Iterator[Thing]]:
    """The same things in the same order, made in a thread of their own, one ahead of whoever takes them.

    What is raised while making them is raised where they are taken. At the end of the ``with`` the thread has ended,
    whether all was taken or not.

    Args:
        things: is only looked at in the thread.
        give_up: called when the ``with`` ends, so that a thing that is being made may be left.
    """
    queue: Queue[Thing | _End] = Queue(maxsize=1)
    is_over = threading.Event()
    thread = threading.Thread(target=_make, args=(things, queue, is_over), daemon=True)
    thread.start()
    try:
        yield _taken(queue)
    finally:
        is_over.set()
        give_up()
        thread.join()


def _make(things: Iterable[Thing], queue: "Queue[Thing | _End]", is_over: threading.Event) -> None:
    end = _End()
    try:
        for thing in things:
            if not _put(queue, thing, is_over):
                return
    except BaseException as error:  # noqa: BLE001 (it is raised in the thread that takes)
        end = _End(error)
    _put(queue, end, is_over)


def _put(queue: "Queue[Thing | _End]", thing: Thing | _End, is_over: threading.Event) -> bool:
    while not is_over.is_set():
        try:
            queue.put(thing, timeout=CHECKS_EVERY_SECONDS)
        except Full:
            continue
        return True
    return False


def _taken(queue: "Queue[Thing | _End]") -> Iterator[Thing]:
    while True:
        thing = queue.get()
        if isinstance(thing, _End):
            if thing.error is not None:
                raise thing.error
            return
        yield thing
