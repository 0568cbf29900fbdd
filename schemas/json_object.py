"""The word for JSON at the edges: an object as it is read from a text or a column, and as it is written to one.

Between the edges an answer is a frozen type with fields (ADR 0040).
"""

from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""One JSON object: its keys in the order in which they are written."""
