"""The forms of the chain's numbers once normalised.

Apart from the code that normalises (``schemas.numbers``), so that reading a declaration loads no frame library.
"""

DOSSIER_NUMBER = r"^PL[0-9]{2}[0-9A-Z]{2}-[0-9]{10}$"
"""A normalised dossier number: one dash before the ten digits, no document suffix."""

CASE_NUMBER = r"^(?:[01][0-9]|2[5-9]|[3-9][0-9])[0-9]{8}$"
"""A normalised case number: ten digits, not an appeal (offices 20 to 24)."""

NOT_IN_A_DOSSIER_NUMBER = r"[^A-Za-z0-9-]"
"""What is removed before a dossier number gets capitals and is compared: other letters may grow by that (``ß``)."""

APPEAL_CASE_NUMBER = r"^2[0-4][0-9]{8}$"
"""An appeal gets a new number at the appeal court's office: counted as inflow it would count a suspect twice."""
