"""The frames of breaks: as a balance finds them, as they are kept, and what persons decided about them."""

import polars as pl

FOUND = {
    "side": pl.String(),
    "dossier_number": pl.String(),
    "suspect_number": pl.Int32(),
    "case_number": pl.String(),
    "unit": pl.String(),
    "link_rule": pl.Int32(),
    "cause": pl.String(),
    "state": pl.String(),
    "due_on": pl.Date(),
}
"""A break as a balance finds it.

``case_number``: of the linked registration, else of the suggested one. ``link_rule``: 1 to 5 linked the two, 6 suggests
it, null: there is no other record.
"""

OBSERVATION = {
    "break_id": pl.String(),
    "as_of": pl.Date(),
    "step": pl.String(),
    **FOUND,
    "resolved_by": pl.String(),
}
"""What a balance of a day found otherwise than before: the step, and the whole break after it."""

KEPT = {"observation_number": pl.Int64(), **OBSERVATION}
"""An observation as it is kept, with the order in which it was written."""

BREAK_DECISION = {
    "decision_id": pl.String(),
    "decision_number": pl.Int64(),
    "break_id": pl.String(),
    "verdict": pl.String(),
    "owner": pl.String(),
    "note": pl.String(),
    "decided_by": pl.String(),
    "decided_on": pl.Date(),
    "accepted_cause": pl.String(),
    "accepted_until": pl.Date(),
    "identity": pl.String(),
}
"""What a person decided about a break: acknowledged (owner and note), assigned (owner), accepted (note and cause, and
the last day where there is one) or released. ``identity``: how it is known who decided."""

PAIR_DECISION = {
    "decision_id": pl.String(),
    "decision_number": pl.Int64(),
    "verdict": pl.String(),
    "dossier_number": pl.String(),
    "suspect_number": pl.Int32(),
    "case_number": pl.String(),
    "decided_by": pl.String(),
    "decided_on": pl.Date(),
    "identity": pl.String(),
}
"""What a person decided about a pair: confirmed, rejected or taken_back."""
