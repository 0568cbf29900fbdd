"""What no client would write and a broker takes: batches made byte by byte, and some that open to far too much."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from ketenbalans.broker.batch_opening import GZIP, LZ4, SNAPPY, ZSTD
from ketenbalans.jobs.loading.dead_letters import list_letters
from schemas.wire.events import Message
from tests.faults.extracts import load
from tests.faults.fault_stack import FaultStack
from tests.integration.raw_batches import COMPRESS, bomb, raw_batch, record, records, send_raw
from tests.integration.topics import messages, suspects
from warehouse.loading import Loaded

pytestmark = [pytest.mark.faults, pytest.mark.stack]

MEGABYTES = 1024 * 1024
TAKES_MORE = {"max.message.bytes": str(8 * MEGABYTES)}
Make = Callable[[Sequence[Message]], bytes]


def among(broken: Callable[[Message], bytes]) -> Make:
    """A batch of three, the middle one of which is written otherwise."""

    def make(three: Sequence[Message]) -> bytes:
        return raw_batch([record(0, three[0]), broken(three[1]), record(2, three[2])])

    return make


def named(name: bytes) -> Callable[[Message], bytes]:
    """A message with a header of that name besides."""
    header = (name.decode(errors="surrogateescape"), b"1")
    return lambda message: record(1, replace(message, headers=[*message.headers, header]))


def trailing(codec: int) -> Make:
    """A batch with bytes behind what is compressed."""

    def make(three: Sequence[Message]) -> bytes:
        whole = records(three)
        return raw_batch(whole, codec=codec, compressed=bytes(COMPRESS[codec](b"".join(whole))) + b"\x01more")

    return make


COST_THEMSELVES: dict[str, Make] = {
    "a header's name that is no UTF-8": among(named(b"x-\xff\xfe")),
    "a surrogate in a header's name": among(named(b"\xed\xa0\x80")),
    "a reserved attribute": among(lambda message: record(1, message, attributes=0xFF)),
}
COST_THE_BATCH: dict[str, Make] = {  # of the other codecs the broker itself refuses it
    "bytes behind gzip": trailing(GZIP),
    "bytes behind lz4": trailing(LZ4),
}


@pytest.mark.parametrize("what", [*COST_THEMSELVES, *COST_THE_BATCH])
def test_what_can_not_be_read_costs_itself_and_stops_nothing(stack: FaultStack, what: str) -> None:
    source, engine = stack.new_source(), stack.new_warehouse()
    costs_itself = what in COST_THEMSELVES
    odd = {**COST_THEMSELVES, **COST_THE_BATCH}[what](messages([2, 3, 4]))
    for written in (raw_batch(records(messages([1]))), odd, raw_batch(records(messages([5])))):
        send_raw(stack.bootstrap, source.topic, 0, written)
    loaded = load(stack, source, engine)
    assert loaded == Loaded(read=5 if costs_itself else 3, inserted=4 if costs_itself else 2, dead_letters=1)
    assert suspects(engine) == ([1, 2, 4, 5] if costs_itself else [1, 5])
    (letter,) = list_letters(engine, source=None, reason=None, state=None)
    assert (letter.reason, letter.offset) == ("unreadable", 2 if costs_itself else 1)
    assert letter.last_offset == (None if costs_itself else 3)
    assert load(stack, source, engine) == Loaded()


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4, ZSTD])
def test_a_bomb_is_a_dead_letter_and_stops_nothing(stack: FaultStack, codec: int) -> None:
    source, engine = stack.new_source(**TAKES_MORE), stack.new_warehouse()
    (message,) = messages([2])
    opens_to = (60 if codec == SNAPPY else 150) * MEGABYTES  # of which snappy makes a twentieth
    for written in (raw_batch(records(messages([1]))), bomb(message, opens_to, codec=codec)):
        send_raw(stack.bootstrap, source.topic, 0, written)
    send_raw(stack.bootstrap, source.topic, 0, raw_batch(records(messages([3]))))
    assert load(stack, source, engine) == Loaded(read=3, inserted=2, dead_letters=1)
    assert suspects(engine) == [1, 3]
    (letter,) = list_letters(engine, source=None, reason=None, state=None)
    assert (letter.reason, letter.form, letter.offset) == ("oversized", "batch", 1)
