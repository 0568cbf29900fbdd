"""The files of a release: they name it, add up for who reads them, and are the same bytes for the same release."""

import csv
import io
import json
from dataclasses import replace

import pytest

from ketenbalans.reports.release_document import release_document
from ketenbalans.reports.release_files import DOCUMENT, KEYS, release_csv, release_files
from ketenbalans.reports.words import LANGUAGES, words_of
from schemas.release import Release
from tests.unit.reports.a_release import a_release, all_kinds_of_releases


@pytest.fixture(scope="module")
def release() -> Release:
    return a_release()


def test_equal_releases_give_equal_bytes(release: Release) -> None:
    assert release_files(release) == release_files(Release.from_json(json.loads(release.to_bytes())))


def test_a_table_has_a_line_for_every_cell(release: Release) -> None:
    for table, keys in KEYS.items():
        rows = list(csv.DictReader(io.StringIO(release_csv(release, table).decode())))
        found = [({key: row[key] for key in keys if row[key]}, int(row["value"])) for row in rows]
        assert found == [(dict(cell.key), cell.value) for cell in release.tables[table]]
        assert {row["release_id"] for row in rows} == {release.release_id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rows_of_every_table_of_a_page_add_up_to_its_last(release: Release, language: str) -> None:
    document = release_document(release, words_of(language))
    for section in document.sections:
        for table in section.tables:
            if section.key == "published":
                continue
            *rows, total = table.rows
            for place in range(1, len(total)):
                assert sum(int(row[place] or 0) for row in rows) == total[place], table.key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_says_so_on_the_page_and_on_every_sheet_of_paper(release: Release, language: str) -> None:
    words = words_of(language)
    draft, approved = (release_document(one, words) for one in (release, replace(release, draft=False)))
    assert words.say("release.draft") in draft.notice
    assert words.say("release.draft_short") in draft.notice_short
    assert words.say("release.draft") not in approved.notice
    page = release_files(release)[f"release.{language}.html"].decode()
    assert words.say("release.draft") in page


def test_what_is_withheld_is_named_and_has_no_table() -> None:
    *_, withheld = all_kinds_of_releases()
    document = release_document(withheld, words_of("en"))
    assert any("per police unit, per month, causes, count by the OM" in fact.text for fact in document.facts)
    assert [section.key for section in document.sections] == ["published", "method"]
    assert set(release_files(withheld)) >= {DOCUMENT, "unit.csv"}
