"""Police units, the older codes below them, and the prosecutor's offices they deliver to.

The codes of the units come from the glossary. A dossier number starts with the code of a place *below* its unit: the
former regions (01 to 25) live on there. Which office takes which file is general knowledge, not a published rule.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """One of the eleven units: its code, its share of the files (an assumption), what lies below it, its offices."""

    code: str
    share: int
    prefixes: tuple[str, ...]
    offices: tuple[str, ...]


UNITS = (
    Unit("PL0100", 92, ("PL01KE", "PL0100", "PL02AB", "PL03GR"), ("18",)),
    Unit("PL0600", 168, ("PL0600", "PL04ZW", "PL05EN", "PL07B3", "PL08NM"), ("05", "08")),
    Unit("PL0900", 112, ("PL0900", "PL09UT", "PL14GV", "PL25FL"), ("16",)),
    Unit("PL1100", 84, ("PL1100", "PL10NK", "PL12KL"), ("15",)),
    Unit("PL1300", 86, ("PL1300", "PL13AA"), ("13",)),
    Unit("PL1500", 110, ("PL1500", "PL15HG", "PL16HM"), ("09",)),
    Unit("PL1700", 104, ("PL1700", "PL17RR", "PL18ZH"), ("10",)),
    Unit("PL2000", 88, ("PL2000", "PL19ZL", "PL20MW"), ("02",)),
    Unit("PL2100", 76, ("PL2100", "PL22ZO"), ("01",)),
    Unit("PL2300", 66, ("PL2300", "PL24LZ"), ("03",)),
    Unit("PL2600", 14, ("PL2600", "PL26KL"), ("71", "10")),
)

MARECHAUSSEE_PREFIX = "PL27RD"
"""The KMar delivers from a system of its own: its files are never in a police extract."""
