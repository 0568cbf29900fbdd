"""A report for programs: all its tables as one CSV, and the numbers it was made of as JSON."""

import csv
import io
import json
from collections.abc import Iterator

from ketenbalans.reports.document import Cell, Document
from ketenbalans.reports.report import Report
from ketenbalans.reports.words import Words, words_of

HEADER = ("section", "table", "line", "row", "column", "value")


def render_csv(document: Document) -> bytes:
    """Every cell of every table as a line: section, table, line in it, headings of the row and the column, value.

    As a spreadsheet of the language opens it: UTF-8 with a byte order mark, between cells ``;`` where decimals have a
    comma and else ``,``, headings in the language. An empty value where nothing is to be said. The first lines are the
    head, before all that the data is synthetic when it is.
    """
    words = words_of(document.language)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=words.list_sign, lineterminator="\n")
    writer.writerow(words.say(f"csv.{name}") for name in HEADER)
    for number, (label, value) in enumerate(_head(document, words), start=1):
        writer.writerow((words.say("head.section"), "", number, label, "", value))
    for section in document.sections:
        for table in section.tables:
            for number, row in enumerate(table.rows, start=1):
                place = (section.heading, table.name, number, words.plain(row[0]))
                for column, value in list(zip(table.columns, row, strict=True))[1:]:
                    writer.writerow((*place, column.label, words.plain(value)))
    return text.getvalue().encode("utf-8-sig")


def _head(document: Document, words: Words) -> Iterator[tuple[str, Cell]]:
    if document.notice:
        yield words.say("head.notice"), document.notice
    yield words.say("head.title"), document.title
    yield words.say("head.subject"), document.subtitle
    for fact in document.facts:
        yield fact.label, fact.text
    for sentence in document.answer:
        yield words.say("head.answer"), sentence


def render_json(report: Report) -> str:
    """What the report was made of, in no language."""
    return json.dumps(report.to_json(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
