"""Ports on 127.0.0.1: is one free, and which one to take."""

import random
import socket
import time

from ketenbalans.stack.errors import PortTaken

HOST = "127.0.0.1"
OUR_RANGE = range(20_000, 32_000)  # below the range from which the system gives ports to outgoing connections
GIVEN_BACK_WITHIN_SECONDS = 1.0


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def becomes_free(port: int) -> bool:
    """Say whether a port is free within a moment: a process that was killed just now gives it back a little later."""
    deadline = time.monotonic() + GIVEN_BACK_WITHIN_SECONDS
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def choose(asked: int, *, before: int | None, service: str, setting: str, not_these: tuple[int, ...] = ()) -> int:
    """Give the port to listen on: the one asked for, else the one used before, else a free one.

    Raises:
        PortTaken: a port was asked for and another program has it.
    """
    if asked:
        if not becomes_free(asked):
            raise PortTaken(asked, service, setting)
        return asked
    if before and before not in not_these and becomes_free(before):
        return before
    candidates = random.SystemRandom().sample(OUR_RANGE, 200)
    return next(port for port in candidates if port not in not_these and is_free(port))
