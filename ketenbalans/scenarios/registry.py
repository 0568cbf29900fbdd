"""All scenarios by name. A new one is a module of its own and a line here."""

from ketenbalans.scenarios.all_years import ALL_YEARS
from ketenbalans.scenarios.hotline_2012_2013 import HOTLINE_2012_2013
from ketenbalans.scenarios.ordinary import ORDINARY
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.year_2012 import YEAR_2012
from ketenbalans.scenarios.year_2013 import YEAR_2013
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.scenarios.year_2019 import YEAR_2019
from ketenbalans.scenarios.years_2015_2018 import YEARS_2015_2018

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        YEAR_2012,
        YEAR_2013,
        YEAR_2014,
        YEARS_2015_2018,
        YEAR_2019,
        HOTLINE_2012_2013,
        ALL_YEARS,
        ORDINARY,
    )
}
