"""The scenario ``2014``: 560 delivered suspects in 542 cases, of whom the OM recognised 516 early in 2015.

Published (kst-31015-112): 560, 516, 542, and 30.8, 14.4 and 11.4 % of the cases with distribution, production, abuse.
Everything else in this module is an assumption; docs/scenarios/2014.md says so figure by figure.
"""

from datetime import date
from functools import partial

from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios import stories_recognised as recognised
from ketenbalans.scenarios import stories_unrecognised as unrecognised
from ketenbalans.scenarios.deck import Deck, StoryPart
from ketenbalans.scenarios.desk import Clue
from ketenbalans.scenarios.hotline import at_an_even_rate
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.script import Script, generate
from ketenbalans.scenarios.sources import HOTLINE

SEED = 31015_112
OPENED_ON = date(2013, 7, 1)
COVERS = (date(2015, 1, 31), date(2015, 6, 30))
DISPOSED_SHARE = 0.45
HOTLINE_REPORTS_A_MONTH = 10
CLUE_WEIGHTS = {
    Clue.DOSSIER_AND_PERSON: 87,
    Clue.SUSPECT_NUMBER: 4,
    Clue.PERSON_ONLY: 4,
    Clue.DOSSIER_ONLY: 5,
}

CASES_OF_THE_DECK = 541
"""The 542 cases less the duplicate delivery, whose story brings its own facts: mere possession."""

DECK = Deck(
    cases=CASES_OF_THE_DECK,
    cases_with={"verspreiding": 167, "productie": 78, "misbruik": 62},
    abuse_with_production=38,
    cases_without_judgement=14,
    transnational_cases=3,
)

PARTS_2013 = (
    StoryPart(om.file_from_before_the_extracts, 2013, 5),
    StoryPart(recognised.plain_file, 2013, 212),
    StoryPart(recognised.two_suspects, 2013, 7),
    StoryPart(recognised.corrected_file, 2013, 6),
    StoryPart(recognised.reclassified_in_time, 2013, 3),
    StoryPart(unrecognised.joined_case, 2013, 1),
    StoryPart(unrecognised.lapsed_case, 2013, 1),
    StoryPart(unrecognised.classified_otherwise, 2013, 3),
    StoryPart(unrecognised.transfer_registered_next_spring, 2013, 2),
    StoryPart(unrecognised.december_file, 2013, 13),
    StoryPart(unrecognised.registered_late, 2013, 2),
    StoryPart(unrecognised.missing, 2013, 2),
    StoryPart(om.marechaussee_file, 2013, 1),
    StoryPart(om.unknown_file, 2013, 1),
    StoryPart(om.withdrawn, 2013, 1),
)

RECOGNISED_2014 = (
    StoryPart(recognised.registered_in_the_old_year, 2014, 2),
    StoryPart(recognised.plain_file, 2014, 426),
    StoryPart(recognised.two_suspects, 2014, 12),
    StoryPart(recognised.three_suspects, 2014, 2),
    StoryPart(recognised.two_files, 2014, 5),
    StoryPart(recognised.corrected_file, 2014, 18),
    StoryPart(recognised.corrected_next_spring, 2014, 6),
    StoryPart(recognised.transferred_in_time, 2014, 4),
    StoryPart(recognised.reclassified_in_time, 2014, 10),
    StoryPart(recognised.lapse_undone, 2014, 1),
    StoryPart(recognised.withdrawal_undone, 2014, 1),
    StoryPart(recognised.lapses_next_spring, 2014, 1),
)
"""509 suspects. Seven more are generated below, as the recognised half of a story with two suspects or two records."""

UNRECOGNISED_2014 = (
    StoryPart(unrecognised.joined_case, 2014, 2),
    StoryPart(unrecognised.lapsed_case, 2014, 1),
    StoryPart(unrecognised.half_a_file, 2014, 2),
    StoryPart(unrecognised.classified_otherwise, 2014, 2),
    StoryPart(unrecognised.reclassified_away, 2014, 1),
    StoryPart(unrecognised.reclassified_next_spring, 2014, 1),
    StoryPart(unrecognised.transfer_registered_in_january, 2014, 3),
    StoryPart(unrecognised.transfer_registered_next_spring, 2014, 3),
    StoryPart(unrecognised.transfer_delivered_again, 2014, 1),
    StoryPart(unrecognised.transfer_ended_next_spring, 2014, 1),
    StoryPart(unrecognised.transfer_lost, 2014, 1),
    StoryPart(unrecognised.december_file, 2014, 19),
    StoryPart(unrecognised.december_file_known_after_midnight, 2014, 1),
    StoryPart(unrecognised.december_file_next_spring, 2014, 1),
    StoryPart(unrecognised.december_file_lost, 2014, 1),
    StoryPart(unrecognised.duplicate_withdrawn_next_spring, 2014, 1),
    StoryPart(unrecognised.registered_late, 2014, 1),
    StoryPart(unrecognised.missing_classified_otherwise_next_spring, 2014, 1),
    StoryPart(unrecognised.missing, 2014, 1),
    StoryPart(unrecognised.delivery_recorded_next_spring, 2014, 1),
)

OM_ONLY_2014 = (
    StoryPart(om.withdrawn_after_registration, 2014, 1),
    StoryPart(om.withdrawn, 2014, 2),
    StoryPart(om.registered_twice, 2014, 1),
    StoryPart(om.co_suspect_delivered_next_spring, 2014, 1),
    StoryPart(om.marechaussee_file, 2014, 2),
    StoryPart(om.unknown_file, 2014, 2),
    StoryPart(om.delivered_after_registration, 2014, 1),
)

PARTS_2014 = (*RECOGNISED_2014, *UNRECOGNISED_2014, *OM_ONLY_2014)

PARTS_2015 = (
    StoryPart(om.running_file, 2015, 262),
    StoryPart(om.running_transfer, 2015, 2),
    StoryPart(om.running_missing, 2015, 3),
)

NOTICE = """\
Synthetic data. No file, person, case or report in this folder exists.

Published (kst-31015-112): 560 suspects delivered in 2014 in 542 cases, 516 of them recognisable in the OM systems early
in 2015; 30.8, 14.4 and 11.4 % of the cases with distribution, production and abuse (167, 78 and 62 of 542).
Assumed: everything else, among it every split of the 44 over causes, every day, unit, number and link.
The day of the 516 (2015-01-31) is an assumption too: the letter says the beginning of 2015.

police-*.csv, om-*.csv, hotline-*.jsonl   extracts, one set per day that they cover
truth.csv                                 what a balance must find, on the day of each set
"""


SCRIPT = Script(
    seed=SEED,
    opened_on=OPENED_ON,
    clue_weights=CLUE_WEIGHTS,
    decks={2014: DECK},
    parts=(*PARTS_2013, *PARTS_2014, *PARTS_2015),
    decides=partial(om.disposals, share=DISPOSED_SHARE),
    others={HOTLINE: partial(at_an_even_rate, first=OPENED_ON, last=COVERS[-1], a_month=HOTLINE_REPORTS_A_MONTH)},
)

YEAR_2014 = Scenario(
    name="2014",
    description="560 suspects delivered in 2014 in 542 cases, 516 recognised as of 2015-01-31; a second set until June",
    covers=COVERS,
    years=(2013, 2014, 2015),
    notice=NOTICE,
    generate=partial(generate, SCRIPT),
)
