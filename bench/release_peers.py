"""What a researcher's tool publishes of the same tables: acro, which suppresses small cells or rounds to the nearest.

Runs under its own Python (``.venv-release-peers``): a JSON list of tables, each unit -> [recognised, gap], comes in,
and per way of acro's the tables that it gives go out, each unit -> [recognised, gap, all] with null where suppressed,
the margins under ``All``, with the seconds of each table.
"""

import json
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from acro import ACRO

LINES = ("recognised", "gap")
WAYS = ("suppress", "round")


def main() -> None:
    """Answer on standard output."""
    logging.disable(logging.CRITICAL)
    asked = json.load(sys.stdin)
    answer = {}
    for way in WAYS:
        tool = ACRO(mitigation=way, round_base=asked["threshold"])
        tool.sdc_checks.risk_appetite["safe_threshold"] = asked["threshold"]
        answer[way] = [_published(tool, table) for table in asked["tables"]]
    json.dump(answer, sys.stdout)


def _published(tool: ACRO, table: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    suspects = [
        (unit, line) for unit, counts in table.items() for line, n in zip(LINES, counts, strict=True) for _ in range(n)
    ]
    frame = pd.DataFrame(suspects, columns=["unit", "outcome"])
    begun = time.perf_counter()
    made = tool.crosstab(frame["unit"], frame["outcome"], margins=True)
    seconds = time.perf_counter() - begun
    cells = {
        unit: [None if pd.isna(row.get(name)) else int(row[name]) for name in (*LINES, "All")]
        for unit, row in made.iterrows()
    }
    return {"seconds": seconds, "cells": cells}


if __name__ == "__main__":
    main()
