"""Read a JSON Lines extract: one object a line, with the field names of the event, dates ISO.

Types are strict: a number where a text belongs breaks its row. A name that an object lacks says nothing (null); a name
that no field has is ignored with a warning. A file without a line is an extract without a row.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from producers.errors import UnreadableExtract
from producers.extract import Extract, Rows, columns_of, read_content
from schemas.declaration import Source

OBJECT_RULE = "is a JSON object that names nothing twice"
TEXT_RULE = "is a text or null"

_PRINTABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


def read_json_lines(file: Path, source: Source) -> Extract:
    """Read a JSON Lines file as an extract of a source.

    Raises:
        UnreadableExtract: the file cannot be opened, is not UTF-8, or has lines of which none is an object.
    """
    content = read_content(file)
    wanted = columns_of(source)
    collected = Rows(wanted)
    unknown: Counter[str] = Counter()
    objects = 0
    for line, ended_text in enumerate(content.text.split("\n"), 1):
        text = ended_text.rstrip("\r")
        if not text.strip():
            continue
        row = _object(text)
        if row is None:
            collected.refuse(line, text, [("", OBJECT_RULE)])
            continue
        objects += 1
        unknown.update(row.keys() - set(wanted))
        cells = [row.get(name) for name in wanted]
        if wrong := [name for name, cell in zip(wanted, cells, strict=True) if not isinstance(cell, str | None)]:
            collected.refuse(line, text, [(name, TEXT_RULE) for name in wrong])
        else:
            collected.add(line, text, cells)
    extract = collected.extract(content, _warnings(file, unknown))
    if extract.rows and not objects:
        problem = "no line of it is a JSON object, so it is no JSON Lines extract"
        raise UnreadableExtract(file, problem, "Check that it is the file of this source, one JSON object a line")
    return extract


def _object(text: str) -> dict[str, Any] | None:
    """The object on a line, or None: orjson holds to the standard, the second reading sees a name that comes twice."""
    try:
        row = orjson.loads(text)
        if isinstance(row, dict) and json.loads(text, object_pairs_hook=_names_differ):
            return row
    except (ValueError, RecursionError):
        pass
    return None


def _names_differ(pairs: list[tuple[str, Any]]) -> bool:
    # asked of the inner objects first and of the whole line last, so the whole line's answer is the one that counts
    return len({name for name, _ in pairs}) == len(pairs)


def _warnings(file: Path, unknown: Counter[str]) -> list[str]:
    """One warning per unknown name. A name that is none is not repeated: it may be a value by mistake."""
    named = sorted(name for name in unknown if _PRINTABLE_NAME.fullmatch(name))
    warnings = [f"{file}: the field {name} is unknown and was ignored ({unknown[name]} rows)" for name in named]
    if others := len(unknown) - len(named):
        warnings.append(f"{file}: {others} fields with other names are unknown and were ignored")
    return warnings
