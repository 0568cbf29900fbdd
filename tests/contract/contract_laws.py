"""What a contract says of a value, by the schema and by the rules beside it: for the tests."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema_rs

from schemas.contracts.compatibility import Contract
from schemas.declaration import EARLIEST_DAY, LATEST_DAY

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def _not_before(day: Any, other: Any) -> bool:
    return bool(date.fromisoformat(day) >= date.fromisoformat(other))


def _at_most_a_day_after(day: Any, moment: Any) -> bool:
    recorded = datetime.fromisoformat(moment).astimezone(AMSTERDAM).date()
    return bool(date.fromisoformat(day) <= recorded + timedelta(days=1))


RULES: dict[str, Callable[[Any, Any], bool]] = {"not_before": _not_before, "at_most_a_day_after": _at_most_a_day_after}
"""What the rules of ``x-rules`` mean, for a reader who checks them too."""


def schema_holds(contract: Contract, value: Any) -> bool:
    return _validator(json.dumps(contract)).is_valid(value)


@cache
def _validator(contract: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(contract), validate_formats=True)


def rules_hold(contract: Contract, value: Mapping[str, Any]) -> bool:
    """Whether the rules hold that JSON Schema has no words for; of a value that the schema accepts."""
    for rule in contract.get("x-rules", []):
        one, other = value.get(rule["field"]), value.get(rule["other"])
        if one is not None and other is not None and not RULES[rule["rule"]](one, other):
            return False
    return all(
        value.get(name) is None or EARLIEST_DAY <= datetime.fromisoformat(value[name]).date() <= LATEST_DAY
        for name, declared in contract["properties"].items()
        if declared.get("format") == "date-time"
    )
