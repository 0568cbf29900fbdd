"""A report as a PDF that screen readers can read (PDF/UA-1), set by Typst. The same report gives the same bytes."""

import json
from importlib import resources

import typst

from ketenbalans.reports.document import CellKind, Document, Section, Table
from ketenbalans.reports.font import font_folder
from ketenbalans.reports.pictures import width_of
from ketenbalans.reports.words import words_of
from schemas.json_object import JsonObject


def render_pdf(document: Document) -> bytes:
    """Render a report as a PDF of A4 pages, with a notice on each when the data is synthetic."""
    template = (resources.files("ketenbalans.reports") / "templates" / "report.typ").read_bytes()
    files = {"main.typ": template, "report.json": json.dumps(_written(document), ensure_ascii=False).encode()}
    for section in document.sections:
        if section.picture:
            files[f"{section.picture.key}.svg"] = section.picture.svg.encode()
    made: bytes = typst.compile(
        files,  # type: ignore[call-overload]  # its type forgets that it takes files by name
        format="pdf",
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[font_folder()]),
        pdf_standards=["ua-1"],
    )
    return made


def _written(document: Document) -> JsonObject:
    """The document as the template reads it: every cell as people read it."""
    return {
        "language": document.language,
        "title": document.title,
        "contents": document.labels["contents"],
        "running": document.running,
        "subtitle": document.subtitle,
        "notice": document.notice,
        "notice_short": document.notice_short,
        "facts": [{"label": fact.label, "text": fact.text} for fact in document.facts],
        "headlines": [
            {"figure": one.figure, "label": one.label, "act": one.is_to_act_on} for one in document.headlines
        ],
        "answer": document.answer,
        "sections": [_section(section, document.language) for section in document.sections],
    }


def _section(section: Section, language: str) -> JsonObject:
    picture = section.picture
    return {
        "heading": section.heading,
        "text": section.text,
        "picture": picture
        and {"file": f"{picture.key}.svg", "title": picture.title, "alt": picture.alt, "width": width_of(picture.svg)},
        "tables": [_table(table, language) for table in section.tables],
    }


def _table(table: Table, language: str) -> JsonObject:
    words = words_of(language)
    return {
        "caption": table.caption,
        "columns": [{"label": column.label, "number": column.kind is not CellKind.TEXT} for column in table.columns],
        "rows": [
            {
                "strong": place in table.strong,
                "cells": [words.cell(value, column.kind) for value, column in zip(row, table.columns, strict=True)],
            }
            for place, row in enumerate(table.rows)
        ],
    }
