"""The scenario ``2015-2018``: the years whose targets were interventions, beside what police and OM hold of them.

Published: 712 interventions in 2017 and 37 INDIGO trajectories among the simple ones (kst-31015-157); 16, 17, 31 and
20 % of the delivered cases with production or abuse (kst-31015-193, annex), without the number of cases. So every size
here is invented, and everything else too; docs/scenarios/2015-2018.md says so.
"""

from datetime import date
from functools import partial

from ketenbalans.scenarios import stories_indigo as indigo
from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios import stories_recognised as recognised
from ketenbalans.scenarios import stories_unrecognised as unrecognised
from ketenbalans.scenarios.deck import Deck, StoryPart
from ketenbalans.scenarios.desk import Clue
from ketenbalans.scenarios.interventions import intervention_rows
from ketenbalans.scenarios.marechaussee import kmar_rows
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.script import Script, generate
from ketenbalans.scenarios.sources import INTERVENTIONS, KMAR
from ketenbalans.scenarios.usual_year import usual_year

SEED = 31015_157
OPENED_ON = date(2014, 7, 1)
COVERS = (date(2018, 11, 16), date(2019, 3, 31))
DISPOSED_SHARE = 0.45
CLUE_WEIGHTS = {
    Clue.DOSSIER_AND_PERSON: 88,
    Clue.SUSPECT_NUMBER: 4,
    Clue.PERSON_ONLY: 3,
    Clue.DOSSIER_ONLY: 5,
}

INDIGO_2015 = (StoryPart(indigo.settled, 2015, 14), StoryPart(indigo.settled_next_year, 2015, 8))
INDIGO_2016 = (StoryPart(indigo.settled, 2016, 18), StoryPart(indigo.settled_next_year, 2016, 12))
INDIGO_2017 = (StoryPart(indigo.settled, 2017, 28), StoryPart(indigo.settled_next_year, 2017, 13))
INTO_2019 = (StoryPart(indigo.settled_next_year, 2018, 3), StoryPart(indigo.settlement_repeated, 2018, 1))
"""Three of 2018 that count in 2019, and one that does not although a row of 2019 repeats its settlement."""
INDIGO_2018 = (StoryPart(indigo.settled, 2018, 30), *INTO_2019)

DECKS = {
    2015: Deck(
        cases=378,  # and 22 that were settled by INDIGO, of mere possession: 64 of 400 are 16 %
        cases_with={"verspreiding": 104, "productie": 40, "misbruik": 34},
        abuse_with_production=10,
        cases_without_judgement=12,
        transnational_cases=4,
    ),
    2016: Deck(
        cases=370,  # and 30: 66 of 400 are 16.5 %, which is published as 17
        cases_with={"verspreiding": 99, "productie": 42, "misbruik": 36},
        abuse_with_production=12,
        cases_without_judgement=11,
        transnational_cases=3,
    ),
    2017: Deck(
        cases=379,  # and 41: 129 of 420 are 30.7 %
        cases_with={"verspreiding": 96, "productie": 80, "misbruik": 71},
        abuse_with_production=22,
        cases_without_judgement=9,
        transnational_cases=5,
    ),
    2018: Deck(
        cases=376,  # and 34: 80 of 410 are 19.5 %
        cases_with={"verspreiding": 101, "productie": 50, "misbruik": 44},
        abuse_with_production=14,
        cases_without_judgement=10,
        transnational_cases=4,
    ),
}

FROM_2014 = (StoryPart(om.delivered_after_registration, 2014, 1),)
"""It delivers a file of January 2015 and takes a case from that deck."""

PARTS_2015_TO_2018 = (
    *usual_year(2015, cases=DECKS[2015].cases, beside=FROM_2014),
    *INDIGO_2015,
    *usual_year(2016, cases=DECKS[2016].cases),
    *INDIGO_2016,
    *usual_year(2017, cases=DECKS[2017].cases),
    *INDIGO_2017,
    *usual_year(2018, cases=DECKS[2018].cases),
    *INDIGO_2018,
)

PARTS_2014 = (
    StoryPart(om.file_from_before_the_extracts, 2014, 3),
    StoryPart(recognised.plain_file, 2014, 160),
    StoryPart(unrecognised.december_file, 2014, 8),
)

PARTS_2019 = (StoryPart(om.running_file, 2019, 200),)

NOTICE = """\
Synthetic data. No file, person, case or intervention in this folder exists.

Published (kst-31015-157): 712 interventions in 2017, with 37 INDIGO trajectories among the simple ones. Published
(kst-31015-193, annex): 16, 17, 31 and 20 % of the delivered cases of 2015 to 2018 with production or abuse.
Assumed: everything else. The number of cases of these years is not published, nor is any split of the interventions:
sizes, splits, days, units, numbers and links are invented.

police-*.csv, om-*.csv, kmar-*.csv, interventions-*.csv   extracts, one set per day that they cover
truth.csv                                                 what a balance must find, on the day of each set
"""

SCRIPT = Script(
    seed=SEED,
    opened_on=OPENED_ON,
    clue_weights=CLUE_WEIGHTS,
    decks=DECKS,
    parts=(*PARTS_2014, *FROM_2014, *PARTS_2015_TO_2018, *PARTS_2019),
    decides=partial(om.disposals, share=DISPOSED_SHARE, kinds=om.DISPOSALS_WITHOUT_INDIGO),
    others={KMAR: kmar_rows, INTERVENTIONS: intervention_rows},
)

YEARS_2015_2018 = Scenario(
    name="2015-2018",
    description="712 interventions in 2017, 37 of them simple ones that ended in INDIGO, as of 2018-11-16",
    covers=COVERS,
    years=(2015, 2016, 2017, 2018, 2019),
    notice=NOTICE,
    generate=partial(generate, SCRIPT),
)
