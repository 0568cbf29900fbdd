"""The data dictionary is what the declarations say, and says all of it."""

import pytest

from ketenbalans.jobs.pages.generated import DICTIONARY
from schemas.catalogue import sources
from schemas.contracts.command import COMMAND
from schemas.contracts.dictionary import data_dictionary, source_page
from schemas.declaration import Source


def test_the_pages_are_fresh() -> None:
    written = {file.name: file.read_text(encoding="utf-8") for file in DICTIONARY.glob("*.md")}
    assert written == data_dictionary(), f"a declaration has changed; run: .venv/bin/{COMMAND}"


@pytest.mark.parametrize("source", sources().values(), ids=lambda source: source.name)
def test_it_says_all_of_a_declaration(source: Source) -> None:
    page = source_page(source)
    rows = [
        [cell.strip().replace("\0", "|") for cell in line.strip("|").split("|")]
        for line in page.replace(r"\|", "\0").splitlines()
        if line.startswith("|")
    ]
    for field in source.fields:
        (row,) = [row for row in rows if f"`{field.name}`" in row[:2] and len(row) > 3]
        assert row[-1] == field.meaning
        assert row[-2].startswith("no" if field.required else "yes")
        assert (field.pattern or "") in row[-3]
        assert ("personal" in row[-3]) == field.is_personal
        if source.command is not None and field.column is not None:
            assert row[0] == f"`{field.column}`"
        for word in field.words or ():
            assert [f"`{word.word}`", f"`{word}`", word.meaning] in rows
    for said in (source.topic, source.dead_letter_topic, source.event_type, source.partition_key, *source.record_key):
        assert f"`{said}`" in page
