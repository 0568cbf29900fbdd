"""The scenario ``2012``: 507 delivered suspects as of 1 March 2013, 522 as of 30 November 2013, 480 cases on both.

Published (kst-31015-90, kst-31015-112): 507, 522 (reference date November 2013, the day assumed), 480, and 11.3, 7.9
and 15.6 % of the cases with distribution, production, abuse. Everything else in this module is an assumption, among it
who the fifteen are; docs/scenarios/2012.md says so figure by figure.
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
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.script import Script, generate
from ketenbalans.scenarios.sources import HOTLINE

SEED = 31015_90
OPENED_ON = date(2011, 7, 1)
COVERS = (date(2013, 3, 1), date(2013, 11, 30))
DISPOSED_SHARE = 0.4
HOTLINE_REPORTS_A_MONTH = 8
CLUE_WEIGHTS = {
    Clue.DOSSIER_AND_PERSON: 85,
    Clue.SUSPECT_NUMBER: 5,
    Clue.PERSON_ONLY: 4,
    Clue.DOSSIER_ONLY: 6,
}

DECK = Deck(
    cases=477,  # the 480 less the three that come and go, whose stories bring their own facts: mere possession
    cases_with={"verspreiding": 54, "productie": 38, "misbruik": 75},
    abuse_with_production=21,
    cases_without_judgement=19,
    transnational_cases=4,
)

PARTS_2011 = (
    StoryPart(om.file_from_before_the_extracts, 2011, 4),
    StoryPart(recognised.plain_file, 2011, 118),
    StoryPart(recognised.two_suspects, 2011, 4),
    StoryPart(unrecognised.classified_otherwise, 2011, 2),
    StoryPart(unrecognised.december_file, 2011, 9),
    StoryPart(unrecognised.missing, 2011, 1),
)

RECOGNISED_2012 = (
    StoryPart(recognised.registered_in_the_old_year, 2012, 1),
    StoryPart(recognised.plain_file, 2012, 347),
    StoryPart(recognised.two_suspects, 2012, 18),
    StoryPart(recognised.three_suspects, 2012, 3),
    StoryPart(recognised.two_files, 2012, 4),
    StoryPart(recognised.corrected_file, 2012, 12),
    StoryPart(recognised.corrected_next_spring, 2012, 4),
    StoryPart(recognised.transferred_in_time, 2012, 3),
    StoryPart(recognised.reclassified_in_time, 2012, 6),
    StoryPart(recognised.lapse_undone, 2012, 1),
    StoryPart(recognised.withdrawal_undone, 2012, 1),
    StoryPart(recognised.lapses_next_spring, 2012, 1),
)

UNRECOGNISED_2012 = (
    StoryPart(unrecognised.joined_case, 2012, 2),
    StoryPart(unrecognised.lapsed_case, 2012, 2),
    StoryPart(unrecognised.half_a_file, 2012, 2),
    StoryPart(unrecognised.classified_otherwise, 2012, 4),
    StoryPart(unrecognised.reclassified_away, 2012, 1),
    StoryPart(unrecognised.reclassified_next_spring, 2012, 1),
    StoryPart(unrecognised.transfer_registered_in_january, 2012, 3),
    StoryPart(unrecognised.transfer_registered_next_spring, 2012, 3),
    StoryPart(unrecognised.transfer_ended_next_spring, 2012, 1),
    StoryPart(unrecognised.transfer_lost, 2012, 1),
    StoryPart(unrecognised.december_file, 2012, 17),
    StoryPart(unrecognised.december_file_lost, 2012, 1),
    StoryPart(unrecognised.registered_late, 2012, 2),
    StoryPart(unrecognised.missing, 2012, 2),
    StoryPart(om.registered_twice, 2012, 1),
    StoryPart(later.mistyped_number, 2012, 2),
    StoryPart(later.known_person_other_file, 2012, 1),
    StoryPart(later.known_file_other_person, 2012, 1),
)

RESTATED_2012 = (
    StoryPart(later.suspect_recorded_late, 2012, 16),
    StoryPart(later.file_recorded_late, 2012, 1),
    StoryPart(later.moved_into_the_year, 2012, 1),
    StoryPart(later.reinstated_after_the_count, 2012, 1),
    StoryPart(later.withdrawn_after_the_count, 2012, 2),
    StoryPart(later.moved_out_of_the_year, 2012, 1),
    StoryPart(later.two_suspects_are_one_person, 2012, 1),
    StoryPart(later.person_merged, 2012, 2),
    StoryPart(later.case_replaced, 2012, 2),
    StoryPart(later.found_after_the_count, 2012, 2),
)
"""Nineteen come (16, 1, 1, 1), four leave (2, 1, 1): fifteen more. Three files come and three leave: 480 cases stay."""

OM_ONLY_2012 = (
    StoryPart(om.withdrawn_after_registration, 2012, 1),
    StoryPart(om.withdrawn, 2012, 1),
    StoryPart(om.marechaussee_file, 2012, 2),
    StoryPart(om.unknown_file, 2012, 2),
    StoryPart(om.delivered_after_registration, 2012, 1),
)

PARTS_2012 = (*RECOGNISED_2012, *UNRECOGNISED_2012, *RESTATED_2012, *OM_ONLY_2012)

PARTS_2013 = (
    StoryPart(om.running_file, 2013, 190),
    StoryPart(om.running_transfer, 2013, 2),
    StoryPart(om.running_missing, 2013, 2),
)

NOTICE = """\
Synthetic data. No file, person, case or report in this folder exists.

Published (kst-31015-90, kst-31015-112): 507 suspects delivered in 2012 as of 1 March 2013, 522 as of November 2013, in
480 cases; 11.3, 7.9 and 15.6 % of the cases with distribution, production and abuse (54, 38 and 75 of 480).
Published (kst-31015-90): 27 transnational reports to the hotline from 24 October 2012 to 15 March 2013, and what became
of them.
Assumed: everything else, among it who the fifteen are and every day, unit, number and link. The letters name the month
of the 522 only; the day (2013-11-30) is an assumption.

police-*.csv, om-*.csv, hotline-*.jsonl   extracts, one set per day that they cover
truth.csv                                 what a balance must find, on the day of each set
"""


SCRIPT = Script(
    seed=SEED,
    opened_on=OPENED_ON,
    clue_weights=CLUE_WEIGHTS,
    decks={2012: DECK},
    parts=(*PARTS_2011, *PARTS_2012, *PARTS_2013),
    decides=partial(om.disposals, share=DISPOSED_SHARE),
    others={HOTLINE: partial(hotline.reports, first=OPENED_ON, last=COVERS[-1], a_month=HOTLINE_REPORTS_A_MONTH)},
)

YEAR_2012 = Scenario(
    name="2012",
    description="507 suspects delivered in 2012 as of 2013-03-01, 522 as of 2013-11-30, in 480 cases on both days",
    covers=COVERS,
    years=(2011, 2012, 2013),
    notice=NOTICE,
    generate=partial(generate, SCRIPT),
)
