"""A file for a spreadsheet gives back the rows that were written, whatever a spreadsheet made of it meanwhile."""

import csv
import io
import shutil
import subprocess
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odfdo import Cell, Document, Row, Table

from ketenbalans.spreadsheet_cells import STARTS_A_FORMULA, UnreadableRows
from ketenbalans.spreadsheet_files import ENDINGS, read_table, write_table

COLUMNS = ("break_id", "decision", "note")
ROWS = [
    {"break_id": "2014-om-0900012314", "decision": "accept", "note": "=1+1"},
    {"break_id": "2014-om-0900012315", "decision": "", "note": "+31 20"},
    {"break_id": "2014-om-0900012316", "decision": "accept", "note": "-- two  spaces; one, \"quote\" and 'this'"},
    {"break_id": "2014-om-0900012317", "decision": "", "note": "@desk"},
    {"break_id": "2014-om-0900012318", "decision": "accept", "note": "'geïnd"},
]
SOFFICE = shutil.which("soffice")
starts = st.sampled_from([*STARTS_A_FORMULA[:5], "'", ""])
texts = st.tuples(starts, st.text("ab =;,\"'é<&>", max_size=9)).map("".join)


def file(ending: str) -> Path:
    return Path(f"breaks{ending}")


def without_lines(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: row[name] for name in COLUMNS} for row in rows]


@settings(deadline=None, derandomize=True, database=None, max_examples=40)
@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, texts)), max_size=4), ending=st.sampled_from(ENDINGS))
def test_what_is_written_is_read_back(rows: list[dict[str, str]], ending: str) -> None:
    written = write_table(file(ending), COLUMNS, rows)
    expected = [row for row in rows if any(row.values())]
    assert without_lines(read_table(file(ending), written, COLUMNS)) == expected


@pytest.mark.parametrize("sign", STARTS_A_FORMULA[:6])
def test_no_cell_begins_as_a_formula_does(sign: str) -> None:
    rows = [dict.fromkeys(COLUMNS, f"{sign}1+1")]
    cells = next(iter(list(csv.reader(io.StringIO(write_table(file(".csv"), COLUMNS, rows).decode("utf-8-sig"))))[1:]))
    sheet = Document(io.BytesIO(write_table(file(".ods"), COLUMNS, rows))).body.tables[0]
    for shown in [*cells, *(str(cell.value) for cell in sheet.get_row(1).cells)]:
        assert shown.startswith("'")
    assert not any(cell.formula for cell in sheet.get_row(1).cells)


def test_the_same_rows_are_the_same_bytes() -> None:
    for ending in ENDINGS:
        assert write_table(file(ending), COLUMNS, ROWS) == write_table(file(ending), COLUMNS, ROWS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_another_program_saved_is_the_same(delimiter: str, ends: str, encoding: str) -> None:
    """Columns in another order, empty columns and rows behind, another sign between cells."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends)
    columns = COLUMNS[::-1]
    writer.writerow([*columns, "", ""])
    writer.writerows([*(row[name] for name in columns), "", "", ""] for row in ROWS)
    writer.writerows([[""] * 5, []])
    found = read_table(file(".csv"), text.getvalue().encode(encoding), COLUMNS)
    assert [row["line"] for row in found] == ["2", "3", "4", "5", "6"]
    assert found[1]["note"] == "+31 20"
    assert [row["break_id"] for row in found] == [row["break_id"] for row in ROWS]


def test_days_and_numbers_in_a_workbook_are_read_as_they_are_typed() -> None:
    book = Document("spreadsheet")
    book.body.clear()
    sheet = Table("Blad1")
    typed: list[Any] = [date(2015, 3, 31), datetime(2015, 3, 31, 0, 0), Decimal(1), 2.0, 900012314, None, "x"]  # noqa: DTZ001 (a cell has no zone)
    for values in (list("abcdefg"), typed):
        row = Row()
        row.extend_cells([Cell(value) for value in values])
        sheet.append_row(row)
    behind = Row()
    behind.repeated = 1_048_000  # what a spreadsheet saves below the last row
    sheet.append_row(behind)
    book.body.append(sheet)
    raw = io.BytesIO()
    book.save(raw)
    (found,) = read_table(file(".ods"), raw.getvalue(), ("a", "g"))
    assert list(found.values()) == ["2015-03-31", "2015-03-31", "1", "2", "900012314", "", "x", "2"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("breaks.xlsx", b"", "ends in neither .csv nor .ods"),
        ("breaks.ods", b"break_id;decision\n", "it is no OpenDocument workbook"),
        ("breaks.ods", write_table(Path("x.ods"), ("a",), []), "no sheet of it has a column break_id, decision, note"),
        ("breaks.csv", b"a;b\n1;2\n", "it has no column break_id, decision, note"),
        ("breaks.csv", b"", "it has no column"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_remedy(name: str, content: bytes, says: str) -> None:
    with pytest.raises(UnreadableRows, match=says):
        read_table(Path(name), content, COLUMNS)


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not there")
@pytest.mark.parametrize(("written", "saved"), [(".ods", ".ods"), (".ods", ".csv"), (".csv", ".ods"), (".csv", ".csv")])
def test_what_libreoffice_saves_is_the_same(tmp_path: Path, written: str, saved: str) -> None:
    assert SOFFICE is not None
    source, folder = tmp_path / f"breaks{written}", tmp_path / "saved"
    source.write_bytes(write_table(source, COLUMNS, ROWS))
    kind = "ods" if saved == ".ods" else "csv:Text - txt - csv (StarCalc):59,34,76,1"  # semicolons, UTF-8
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    how = ["--infilter=CSV:44,34,76,1"] if written == ".csv" else []
    asked = [SOFFICE, profile, "--headless", *how, "--convert-to", kind, "--outdir", str(folder), str(source)]
    subprocess.run(asked, check=True, capture_output=True, timeout=120)
    found = folder / f"breaks{saved}"
    assert without_lines(read_table(found, found.read_bytes(), COLUMNS)) == ROWS
