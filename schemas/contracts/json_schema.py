"""The contracts: what a message of each type holds, for who reads or writes our topics with other tools.

One JSON Schema (draft 2020-12) per event type and one AsyncAPI document, made from the declarations as texts:
``ketenbalans.jobs.pages.contracts`` writes them down and makes them promises. A contract accepts every event that our
own gate accepts; what JSON Schema cannot say stands beside it as ``x-`` keywords, named in docs/contracts/README.md.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.catalogue import sources
from schemas.contracts.asyncapi import asyncapi
from schemas.contracts.command import COMMAND
from schemas.contracts.compatibility import Contracts, changes_between
from schemas.declaration import EARLIEST_DAY, LARGEST_INTEGER, LATEST_DAY, TOPIC_PARTITIONS, Field, Kind, Source

SUFFIX = ".schema.json"

_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$"
"""RFC 3339, for a reader whose validator takes ``format`` as a remark."""


def contract_of(source: Source) -> dict[str, Any]:
    """The JSON Schema of the value of a source's events, with where they travel.

    Every keyword means the same in draft-07, so that AsyncAPI can hold it too. A field that nobody declared is allowed:
    a later contract of the same version may name it.
    """
    contract: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:ketenbalans:{source.event_type}",
        "title": source.event_type,
        "description": source.meaning,
        "x-event-type": source.event_type,
        "x-topic": source.topic,
        "x-partitions": TOPIC_PARTITIONS,
        "x-key": source.partition_key,
        "x-record": list(source.record_key),
        "type": "object",
        "properties": {field.name: _property(source, field) for field in source.fields},
        "required": [field.name for field in source.fields if field.required],
    }
    if together := [_filled_with(field) for field in source.fields if field.required_with is not None]:
        contract["allOf"] = together
    if rules := list(_rules(source)):
        contract["x-rules"] = rules
    return contract


def generated() -> Contracts:
    """The contract of every version of every declared source, by event type."""
    contracts = {one.event_type: contract_of(one) for source in sources().values() for one in source.versions}
    return dict(sorted(contracts.items()))


def schema_files(contracts: Contracts) -> dict[str, str]:
    """The name and the text of the file of each contract."""
    return {f"{event_type}{SUFFIX}": _text(contract) for event_type, contract in contracts.items()}


def contract_files(promised: Contracts) -> dict[str, str]:
    """The name and the text of every file that is made of the declarations, given what was promised before."""
    contracts = generated()
    return {
        **schema_files(contracts),
        "asyncapi.json": _text(asyncapi(list(sources().values()), contracts)),
        "unreleased.md": "\n".join(_unreleased(promised, contracts)) + "\n",
    }


def _property(source: Source, field: Field) -> dict[str, Any]:
    """What one field may hold. A field that is not required may be absent or null, which say the same."""
    shape = _shape(field)
    if not field.required:
        shape["type"] = [shape["type"], "null"]
        if "enum" in shape:
            shape["enum"].append(None)
    if field.words is not None:
        shape["x-words"] = {str(word): word.meaning for word in field.words}
    if source.mutations is not None and field.name == "mutation":
        shape["x-ordered"] = True  # of two mutations recorded at one moment the later listed is the newer
    if field.is_personal:
        shape["x-personal"] = True
    if field.added_later:
        shape["x-added-later"] = True
    return {"description": field.meaning, **shape}


def _shape(field: Field) -> dict[str, Any]:
    """The rules of the value, when there is one."""
    if field.words is not None:
        word = {"type": "string", "enum": [str(word) for word in field.words]}
        return {"type": "array", "items": word} if field.kind is Kind.WORDS else word
    days = {"x-earliest": EARLIEST_DAY.isoformat(), "x-latest": LATEST_DAY.isoformat()}
    years = digits_between(str(EARLIEST_DAY.year), str(LATEST_DAY.year))
    shapes: dict[Kind, dict[str, Any]] = {
        Kind.TEXT: {"type": "string", "pattern": field.text_pattern},
        Kind.INTEGER: {"type": "integer", "minimum": field.minimum or 0, "maximum": LARGEST_INTEGER},
        Kind.BOOLEAN: {"type": "boolean"},
        Kind.DATE: {"type": "string", "format": "date", "pattern": f"^{years}-[0-9]{{2}}-[0-9]{{2}}$", **days},
        Kind.TIMESTAMP: {"type": "string", "format": "date-time", "pattern": _MOMENT, **days},
        Kind.WORDS: {"type": "array", "items": {"type": "string"}},
        Kind.OFFSETS: {
            "type": "object",
            "propertyNames": {"pattern": "^[0-9]{1,9}$"},
            "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
        },
    }
    return shapes[field.kind]


def _filled_with(field: Field) -> dict[str, Any]:
    """A mutation that may not come without the field."""
    return {
        "if": {"properties": {"mutation": {"const": str(field.required_with)}}, "required": ["mutation"]},
        "then": {"properties": {field.name: {"not": {"type": "null"}}}, "required": [field.name]},
    }


def _rules(source: Source) -> Iterator[dict[str, str]]:
    """What holds between two fields, which JSON Schema has no words for."""
    for field in source.fields:
        if field.not_before is not None:
            says = f"{field.name} does not lie before {field.not_before}, where both are filled"
            yield {"field": field.name, "rule": "not_before", "other": field.not_before, "says": says}
        if field.kind is Kind.DATE and source.mutations is not None:
            says = f"{field.name} lies at most one day after the day of recorded_at in Europe/Amsterdam"
            yield {"field": field.name, "rule": "at_most_a_day_after", "other": "recorded_at", "says": says}


def digits_between(first: str, last: str) -> str:
    """A pattern that the numbers from first to last match, both included, written with as many digits as these."""
    if first == last:
        return first
    if len(first) == 1:
        return f"[{first}-{last}]"
    if first[0] == last[0]:
        return first[0] + digits_between(first[1:], last[1:])
    rest, low, high = len(first) - 1, int(first[0]), int(last[0])
    parts = []
    if first[1:] != "0" * rest:
        parts.append(first[0] + digits_between(first[1:], "9" * rest))
        low += 1
    if last[1:] != "9" * rest:
        high -= 1
    if low <= high:
        parts.append((str(low) if low == high else f"[{low}-{high}]") + "[0-9]" * rest)
    if last[1:] != "9" * rest:
        parts.append(last[0] + digits_between("0" * rest, last[1:]))
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _unreleased(promised: Contracts, contracts: Contracts) -> Iterator[str]:
    """What readers will find changed at the next release."""
    yield from ["# What the next release changes", "", f"Made by `{COMMAND}`: what differs from `released/`.", ""]
    lines = [f"- `{event_type}` is new." for event_type in contracts if event_type not in promised]
    lines += [f"- {change}" for change in changes_between(promised, contracts)]
    yield from lines or ["Nothing: the contracts are those that were released last."]
