"""What a break can be: its side, its state, the steps of its life and what persons decide about it (docs/breaks.md)."""

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
    ACCEPTED = "accepted", "aanvaard", "A person knows an open one and lets it stand, with a note."
    RESOLVED = "resolved", "opgelost", "It is no longer a break of its period."


class BreakStep(Vocabulary):
    """What happened to a break: the first five by itself, the others by a person."""

    OPENED = "opened", "ontstaan", "A balance found it for the first time."
    CHANGED = "changed", "gewijzigd", "A balance found another cause, case, state or due day."
    RESOLVED = "resolved", "opgelost", "A balance no longer found it."
    REOPENED = "reopened", "heropend", "A balance found it again after it was resolved."
    EXPIRED = "expired", "verlopen", "The last day of an acceptance passed."
    ACKNOWLEDGED = "acknowledged", "in behandeling genomen", "A person took it."
    ASSIGNED = "assigned", "toegewezen", "A person gave it to another owner."
    ACCEPTED = "accepted", "aanvaard", "A person lets it stand, knowing its cause."
    RELEASED = "released", "teruggegeven", "A person took the acknowledgement or the acceptance back."
    CONFIRMED = "confirmed", "bevestigd", "A person said that the two records belong together."
    REJECTED = "rejected", "afgewezen", "A person said that the two records do not belong together."
    TAKEN_BACK = "taken_back", "teruggenomen", "A person took the decision about the two records back."
