"""How a delivery and a registration were linked, a sentence per rule (docs/counting-rules.md)."""

RULES = {
    1: "Rule 1: dossier number and person token are equal.",
    2: "Rule 2: dossier number and suspect number are equal, and the tokens do not contradict.",
    3: "Rule 3: the person token is equal, in the window, and the registration has no dossier number.",
    4: "Rule 4: the dossier number is equal, in the window, and each is the other's only candidate.",
    5: "Rule 5: a person confirmed the pair.",
    6: "Rule 6: suggested only; the two look alike, and a person has to confirm or reject the pair.",
}
"""How a delivery and a registration were linked; 6 suggests."""
