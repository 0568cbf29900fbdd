"""What holds for every extract, whatever stands in it."""

import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.errors import UnreadableExtract
from tests.unit.producers.extracts import GOOD, HOTLINE, POLICE, SKN, csv_text, json_text, outcome_of

pytestmark = pytest.mark.laws

DIRTY = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
CELLS_THAT_ALMOST_FIT = """0 007 99999999999 -1 J j 31-02-2014 01-01-2014 bezit| | bezit|misbruik
20/123456-14 16-123456-14 2014-03-05T12:00 2014-03-05T12:00Z a"b " ß; \x00"""
MEANT = st.sampled_from(["", " ", "\r", "a\nb", *CELLS_THAT_ALMOST_FIT.split()])


@st.composite
def dirty_rows(draw: st.DrawFn, source: str) -> list[dict[str, str]]:
    rows = []
    for _ in range(draw(st.integers(0, 15))):
        changed = draw(st.dictionaries(st.sampled_from(sorted(GOOD[source])), MEANT | DIRTY, max_size=3))
        rows.append({**GOOD[source], **changed})
    return rows


@pytest.mark.parametrize("source", ["police", "om"])
@given(data=st.data())
@settings(max_examples=12)
def test_every_row_is_published_or_rejected_never_both_never_neither(source: str, data: st.DataObject) -> None:
    rows = data.draw(dirty_rows(source))
    with TemporaryDirectory() as folder:
        found = outcome_of(source, Path(folder, "x.csv"), csv_text(rows, tuple(GOOD[source])))
    assert found.extract.rows == len(rows)
    assert found.events.height + len(found.rejected) == len(rows)
    assert len({line for line, _, _ in found.rejected}) == len(found.rejected)
    for _, columns, rules in found.rejected:
        assert columns.count("|") == rules.replace("between |", "").count("|")
    answer = Counter(column for _, columns, _ in found.rejected for column in columns.split("|"))
    assert answer == sum((Counter({column: rows}) for column, _, rows in found.rules), Counter())


@given(lines=st.lists(st.text(alphabet='ab;" \r\x00é', max_size=14), max_size=16))
@settings(max_examples=25)
def test_lines_that_are_no_rows_are_rejected_as_they_stand(lines: list[str]) -> None:
    text = csv_text([POLICE]) + "".join(f"{line}\n" for line in lines)
    with TemporaryDirectory() as folder:
        try:
            found = outcome_of("police", Path(folder, "x.csv"), text)
        except UnreadableExtract as error:
            assert "never closed" in str(error)  # noqa: PT017 (one of two lawful ends)
            return
    assert found.events.height == 1
    # without a filled cell it is an empty line, which is skipped; a line end may be a part of a quoted cell
    assert [sign for row in found.rows for sign in row if sign in "abé\x00"] == [
        sign for line in lines for sign in line if sign in "abé\x00"
    ]
    assert all(row.strip("; \r\n") for row in found.rows)


@given(lines=st.lists(st.text(alphabet='{}[]":,ab01 \\u\x00', max_size=20), max_size=16))
@settings(max_examples=20)
def test_json_lines_keep_the_same_law(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        found = outcome_of("hotline", Path(folder, "x.jsonl"), json_text(HOTLINE) + "\n".join(lines))
    assert found.events.height == 1
    assert found.rows == [line for line in lines if line.strip()]


@given(order=st.permutations(list(POLICE)), seed=st.integers())
@settings(max_examples=12)
def test_the_form_of_the_file_does_not_matter_to_the_ids(order: list[str], seed: int) -> None:
    rows = [{**POLICE, "volgnummer_verdachte": str(n), "overgedragen_aan": "a;b"} for n in range(1, 5)]
    again = [*rows, *random.Random(seed).choices(rows, k=3)]
    with TemporaryDirectory() as folder:
        plain = outcome_of("police", Path(folder, "a.csv"), csv_text(rows))
        other_form = "\ufeff" + csv_text(again, [*order, "extra"], newline="\r\n", quote_all=True)
        other = outcome_of("police", Path(folder, "b.csv"), other_form)
    assert len(plain.ids) == 4
    assert other.ids[:4] == plain.ids
    assert set(other.ids) == set(plain.ids)


@pytest.mark.parametrize("source", ["police", "om"])
@given(data=st.data())
@settings(max_examples=8)
def test_no_person_number_is_reported(source: str, data: st.DataObject) -> None:
    rows = [{**row, "skn": f"{SKN}\x00"} if n % 2 else row for n, row in enumerate(data.draw(dirty_rows(source)))]
    with TemporaryDirectory() as folder:
        found = outcome_of(source, Path(folder, "x.csv"), csv_text(rows, tuple(GOOD[source])))
    assert SKN not in str((found.rejected, found.rules, found.extract, found.extract.warnings))
    assert SKN not in found.events.drop("dossier_number").write_json()
