"""A CSV file says what the rows say, as RFC 4180 has it, and no spreadsheet runs a cell of it."""

import csv
import io
from datetime import date
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from ketenbalans.cli.csv_files import to_csv
from ketenbalans.spreadsheet_cells import STARTS_A_FORMULA
from schemas.control_signs import escape_control_signs

values = st.none() | st.integers() | st.dates() | st.text()


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@given(st.lists(st.fixed_dictionaries({"a": values, "b,c": values})))
@example([{"a": '=HYPERLINK("http://x")', "b,c": 'say "x", or\r\ny'}])
def test_every_value_comes_back_and_none_is_a_formula(rows: list[dict[str, Any]]) -> None:
    header, *found = read(to_csv(["a", "b,c"], rows))
    assert header == ["a", "b,c"]
    assert len(found) == len(rows)
    for cells, row in zip(found, rows, strict=True):
        for cell, value in zip(cells, (row["a"], row["b,c"]), strict=True):
            if isinstance(value, str):
                assert not cell.startswith(STARTS_A_FORMULA)
                assert cell.removeprefix("'" if value.startswith(STARTS_A_FORMULA) else "") == escape_control_signs(
                    value
                )
            else:
                assert cell == ("" if value is None else str(value))


def test_it_is_what_rfc_4180_and_a_spreadsheet_ask_for() -> None:
    rows = [{"id": "2014-om-0864390712", "due": date(2014, 6, 30), "note": "vóór juli"}]
    assert to_csv(["id", "due", "note"], rows) == (
        b"\xef\xbb\xbfid,due,note\r\n2014-om-0864390712,2014-06-30,v\xc3\xb3\xc3\xb3r juli\r\n"
    )
