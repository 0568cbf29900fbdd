"""Which row of which extract a message is: two headers beside those of CloudEvents, and no part of the event's id.

With them it is counted per extract, row by row, what has arrived: no message stands for another one, and a row that
comes twice counts once. A message of somebody else has no such headers and belongs to no extract.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.declaration import LARGEST_INTEGER
from schemas.wire.messages import Envelope, Headers

EXTRACT_ID = "ce_extractid"
"""The CloudEvents extension ``extractid``: what the rows are of (``rows_key``)."""

EXTRACT_ROW = "ce_extractrow"
"""The CloudEvents extension ``extractrow``: the row's number in the extract, from 1, empty lines apart."""

EXTRACT_ID_PATTERN = "^[0-9a-f]{64}-[0-9a-f]{16}$"
_ID = re.compile(EXTRACT_ID_PATTERN.strip("^$").encode())


def rows_key(extract_id: str, chain_key_check: str) -> str:
    """What the rows of a publication are of: a file under a chain key, as its control record names the two.

    Under another key the same file gives other events, so its rows are others too.
    """
    return f"{extract_id}-{chain_key_check}"


@dataclass(frozen=True)
class ExtractRows:
    """The rows of one extract that messages are made of: one number per message, in their order.

    ``key`` says of which extract (``rows_key``).
    """

    key: str
    numbers: pl.Series

    def headers(self) -> Iterator[Headers]:
        """The two headers of each message."""
        of_all = (EXTRACT_ID, self.key.encode())
        for number in self.numbers.cast(pl.String).cast(pl.Binary).to_list():
            yield of_all, (EXTRACT_ROW, number)


def extract_rows(messages: Iterable[Envelope]) -> Mapping[str, list[int]]:
    """Which rows of which extracts these messages are, whether or not they are events.

    Args:
        messages: as they came from the topic.

    Returns:
        Row numbers per key of an extract, each as often as it came. A message without both headers, or with one of
        another form, is of no extract.
    """
    rows: dict[bytes, list[bytes]] = defaultdict(list)
    for message in messages:
        extract_id, row = _headers(message.headers)
        if extract_id is not None and row is not None:
            rows[extract_id].append(row)
    found = {}
    for extract_id, numbers in rows.items():
        if _ID.fullmatch(extract_id):
            whole = [int(number) for number in numbers if number.isdigit() and len(number) <= len(str(LARGEST_INTEGER))]
            found[extract_id.decode()] = [number for number in whole if 1 <= number <= LARGEST_INTEGER]
    return found


def _headers(headers: Headers) -> tuple[bytes | None, bytes | None]:
    if (
        len(headers) > 1 and headers[-1][0] == EXTRACT_ROW and headers[-2][0] == EXTRACT_ID
    ):  # where our producers put them
        return headers[-2][1], headers[-1][1]
    by_name = dict(headers)
    return by_name.get(EXTRACT_ID), by_name.get(EXTRACT_ROW)
