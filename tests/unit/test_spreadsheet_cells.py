"""What is written into a file for a spreadsheet is run by none, and comes back as it was, however it is saved."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ketenbalans.spreadsheet_cells import (
    DELIMITERS,
    STARTS_A_FORMULA,
    UnreadableRows,
    from_cell,
    read_rows,
    to_cell,
    write_rows,
)

COLUMNS = ("a", "b,c", "=d")
starts = st.sampled_from([*STARTS_A_FORMULA, "'", "''", "'=", ""])
texts = st.tuples(starts, st.text(st.characters(exclude_categories=["Cs"]))).map("".join)
rows = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, texts)))


def filled(row: dict[str, str]) -> bool:
    return any(row.values())


@given(texts)
def test_a_cell_is_no_formula_and_comes_back(text: str) -> None:
    assert not to_cell(text).startswith(STARTS_A_FORMULA)
    assert from_cell(to_cell(text)) == text


@given(st.text(st.sampled_from("=+-@'; \t\r\na1")))
def test_a_part_behind_another_separator_is_no_formula_and_comes_back(text: str) -> None:
    cell = to_cell(text)
    assert from_cell(cell) == text
    for part in re.split(r"[;\t]", cell):
        assert not part.strip(" ").startswith(STARTS_A_FORMULA)


def test_an_apostrophe_that_a_person_wrote_stays() -> None:
    assert from_cell("'s avonds gebeld") == from_cell(to_cell("'s avonds gebeld")) == "'s avonds gebeld"


@pytest.mark.parametrize("sign", STARTS_A_FORMULA)
def test_what_a_spreadsheet_saved_without_the_apostrophe_is_the_same(sign: str) -> None:
    assert from_cell(f"{sign}1") == from_cell(to_cell(f"{sign}1")) == f"{sign}1"


@given(rows)
@example([{"a": "=1+1", "b,c": 'say "x";\r\ny', "=d": "\r"}])
def test_rows_come_back(written: list[dict[str, str]]) -> None:
    found = read_rows(write_rows(COLUMNS, written), COLUMNS)
    assert [{name: row[name] for name in COLUMNS} for row in found] == list(filter(filled, written))


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_a_spreadsheet_saves_is_read_with_the_number_of_each_line(delimiter: str, encoding: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([COLUMNS, ["1", "two\nlines", "'=3"], ["", "", ""], ["4"]])
    assert read_rows(text.getvalue().encode(encoding), COLUMNS) == [
        {"a": "1", "b,c": "two\nlines", "=d": "=3", "line": "2"},
        {"a": "4", "b,c": "", "=d": "", "line": "5"},
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no column a, b"),
        (b"a,c\r\n", "no column b"),
        (b"a,b\r\n1,2,3\r\n", "line 2 has 3 cells and there are 2 columns"),
        (b'a,b\r\n"1"2,3\r\n', "no CSV file from line 2 on"),
        (b'"' + b"x" * 200_000, "no CSV file from line 1 on"),
        ("a,b\r\nvóór,\r\n".encode("cp1252"), "save it as CSV in UTF-8"),
    ],
)
def test_what_is_no_file_of_such_rows_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableRows, match=reason):
        read_rows(content, ("a", "b"))
