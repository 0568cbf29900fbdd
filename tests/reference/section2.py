"""The dossier number alone (docs/counting-rules.md, Numbers in one form): cleaned, in one form."""

import re

WELL_FORMED = re.compile(r"(PL\d\d[0-9A-Z]{2})-?(\d{10})(-\d{1,3})?", re.ASCII)
KEPT = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
DOCUMENT_SUFFIX = re.compile(r"-\d{1,3}$", re.ASCII)


def cleaned(as_typed: str) -> str:
    """'In capitals, with everything but A-Z, 0-9 and `-` removed'; a letter beyond A to Z has no capital here."""
    return "".join(character for character in as_typed if character in KEPT).upper()


def normalised(as_typed: str | None) -> str | None:
    """'... it must match [the pattern]; the document suffix is dropped, one `-` stands before the ten digits'."""
    match = WELL_FORMED.fullmatch(cleaned(as_typed or ""))
    return f"{match[1]}-{match[2]}" if match else None


def comparable(number: str) -> str:
    """'compared in capitals, cleaned [...], without the document suffix and without `-`' (rule 6c)."""
    return DOCUMENT_SUFFIX.sub("", cleaned(number)).replace("-", "")
