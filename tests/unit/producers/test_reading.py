"""Files: what is an extract, what is a row of it, and where it stands."""

from pathlib import Path

import pytest

from producers.catalogue import producer_of
from producers.content import opened
from producers.errors import UnreadableExtract
from schemas.catalogue import source_named
from tests.unit.producers.extracts import HOTLINE, POLICE, SKN, csv_text, json_text, outcome_of

pytestmark = pytest.mark.laws

LINE = csv_text([POLICE]).splitlines()[1]
HEADER = ";".join(POLICE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "police-2015-01-31.csv"


def test_header_names_and_cells_are_trimmed(file: Path) -> None:
    text = " ; ".join(POLICE) + "\n" + " ;\t".join(POLICE.values()) + "  \n"
    assert outcome_of("police", file, text).ids == outcome_of("police", file, csv_text([POLICE])).ids


def test_unknown_columns_are_ignored_with_a_warning(file: Path) -> None:
    found = outcome_of("police", file, csv_text([POLICE], ["opmerking", *POLICE, ""]))
    assert found.events.height == 1
    assert found.extract.warnings == (
        f"{file}: the column opmerking is unknown and was ignored",
        f"{file}: the column number 13, without a name, is unknown and was ignored",
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "line 1 holds no header"),
        (b"\xef\xbb\xbf", "line 1 holds no header"),
        (b"\n" + HEADER.encode() + b"\n", "line 1 holds no header"),
        (b";;;\n", "line 1 holds no header"),
        (HEADER.replace("kst", "KST").encode(), "it lacks kst"),
        (HEADER.replace(";", ",").encode(), "it lacks mutatie, "),
        ((HEADER + ";team").encode(), "line 1 holds team more than once"),
        (HEADER.encode() + b"\n\xe9\n", "line 2 is not UTF-8"),
        (HEADER.encode("utf-16"), "line 1 is not UTF-8"),
        (HEADER.encode("utf-16-le"), "it lacks"),
        (HEADER.replace(";", "\r").encode(), "line 1 holds no header"),
        (f'{HEADER}\n\n{LINE}\na;"b\n{LINE}\n'.encode(), "line 4 opens a quote that is never closed"),
        (f'{HEADER}\na;"b{"x" * 200_000}\n{LINE}\n'.encode(), "line 2 opens a quote that is never closed"),
        (f'"{HEADER}\n'.encode(), "line 1 opens a quote that is never closed"),
    ],
)
def test_a_file_that_is_no_extract(file: Path, content: bytes, problem: str) -> None:
    with pytest.raises(UnreadableExtract) as caught:
        outcome_of("police", file, content)
    assert f"{file}: " in str(caught.value)
    assert problem in str(caught.value)
    assert "nothing was published" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_file_without_a_header_is_not_repeated_in_the_message(file: Path) -> None:
    with pytest.raises(UnreadableExtract) as caught:
        outcome_of("police", file, f"{LINE}\n{LINE}\n")
    assert SKN not in str(caught.value)


@pytest.mark.parametrize("wrong", ["missing.csv", "."])
def test_a_file_that_cannot_be_opened(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(UnreadableExtract, match="cannot be opened"), opened(tmp_path / wrong):
        pass


def test_an_extract_without_rows_is_an_extract(file: Path) -> None:
    found = outcome_of("police", file, HEADER)
    assert (found.extract.rows, found.events.height, found.rejected) == (0, 0, [])


def test_lines_are_those_where_rows_start(file: Path) -> None:
    over_two_lines = LINE.replace(";N;;", ';N;"team\nNoord";')
    text = f"{HEADER}\n\n   \n{over_two_lines}\nx;y\n;;;;;;;;;-;\n{LINE}\n"
    found = outcome_of("police", file, text)
    assert lines_of_rows("police", file) == [4, 7, 8]
    assert found.extract.rows == 4
    assert found.events["transferred_to"].to_list() == ["team\nNoord", None]
    length, empty = found.rejected
    assert length == (6, "", "has 11 cells, as the header has")
    assert empty[0] == 7
    assert empty[1].startswith("mutatie|registratienummer|volgnummer_verdachte|eenheid|team")
    assert set(empty[2].split("|")) == {"is filled"}
    assert found.rows == ["x;y", ";;;;;;;;;-;"]


EMPTY_LINES = ["", "   ", ";", ";;;;;;;;;;", " ; \t;;;;;;;;;", '"";"";"";"";"";"";"";"";"";"";""', '" "', ";" * 40]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_row_without_a_filled_cell_is_an_empty_line(file: Path, newline: str) -> None:
    for empty in EMPTY_LINES:
        found = outcome_of("police", file, newline.join([HEADER, LINE, empty, LINE, empty, ""]))
        assert (found.extract.rows, found.rejected) == (2, []), empty
        assert lines_of_rows("police", file) == [2, 4]


@pytest.mark.parametrize("end", ["\x1a", "\r\n\x1a", "\x1a\x1a\x1a"])
def test_the_end_of_file_sign_of_dos_says_nothing_at_the_end(file: Path, end: str) -> None:
    whole = outcome_of("police", file, f"{HEADER}\n{LINE}")
    found = outcome_of("police", file, f"{HEADER}\n{LINE}{end}")
    assert (found.ids, found.rejected, found.extract.rows) == (whole.ids, [], 1)
    assert outcome_of("hotline", file, json_text(HOTLINE).strip() + end).rejected == []
    inside = outcome_of("police", file, f"{HEADER}\n\x1a\n{LINE}")
    assert [line for line, _, _ in inside.rejected] == [2]


@pytest.mark.parametrize(
    "cell",
    ['team "Noord"', '"team" Noord', ' "team"', '"a"b"', "a\rb"],
    ids=["bare", "after", "before", "single", "cr"],
)
def test_quotes_stand_around_a_whole_cell(file: Path, cell: str) -> None:
    broken = LINE.replace(";N;;", f";N;{cell};")
    found = outcome_of("police", file, f"{HEADER}\r\n{broken}\r\n{LINE}\r\n")
    assert found.events.height == 1
    assert [line for line, _, _ in found.rejected] == [2]
    assert found.rows == [broken]
    assert "has quotes" in found.rejected[0][2]


def test_doubled_quotes_and_separators_inside_quotes(file: Path) -> None:
    found = outcome_of("police", file, csv_text([{**POLICE, "overgedragen_aan": 'a "b";\r\nc'}]))
    assert found.events["transferred_to"].to_list() == ['a "b";\r\nc']


def test_many_rows_keep_their_order_and_lines(file: Path) -> None:
    rows = [{**POLICE, "volgnummer_verdachte": str(n % 70_000)} for n in range(70_001)]
    found = outcome_of("police", file, csv_text(rows))
    assert [line for line, _, _ in found.rejected] == [2, 70_002]
    assert found.events["suspect_number"].to_list() == list(range(1, 70_000))


def test_json_lines(file: Path) -> None:
    text = (
        "\ufeff" + json_text(HOTLINE) + "\r\n" + json_text({**HOTLINE, "report_id": " M-2 ", "outcome": "insufficient"})
    )
    found = outcome_of("hotline", file, text)
    assert found.events["report_id"].to_list() == ["M-1", "M-2"]
    assert found.events["outcome"].to_list() == [None, "insufficient"]
    assert found.rejected == []


def test_json_lines_without_a_line_are_an_extract_without_a_row(file: Path) -> None:
    assert outcome_of("hotline", file, "").extract.rows == 0


def test_json_types_are_strict(file: Path) -> None:
    two_wrong: dict[str, object] = {**HOTLINE, "report_id": 7, "theme": True}
    one_wrong: dict[str, object] = {**HOTLINE, "received_on": ["2014-03-05"]}
    found = outcome_of("hotline", file, json_text(two_wrong, one_wrong))
    assert found.rejected == [
        (1, "report_id|theme", "is a text or null|is a text or null"),
        (2, "received_on", "is a text or null"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "null",
        "{",
        '{"mutation": "received"} x',
        '{"a": NaN}',
        '{"a": "\\ud800"}',
        '{"a": 1, "a": 2}',
        '{"a": ' + "9" * 5000 + "}",
        "[" * 990,
        '{"x": ' + "[" * 990 + "]" * 990 + "}",
        "mutation;report_id",
    ],
)
def test_a_line_that_is_no_object_is_rejected(file: Path, line: str) -> None:
    found = outcome_of("hotline", file, f"{line}\n{json_text(HOTLINE)}")
    assert found.events.height == 1
    assert found.rows == [line]


def test_missing_names_say_nothing_and_unknown_ones_are_reported_once(file: Path) -> None:
    without = {name: value for name, value in HOTLINE.items() if name not in ("outcome", "theme")}
    odd = {**HOTLINE, "reporter": "x", f"mail {SKN}": "x"}
    found = outcome_of("hotline", file, json_text(without, odd, odd, {**HOTLINE, "outcome": ""}))
    assert found.rejected == [(1, "theme", "is filled")]
    assert found.events["outcome"].to_list() == [None, None, None]
    assert found.extract.warnings == (
        f"{file}: the field reporter is unknown and was ignored (2 rows)",
        f"{file}: 1 fields with other names are unknown and were ignored",
    )


def lines_of_rows(source: str, file: Path) -> list[int]:
    """The lines on which the rows start that have as many cells as the header."""
    declared = source_named(source)
    with opened(file) as content:
        return [line for part in producer_of(declared).read(content, declared).parts for line in part.lines]
