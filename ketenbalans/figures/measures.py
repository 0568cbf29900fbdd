"""Every measure that a letter published, declared once, in the modules that are gathered here."""

from ketenbalans.figures.measure import Derivation, Measure
from ketenbalans.figures.measures_chain import CHAIN
from ketenbalans.figures.measures_delivered import DELIVERED, HOTLINES
from ketenbalans.figures.measures_police import INTERVENTIONS, INVESTIGATIONS

__all__ = ["ALL", "MEASURES", "Derivation", "Measure"]

ALL = (*CHAIN, *INTERVENTIONS, *INVESTIGATIONS, *HOTLINES, *DELIVERED)
"""Every measure of the register, in an order for reading; a test holds the two against each other."""

MEASURES: dict[str, Measure] = {measure.name: measure for measure in ALL}
