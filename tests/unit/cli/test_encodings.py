"""An answer never fails on what a terminal cannot show: it is escaped, and JSON stays the same data."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from ketenbalans.cli.output import answers, aside, escape_what_cannot_be_encoded, print_json

ENCODINGS = ["utf-8", "latin-1", "ascii"]
NAME = "polizi\udceb-2014-12-31.csv"


@contextmanager
def strict_output(encoding: str) -> Iterator[io.BytesIO]:
    """Standard output and error as Python has them under a locale of that encoding."""
    written = io.BytesIO()
    out, err = (io.TextIOWrapper(written, encoding=encoding, errors="strict") for _ in range(2))
    with patch.object(sys, "stdout", out), patch.object(sys, "stderr", err):
        escape_what_cannot_be_encoded()
        yield written
        for stream in (out, err):
            stream.flush()
            stream.detach()  # what was written stays to be read


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_sign_of_an_answer_is_an_error(encoding: str) -> None:
    with strict_output(encoding) as written:
        answers.print(f"{NAME}: 1 of 1 rows published, caf\u00e9 \u65e5\u672c", markup=False)
        aside.print("\udceb\u65e5", markup=False)
    assert written.getvalue().startswith(b"polizi?-2014-12-31.csv: 1 of 1 rows published, caf")
    assert len(written.getvalue().splitlines()) == 2


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_is_the_same_data_in_every_encoding(encoding: str) -> None:
    answer = {"file": NAME, "note": "caf\u00e9 \u65e5 \U0001f600 \x9b"}
    with strict_output(encoding) as written:
        print_json(answer)
    assert json.loads(written.getvalue().decode(encoding)) == answer
