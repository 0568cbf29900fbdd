"""The scenario ``2013``: 568 delivered suspects in 518 cases, with the half years around them.

Published (kst-31015-112): 568, 518, and 20.7, 12.9 and 12.4 % of the cases with distribution, production, abuse.
Everything else in this module is an assumption; docs/scenarios/2013.md says so.
"""

from datetime import date
from functools import partial

from ketenbalans.scenarios import hotline_transnational as hotline
from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios import stories_recognised as recognised
from ketenbalans.scenarios import stories_restated as later
from ketenbalans.scenarios import stories_unrecognised as unrecognised
from ketenbalans.scenarios.deck import Deck, StoryPart
from ketenbalans.scenarios.desk import Clue
from ketenbalans.scenarios.marechaussee import kmar_rows
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.script import Script, generate
from ketenbalans.scenarios.sources import HOTLINE, KMAR

SEED = 31015_2013
OPENED_ON = date(2012, 7, 1)
COVERS = (date(2014, 1, 31), date(2014, 6, 1))
DISPOSED_SHARE = 0.42
HOTLINE_REPORTS_A_MONTH = 9
CLUE_WEIGHTS = {
    Clue.DOSSIER_AND_PERSON: 86,
    Clue.SUSPECT_NUMBER: 5,
    Clue.PERSON_ONLY: 4,
    Clue.DOSSIER_ONLY: 5,
}

DECK = Deck(
    cases=517,  # the 518 less the one that was entered as delivered in December 2012, of mere possession
    cases_with={"verspreiding": 107, "productie": 67, "misbruik": 64},
    abuse_with_production=30,
    cases_without_judgement=16,
    transnational_cases=4,
)

FROM_2012 = (
    StoryPart(later.moved_out_of_the_year, 2012, 1),
    StoryPart(om.delivered_after_registration, 2012, 1),
)
"""Stories of 2012 that deliver a file in January 2013; the second takes a case from the deck."""

RECOGNISED_2013 = (
    StoryPart(recognised.plain_file, 2013, 345),
    StoryPart(recognised.two_suspects, 2013, 38),
    StoryPart(recognised.three_suspects, 2013, 5),
    StoryPart(recognised.two_files, 2013, 5),
    StoryPart(recognised.corrected_file, 2013, 16),
    StoryPart(recognised.corrected_next_spring, 2013, 5),
    StoryPart(recognised.transferred_in_time, 2013, 4),
    StoryPart(recognised.reclassified_in_time, 2013, 9),
    StoryPart(recognised.lapse_undone, 2013, 1),
    StoryPart(recognised.withdrawal_undone, 2013, 1),
    StoryPart(recognised.lapses_next_spring, 2013, 1),
)

UNRECOGNISED_2013 = (
    StoryPart(unrecognised.joined_case, 2013, 2),
    StoryPart(unrecognised.lapsed_case, 2013, 2),
    StoryPart(unrecognised.half_a_file, 2013, 2),
    StoryPart(unrecognised.classified_otherwise, 2013, 7),
    StoryPart(unrecognised.reclassified_away, 2013, 1),
    StoryPart(unrecognised.reclassified_next_spring, 2013, 1),
    StoryPart(unrecognised.transfer_registered_in_january, 2013, 3),
    StoryPart(unrecognised.transfer_registered_next_spring, 2013, 4),
    StoryPart(unrecognised.transfer_lost, 2013, 1),
    StoryPart(unrecognised.december_file, 2013, 42),
    StoryPart(unrecognised.december_file_next_spring, 2013, 1),
    StoryPart(unrecognised.december_file_lost, 2013, 1),
    StoryPart(unrecognised.registered_late, 2013, 8),
    StoryPart(unrecognised.missing, 2013, 3),
)

OM_ONLY_2013 = (
    StoryPart(om.withdrawn_after_registration, 2013, 1),
    StoryPart(om.withdrawn, 2013, 2),
    StoryPart(om.registered_twice, 2013, 1),
    StoryPart(om.marechaussee_file, 2013, 3),
    StoryPart(om.unknown_file, 2013, 2),
)

PARTS_2013 = (*RECOGNISED_2013, *UNRECOGNISED_2013, *OM_ONLY_2013)

PARTS_2012 = (
    StoryPart(om.file_from_before_the_extracts, 2012, 4),
    StoryPart(recognised.plain_file, 2012, 196),
    StoryPart(recognised.two_suspects, 2012, 9),
    StoryPart(recognised.reclassified_in_time, 2012, 2),
    StoryPart(unrecognised.classified_otherwise, 2012, 3),
    StoryPart(unrecognised.december_file, 2012, 14),
    StoryPart(unrecognised.missing, 2012, 1),
)
PARTS_2014 = (
    StoryPart(om.running_file, 2014, 210),
    StoryPart(om.running_missing, 2014, 2),
)

NOTICE = """\
Synthetic data. No file, person, case or report in this folder exists.

Published (kst-31015-112): 568 suspects delivered in 2013 in 518 cases; 20.7, 12.9 and 12.4 % of the cases with
distribution, production and abuse (107, 67 and 64 of 518). Published (kst-31015-90): 27 transnational reports to the
hotline from 24 October 2012 to 15 March 2013, and what became of them.
Assumed: everything else, among it how many the OM recognised, all that the KMar delivers, and every day, unit, number
and link. The letter names no day for the 568 and the 518: here they hold from 2014-01-31 on.

police-*.csv, om-*.csv, kmar-*.csv, hotline-*.jsonl   extracts, one set per day that they cover
truth.csv                                             what a balance must find, on the day of each set
"""

SCRIPT = Script(
    seed=SEED,
    opened_on=OPENED_ON,
    clue_weights=CLUE_WEIGHTS,
    decks={2013: DECK},
    parts=(*PARTS_2012, *FROM_2012, *PARTS_2013, *PARTS_2014),
    decides=partial(om.disposals, share=DISPOSED_SHARE),
    others={
        KMAR: kmar_rows,
        HOTLINE: partial(hotline.reports, first=OPENED_ON, last=COVERS[-1], a_month=HOTLINE_REPORTS_A_MONTH),
    },
)

YEAR_2013 = Scenario(
    name="2013",
    description="568 suspects delivered in 2013 in 518 cases, as of 2014-01-31 and 2014-06-01",
    covers=COVERS,
    years=(2012, 2013, 2014),
    notice=NOTICE,
    generate=partial(generate, SCRIPT),
)
