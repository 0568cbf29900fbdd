"""What the rules say in one sentence each, for who reads a break: how two records met, and what would resolve it.

The rules themselves are section 4 of the design and docs/counting-rules.md.
"""

from schemas.vocabulary import Cause, OmOnlyCause

RULES = {
    1: "Rule 1: dossier number and person token are equal.",
    2: "Rule 2: dossier number and suspect number are equal, and the tokens do not contradict.",
    3: "Rule 3: the person token is equal, in the window, and the registration has no dossier number.",
    4: "Rule 4: the dossier number is equal, in the window, and each is the other's only candidate.",
    5: "Rule 5: a person confirmed the pair.",
    6: "Rule 6: suggested only; the two look alike, and a person has to confirm or reject the pair.",
}
"""How a delivery and a registration were linked; 6 suggests."""

RESOLVED_WHEN: dict[str, str] = {
    Cause.JOINED: "The OM takes the registration out of the other case again (a later mutation).",
    Cause.LAPSED: "The OM brings the registration back, or registers the suspect anew in time.",
    Cause.OTHER_CLASSIFICATION: "The OM reclassifies the registration to KP or KST.",
    Cause.TRANSFERRED: "The unit or team that took the file over delivers it and the OM registers it in time.",
    Cause.PERIOD_BOUNDARY: "Nothing: the OM counts it in its next period. It stays explained.",
    Cause.REGISTERED_LATE: "Nothing: the OM counts it in a later period. It stays explained.",
    Cause.SUGGESTED: "Somebody confirms the pair, or rejects it so that the next cause holds.",
    Cause.IN_TRANSIT: "The OM registers it; after the due day it is missing.",
    Cause.DUPLICATE_DELIVERY: "The police withdraw one of the two deliveries of this person.",
    Cause.MISSING: "The OM registers it in time, the police correct or withdraw it, or somebody confirms a pair.",
}
"""What would resolve a break of the police side, by cause."""

OM_RESOLVED_WHEN: dict[str, str] = {
    OmOnlyCause.DELIVERED_EARLIER_PERIOD: "Nothing: the delivery counts in an earlier period. It stays explained.",
    OmOnlyCause.DELIVERED_LATER: "Nothing: the delivery counts in a later period. It stays explained.",
    OmOnlyCause.SUGGESTED: "Somebody confirms the pair, or rejects it so that the next cause holds.",
    OmOnlyCause.DELIVERY_WITHDRAWN: "The police deliver again, or the registration lapses.",
    OmOnlyCause.DUPLICATE_REGISTRATION: "The OM lets one of the two registrations lapse or joins it into the other.",
    OmOnlyCause.SUSPECT_NOT_DELIVERED: "The police deliver this suspect of the file, or the OM corrects the number.",
    OmOnlyCause.OTHER_DELIVERER: "Nothing: its deliverer is not in a police extract. It stays explained.",
    OmOnlyCause.NO_POLICE_DELIVERY: "The police deliver it; after the due day somebody has to look.",
}
"""What would resolve a break of the OM side, by cause."""
