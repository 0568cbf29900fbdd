"""A sealed document is what was written or nothing."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.columns.sealed import sealed, unsealed

BODY = {"key": {"loads": [41, 42], "day": "2014-12-31"}, "digest": "ab12"}
WRITTEN = sealed(BODY)


def test_what_is_sealed_comes_back() -> None:
    assert unsealed(WRITTEN) == BODY


@given(st.integers(0, len(WRITTEN) - 1), st.sampled_from(string.printable.encode()))
def test_an_altered_byte_changes_nothing_or_leaves_nothing(place: int, byte: int) -> None:
    altered = WRITTEN[:place] + bytes([byte]) + WRITTEN[place + 1 :]
    assert unsealed(altered) in (None, BODY)  # a blank may be another blank


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"1", b"\xff", b'{"sha256": ""}', WRITTEN[:-9]])
def test_what_was_never_sealed_is_nothing(content: bytes) -> None:
    assert unsealed(content) is None
