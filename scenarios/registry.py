"""All scenarios by name. A new one is a module of its own and a line here."""

from scenarios.all_years import ALL_YEARS
from scenarios.hotline_2012_2013 import HOTLINE_2012_2013
from scenarios.ordinary import ORDINARY
from scenarios.scenario import Scenario
from scenarios.year_2012 import YEAR_2012
from scenarios.year_2013 import YEAR_2013
from scenarios.year_2014 import YEAR_2014
from scenarios.year_2019 import YEAR_2019
from scenarios.years_2015_2018 import YEARS_2015_2018

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
