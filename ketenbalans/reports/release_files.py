"""The files of a release: JSON, a CSV per table, and a page in each language. Equal releases give equal bytes."""

import csv
import io
from collections.abc import Mapping

from ketenbalans.reports.html import render_html
from ketenbalans.reports.release_document import release_document
from ketenbalans.reports.words import LANGUAGES, words_of
from schemas.release import Release

DOCUMENT = "release.json"

KEYS: Mapping[str, tuple[str, ...]] = {
    "national": ("line", "cause"),
    "unit": ("unit", "line"),
    "month": ("month", "line"),
}
"""The columns of each table before its value."""


def release_files(release: Release) -> dict[str, bytes]:
    """Every file by its name, the pages first."""
    pages = {
        f"release.{language}.html": render_html(release_document(release, words_of(language))).encode()
        for language in LANGUAGES
    }
    tables = {f"{table}.csv": release_csv(release, table) for table in KEYS}
    return {**pages, **tables, DOCUMENT: release.to_bytes()}


def release_csv(release: Release, table: str) -> bytes:
    """A table of a release, a line per count; a withheld table has its header only.

    Each line says of which release it is, and whether that is a draft and its data synthetic.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("release_id", "as_of", "is_draft", "is_synthetic", *KEYS[table], "value"))
    marks = (release.release_id, release.as_of, *(str(mark).lower() for mark in (release.draft, release.synthetic)))
    for cell in release.tables[table]:
        writer.writerow((*marks, *(cell.key.get(key, "") for key in KEYS[table]), cell.value))
    return text.getvalue().encode()
