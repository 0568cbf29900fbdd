"""All scenarios by name. A new one is a module of its own and a line here."""

from scenarios.ordinary import ORDINARY
from scenarios.scenario import Scenario
from scenarios.year_2012 import YEAR_2012
from scenarios.year_2014 import YEAR_2014

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in (YEAR_2012, YEAR_2014, ORDINARY)}
