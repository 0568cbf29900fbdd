"""What a break can be: its side, its state, the steps of its life and what persons decide about it (design, 4.5)."""

import polars as pl

from schemas.vocabulary import Vocabulary


class Side(Vocabulary):
    """The register in which the record of a break is.

    What another party delivers has that party's own word for its side (``Source.party``).
    """

    POLICE = "police", "politie", "A delivered suspect that is not recognised."
    OM = "om", "OM", "A registration that only the OM counts in the period."


class BreakState(Vocabulary):
    """Whether somebody must act. The cause says why there is a break, the state what it asks for."""

    WAITING = "waiting", "in afwachting", "It may still be solved by itself until its due day."
    OPEN = "open", "te behandelen", "Somebody has to act."
    EXPLAINED = "explained", "verklaard", "The cause says all; nobody has to act."
    ACKNOWLEDGED = "acknowledged", "in behandeling", "A person took it, with an owner and a note."
    RESOLVED = "resolved", "opgelost", "It is no longer a break of its period."


class BreakStep(Vocabulary):
    """What happened to a break: the first four by itself, the others by a person."""

    OPENED = "opened", "ontstaan", "A balance found it for the first time."
    CHANGED = "changed", "gewijzigd", "A balance found another cause, case, state or due day."
    RESOLVED = "resolved", "opgelost", "A balance no longer found it."
    REOPENED = "reopened", "heropend", "A balance found it again after it was resolved."
    ACKNOWLEDGED = "acknowledged", "in behandeling genomen", "A person took it."
    ASSIGNED = "assigned", "toegewezen", "A person gave it to another owner."
    RELEASED = "released", "behandeling teruggegeven", "A person took the acknowledgement back."
    CONFIRMED = "confirmed", "bevestigd", "A person said that the two records belong together."
    REJECTED = "rejected", "afgewezen", "A person said that the two records do not belong together."
    TAKEN_BACK = "taken_back", "teruggenomen", "A person took the decision about the two records back."


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
}
"""What a person decided about a break: acknowledged (owner and note), assigned (owner) or released."""

PAIR_DECISION = {
    "decision_id": pl.String(),
    "decision_number": pl.Int64(),
    "verdict": pl.String(),
    "dossier_number": pl.String(),
    "suspect_number": pl.Int32(),
    "case_number": pl.String(),
    "decided_by": pl.String(),
    "decided_on": pl.Date(),
}
"""What a person decided about a pair: confirmed, rejected or taken_back."""
