"""Parameters of queries: many values as one, so that the query stays the same however many there are."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, any_, literal


def any_of(texts: Iterable[str]) -> ColumnElement[Any]:
    """What equals one of the texts, as one parameter."""
    return any_(literal(sorted(set(texts)), ARRAY(Text)))
