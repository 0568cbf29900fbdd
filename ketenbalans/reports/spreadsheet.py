"""A report as an OpenDocument workbook: a sheet per table, numbers as numbers. The same report gives the same bytes."""

import io
import zipfile
from datetime import datetime
from decimal import Decimal

from odfdo import Cell, Document, Row, Table

from ketenbalans.reports import document as document_types
from ketenbalans.reports.words import words_of

NO_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 (a date that says nothing: the workbook has no day of its own)
NO_MOMENT = (1980, 1, 1, 0, 0, 0)


def render_ods(document: document_types.Document) -> bytes:
    """Render a report as a workbook; the first sheet says what it is, and that it is synthetic when it is."""
    words = words_of(document.language)
    book = Document("spreadsheet")
    book.body.clear()
    summary: list[tuple[document_types.Cell, ...]] = [
        (document.title,),
        (document.subtitle,),
        *([(document.notice,)] if document.notice else []),
        *((fact.label, fact.text) for fact in document.facts),
        *((sentence,) for sentence in document.answer),
        *((one.label, one.figure) for one in document.headlines),
    ]
    book.body.append(_sheet(words.say("sheet.summary"), summary))
    for section in document.sections:
        for table in section.tables:
            heading = tuple(column.label for column in table.columns)
            notice = [(document.notice_short,)] if document.notice_short else []
            book.body.append(_sheet(table.name, [(table.caption,), *notice, heading, *table.rows]))
    book.meta.title = document.title
    book.meta.language = document.language
    return to_bytes(book)


def to_bytes(book: Document) -> bytes:
    """A workbook as a file holds it: the same bytes for the same content, whenever it is written."""
    book.meta.creation_date = NO_DAY
    book.meta.date = NO_DAY
    book.meta.set_generator("ketenbalans")
    raw = io.BytesIO()
    book.save(raw)
    return _without_moments(raw.getvalue())


def _sheet(name: str, rows: list[tuple[document_types.Cell, ...]]) -> Table:
    sheet = Table(name)
    for values in rows:
        row = Row()
        for value in values:
            row.append_cell(Cell(float(value) if isinstance(value, Decimal) else value))
        sheet.append_row(row)
    return sheet


def _without_moments(book: bytes) -> bytes:
    """The same archive without the moments at which its parts were written, and with its parts in the same order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(packed, "w") as new:
        for part in old.infolist():
            kept = zipfile.ZipInfo(part.filename, date_time=NO_MOMENT)
            kept.compress_type = part.compress_type  # the type of the document comes first, and is not compressed
            kept.external_attr = part.external_attr
            new.writestr(kept, old.read(part.filename))
    return packed.getvalue()
