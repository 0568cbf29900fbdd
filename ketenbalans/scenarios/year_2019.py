"""The scenario ``2019``: investigations counted when they start, beside what police and OM hold, and delivered counts.

Published (kst-31015-193, annex): 193, 15 and 632 investigations of kind A, B and C counted in 2019; 68, 3 and 281 ended
with an identification; more than 200 running at its end; 13 cases settled by INDIGO; 22 % of the delivered cases with
production or abuse; and the counts of ``scenarios.aggregates``. Everything else is an assumption.
"""

from datetime import date
from functools import partial

from ketenbalans.scenarios import stories_indigo as indigo
from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios import stories_recognised as recognised
from ketenbalans.scenarios import stories_unrecognised as unrecognised
from ketenbalans.scenarios import years_2015_2018
from ketenbalans.scenarios.aggregates import aggregate_rows
from ketenbalans.scenarios.deck import Deck, StoryPart
from ketenbalans.scenarios.investigations import investigation_rows
from ketenbalans.scenarios.marechaussee import kmar_rows
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.script import Script, generate
from ketenbalans.scenarios.sources import AGGREGATES, INVESTIGATIONS, KMAR
from ketenbalans.scenarios.usual_year import usual_year

SEED = 31015_193
OPENED_ON = date(2018, 7, 1)
COVERS = (date(2019, 12, 31), date(2020, 4, 30))
DISPOSED_SHARE = 0.45

DECK = Deck(
    cases=377,  # and 13 of mere possession that went to INDIGO: 84 of 390 are 21.5 %, which is published as 22
    cases_with={"verspreiding": 98, "productie": 52, "misbruik": 47},
    abuse_with_production=15,
    cases_without_judgement=10,
    transnational_cases=5,
)

INDIGO_2019 = (
    StoryPart(indigo.settled, 2019, 10),
    StoryPart(indigo.settlement_failed, 2019, 1),
    StoryPart(indigo.settled_next_year, 2019, 2),
)
"""Ten settlements of 2019; with the three of ``years_2015_2018.INTO_2019`` the thirteen that were published."""

PARTS_2019 = (*usual_year(2019, cases=DECK.cases), *INDIGO_2019)
PARTS_2020 = (StoryPart(om.running_file, 2020, 180), StoryPart(om.running_missing, 2020, 2))
PARTS_2018 = (
    StoryPart(om.file_from_before_the_extracts, 2018, 3),
    StoryPart(recognised.plain_file, 2018, 150),
    StoryPart(unrecognised.december_file, 2018, 9),
)

NOTICE = """\
Synthetic data. No file, person, case or investigation in this folder exists.

Published (kst-31015-193, annex): 193, 15 and 632 investigations of kind A, B and C counted in 2019, those that ran on
its first day among them; 68, 3 and 281 ended with an identification; more than 200 running at its end; 13 cases settled
by INDIGO; 22 % of the delivered cases with production or abuse; the delivered counts, apart from three.
Assumed: everything else. Published only as more or less than a figure, and invented here: 1562 victims from 2012 to
2019 (more than 1,500), 31207 reports in 2018 (more than 30,000), and which investigations were running.
The number of cases is not published.

police-*.csv, om-*.csv, kmar-*.csv, investigations-*.csv, aggregates-*.csv   extracts, one set per day that they cover
truth.csv   what a balance must find, on the day of each set
"""

SCRIPT = Script(
    seed=SEED,
    opened_on=OPENED_ON,
    clue_weights=years_2015_2018.CLUE_WEIGHTS,
    decks={2019: DECK},
    parts=(*PARTS_2018, *years_2015_2018.INTO_2019, *PARTS_2019, *PARTS_2020),
    decides=partial(om.disposals, share=DISPOSED_SHARE, kinds=om.DISPOSALS_WITHOUT_INDIGO),
    others={
        KMAR: kmar_rows,
        INVESTIGATIONS: investigation_rows,
        AGGREGATES: partial(aggregate_rows, since=date(2019, 1, 1)),
    },
)

YEAR_2019 = Scenario(
    name="2019",
    description="840 investigations counted in 2019 and 13 cases settled by INDIGO, as of 2020-04-30",
    covers=COVERS,
    years=(2018, 2019, 2020),
    notice=NOTICE,
    generate=partial(generate, SCRIPT),
)
