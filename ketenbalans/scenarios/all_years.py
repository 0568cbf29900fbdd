"""The scenario ``all``: 2010 to 2019 and the spring of 2020 as one continuous history of every source.

The parts are those of the scenarios of single years, generated at one desk; docs/scenarios/all.md says which figures
are published and what is assumed. There is a set for every day that a published figure rests on.
"""

from datetime import date
from functools import partial

from ketenbalans.scenarios import hotline_transnational as hotline
from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios import year_2012, year_2013, year_2014, year_2019, years_2010_2011, years_2015_2018
from ketenbalans.scenarios.aggregates import aggregate_rows
from ketenbalans.scenarios.interventions import intervention_rows
from ketenbalans.scenarios.investigations import investigation_rows
from ketenbalans.scenarios.marechaussee import kmar_rows
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.script import Script, generate
from ketenbalans.scenarios.sources import AGGREGATES, HOTLINE, INTERVENTIONS, INVESTIGATIONS, KMAR

SEED = 31015_85
OPENED_ON = date(2010, 1, 1)
COVERS = (
    date(2013, 3, 1),
    date(2013, 5, 6),
    date(2013, 11, 30),
    date(2015, 1, 31),
    date(2015, 6, 1),
    date(2018, 11, 16),
    date(2020, 4, 30),
)
DISPOSED_SHARE = 0.45
HOTLINE_REPORTS_A_MONTH = 9

NOTICE = """\
Synthetic data. No file, person, case, report, intervention or investigation in this folder exists.

Published: the figures of the register of the repository (data/published_figures.csv), from kst-31015-90, kst-31015-112,
kst-31015-157 and the annex of kst-31015-193. Every one that follows from extracts comes out here on its own day.
Assumed: everything else, among it every split by cause, all of 2011, the number of cases from 2015 on, which
intervention led to what, when an investigation began, all that the KMar delivers, and every day, unit, number and link.
Published only as more or less than a figure, and invented here: 2914 reports in 2014 (fewer than 3,000), 31207 in 2018
(more than 30,000), 1562 victims from 2012 to 2019 (more than 1,500).

police-*.csv, om-*.csv, kmar-*.csv, hotline-*.jsonl, interventions-*.csv, investigations-*.csv, aggregates-*.csv
            extracts, one set per day that they cover; a source that had not begun by then has none
truth.csv   what a balance must find, on the day of each set
"""

SCRIPT = Script(
    seed=SEED,
    opened_on=OPENED_ON,
    clue_weights=year_2014.CLUE_WEIGHTS,
    decks={
        **years_2010_2011.DECKS,
        2012: year_2012.DECK,
        2013: year_2013.DECK,
        2014: year_2014.DECK,
        **years_2015_2018.DECKS,
        2019: year_2019.DECK,
    },
    parts=(
        *years_2010_2011.PARTS,
        *year_2012.PARTS_2012,
        *year_2013.PARTS_2013,
        *year_2014.PARTS_2014,
        *years_2015_2018.PARTS_2015_TO_2018,
        *year_2019.PARTS_2019,
        *year_2019.PARTS_2020,
    ),
    decides=partial(om.disposals, share=DISPOSED_SHARE, kinds=om.DISPOSALS_WITHOUT_INDIGO),
    others={
        KMAR: kmar_rows,
        HOTLINE: partial(hotline.reports, first=OPENED_ON, last=COVERS[-1], a_month=HOTLINE_REPORTS_A_MONTH),
        INTERVENTIONS: intervention_rows,
        INVESTIGATIONS: investigation_rows,
        AGGREGATES: aggregate_rows,
    },
)

ALL_YEARS = Scenario(
    name="all",
    description="2010 to spring 2020 in one history; every published figure that can be derived, each on its day",
    covers=COVERS,
    years=tuple(range(2010, 2021)),
    notice=NOTICE,
    generate=partial(generate, SCRIPT),
)
