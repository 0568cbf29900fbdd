"""Print the packages of a CycloneDX document with their licences, one a line: ``python ops/image/licences.py FILE``."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def lines(document: dict[str, Any]) -> Iterator[str]:
    """Name, version and licence of every package, sorted; what a package does not say is ``not said``."""
    for one in sorted(document["components"], key=lambda component: component["name"].lower()):
        named = [entry.get("license", {}) for entry in one.get("licenses", [])]
        said = [licence.get("id") or licence.get("name") for licence in named]
        said += [entry["expression"] for entry in one.get("licenses", []) if "expression" in entry]
        known = sorted({" ".join(text.split()) for text in said if text and len(text) < 120})
        yield f"{one['name']} {one.get('version', '')}: {', '.join(known) or 'not said'}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))) + "\n")
