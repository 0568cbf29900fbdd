"""One time limit for a whole call over a network: the name that is looked up, the handshake and the last byte included.

A library's own timeout is one per read: a server that says a byte a second is never too late. So the call runs in a
thread, and when its time is over its connections are shut down, which ends whatever waits on them.
"""

import contextlib
import socket
from collections.abc import Callable
from threading import Event, Thread

ENDS_WITHIN_SECONDS = 1.0
"""How long a call whose connections were shut down is waited for, so that it leaves nothing open."""


class Connections:
    """The connections that a call has made so far."""

    def __init__(self) -> None:
        self._made: list[socket.socket] = []
        self._is_over = Event()

    def add(self, connection: socket.socket) -> None:
        """Take a connection that was made. A copy is kept, for TLS takes the socket itself over."""
        self._made.append(connection.dup())
        if self._is_over.is_set():  # it was made when nobody waited for it any more
            self.shut_down()

    def shut_down(self) -> None:
        """Let everything that waits on a connection end now."""
        self._is_over.set()
        for connection in self._made:
            with contextlib.suppress(OSError):  # the other side was first
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the copies; the call closes its own."""
        for connection in self._made:
            connection.close()


def call_within(seconds: float, call: Callable[[Connections], None]) -> None:
    """Make a call that takes at most so long, whatever the other side does.

    Args:
        seconds: the limit of the whole call.
        call: gets the ``Connections`` that it has to add its own to.

    Raises:
        TimeoutError: it had not ended; its connections were shut down. Whether the other side took what was sent by
            then is not known.
        Exception: whatever the call raised.
    """
    connections = Connections()
    raised: list[Exception] = []

    def run() -> None:
        try:
            call(connections)
        except Exception as error:  # noqa: BLE001 (raised below, by the thread that asked)
            raised.append(error)

    thread = Thread(target=run, name="call_within", daemon=True)
    thread.start()
    try:
        thread.join(seconds)
        if thread.is_alive():
            message = f"the call took more than {seconds:g} seconds"
            raise TimeoutError(message)
    finally:
        if thread.is_alive():  # also when whoever waits was interrupted
            connections.shut_down()
            thread.join(ENDS_WITHIN_SECONDS)
        connections.close()
    if raised:
        raise raised[0]
