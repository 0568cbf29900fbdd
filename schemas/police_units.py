"""The names of the units that deliver, by their code.

A code without a name here is shown as it is: those of the 25 regions before 2013 mean something else, and teams below a
unit have codes of their own.
"""

from datetime import date

NATIONAL_POLICE_SINCE = date(2013, 1, 1)
"""The day on which ten regional units and the national one took the place of the 25 regions."""

POLICE_UNITS = {
    "PL0100": "Noord-Nederland",
    "PL0600": "Oost-Nederland",
    "PL0900": "Midden-Nederland",
    "PL1100": "Noord-Holland",
    "PL1300": "Amsterdam",
    "PL1500": "Den Haag",
    "PL1700": "Rotterdam",
    "PL2000": "Zeeland-West-Brabant",
    "PL2100": "Oost-Brabant",
    "PL2300": "Limburg",
    "PL2600": "Landelijke Eenheid",
}
"""The eleven units of the national police."""


def unit_name(code: str, *, on: date) -> str | None:
    """The proper name of a unit as it was on a day; None when its code has none here."""
    return POLICE_UNITS.get(code) if on >= NATIONAL_POLICE_SINCE else None
