"""All scenarios by name. A new one is a module of its own and a line here."""

from scenarios.scenario import Scenario
from scenarios.year_2014 import YEAR_2014

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in (YEAR_2014,)}
