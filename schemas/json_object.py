"""The words for JSON at the edges: an object as it is read from a text or a column, and as it is written to one.

Between the edges an answer is a frozen type with fields (ADR 0040).
"""

from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

JsonObject: TypeAlias = dict[str, Any]
"""One JSON object: its keys in the order in which they are written."""


def fields_to_json(one: "DataclassInstance") -> JsonObject:
    """The fields of an answer that holds no other one, in their order; days and moments as ISO 8601 writes them."""
    return {field.name: to_json_value(getattr(one, field.name)) for field in fields(one)}


def to_json_value(value: object) -> object:
    """A value as JSON can hold it: a day or a moment as ISO 8601 writes it, anything else as it is."""
    return value.isoformat() if isinstance(value, date) else value  # a moment is a day too
