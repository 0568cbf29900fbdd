"""A report for programs: all its tables as one CSV, and the numbers it was made of as JSON."""

import csv
import io
import json

from reports.document import Document
from reports.report import Report

HEADER = ("section", "table", "line", "row", "column", "value")


def render_csv(document: Document) -> str:
    """Every cell of every table as a line: section, table, line in it, headings of the row and the column, value.

    Separator ``;``, a decimal point, an empty value where nothing is to be said. In synthetic reports the first line
    says so, as a section of its own.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(HEADER)
    if document.notice:
        writer.writerow(("notice", "", "", "", "", document.notice))
    for section in document.sections:
        for table in section.tables:
            for number, row in enumerate(table.rows, start=1):
                place = (section.key, table.key, number, row[0])
                for column, value in list(zip(table.columns, row, strict=True))[1:]:
                    writer.writerow((*place, column.label, "" if value is None else value))
    return text.getvalue()


def render_json(report: Report) -> str:
    """What the report was made of, in no language."""
    return json.dumps(report.to_dict(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
