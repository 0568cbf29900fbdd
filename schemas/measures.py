"""Every measure that a letter published, declared once, in the modules that are gathered here."""

from schemas.measure import Derivation, Measure
from schemas.measures_chain import CHAIN
from schemas.measures_delivered import DELIVERED, HOTLINES
from schemas.measures_police import INTERVENTIONS, INVESTIGATIONS

__all__ = ["ALL", "MEASURES", "Derivation", "Measure"]

ALL = (*CHAIN, *INTERVENTIONS, *INVESTIGATIONS, *HOTLINES, *DELIVERED)
"""Every measure of the register, in an order for reading; a test holds the two against each other."""

MEASURES: dict[str, Measure] = {measure.name: measure for measure in ALL}
