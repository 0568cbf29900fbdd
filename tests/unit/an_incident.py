"""An incident to test with: one that runs, unless something else is said."""

from datetime import UTC, datetime
from typing import Any

from warehouse.incidents import KeptIncident

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def incident_of(**differences: Any) -> KeptIncident:
    """An incident of the police that runs, but for the fields that are given."""
    nobody: dict[str, None] = dict.fromkeys(("by", "note", "resumed_at", "ended_at", "identity"))
    fields: dict[str, Any] = {
        "incident_id": 7,
        "subject": "police_deliveries",
        "kind": "covers_less",
        "message": "a new extract covers less",
        "since": SINCE,
        "seen_at": SINCE,
        "mark": "",
        "notes": {},
        **nobody,
    }
    return KeptIncident(**(fields | differences))
