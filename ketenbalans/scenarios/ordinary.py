"""The scenario ``ordinary``: a steady chain from July 2012 to the end of 2014, handed over month by month.

Nothing in it is published, and nothing strange happens: what an alert says here is a false alarm. The ten faults of
``tests.scenarios.faults`` are generated over its sets. docs/scenarios/ordinary.md says what is assumed.
"""

import math
import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial

from ketenbalans.scenarios import stories_om
from ketenbalans.scenarios import stories_steady as steady
from ketenbalans.scenarios.desk import Clue, Desk
from ketenbalans.scenarios.hotline import ReportRow, at_an_even_rate
from ketenbalans.scenarios.moments import working_days
from ketenbalans.scenarios.scenario import Scenario, ScenarioRecords
from ketenbalans.scenarios.sources import HOTLINE
from schemas.period import last_day_of_month

SEED = 22
"""One of thirty tried, for what it brings: about 560 suspects in 2013 and in 2014, and 8 or more whom the fault
``team_files_transferred`` reaches by the end of October (the others: 3 to 11, 7 on average)."""
OPENED_ON = date(2012, 7, 1)
COVERS = (date(2013, 12, 31), *(last_day_of_month(date(2014, month, 1)) for month in range(1, 13)))
FILES_A_WORKING_DAY = 2.1
MISSING_A_YEAR_AT_MOST = 2
DISPOSED_SHARE = 0.45
HOTLINE_REPORTS_A_MONTH = 12
CLUE_WEIGHTS = {
    Clue.DOSSIER_AND_PERSON: 87,
    Clue.SUSPECT_NUMBER: 4,
    Clue.PERSON_ONLY: 4,
    Clue.DOSSIER_ONLY: 5,
}
STORIES: dict[Callable[[Desk, date], None], int] = {
    steady.plain_file: 875,
    steady.two_suspects: 30,
    steady.corrected_file: 20,
    steady.reclassified_file: 20,
    steady.file_without_person: 15,
    steady.file_classified_otherwise: 15,
    steady.transferred_file: 10,
    steady.marechaussee_file: 7,
    steady.lapsed_file: 5,
    steady.missing_file: 3,
}
"""How many of a thousand files have which story."""

NOTICE = """\
Synthetic data. No file, person, case or report in this folder exists.

Published: nothing. Assumed: everything, among it the even rate of about 560 suspects a year and every share.

police-*.csv, om-*.csv, hotline-*.jsonl   extracts, one set per month end that they cover
truth.csv                                 what a balance must find, on the day of each set
"""


def ordinary(seed: int = SEED) -> Scenario:
    """Give the scenario as another seed generates it; the same seed always generates the same."""
    return Scenario(
        name="ordinary",
        description="a steady chain without anything strange: 13 sets, from 2013-12-31 to 2014-12-31",
        covers=COVERS,
        years=(2012, 2013, 2014),
        notice=NOTICE,
        generate=partial(generate_ordinary, seed),
    )


def generate_ordinary(seed: int) -> ScenarioRecords:
    """Generate the files of every working day, then what the OM decides and what the hotline receives."""
    rng = random.Random(seed)  # noqa: S311 - synthetic data wants the same numbers every time
    desk = Desk(rng, CLUE_WEIGHTS, OPENED_ON)
    missing: Counter[int] = Counter()
    for day in working_days(OPENED_ON, COVERS[-1]):
        for _ in range(poisson(rng, FILES_A_WORKING_DAY)):
            (story,) = rng.choices(list(STORIES), weights=list(STORIES.values()))
            if story is steady.missing_file:
                missing[day.year] += 1
            is_one_too_many = story is steady.missing_file and missing[day.year] > MISSING_A_YEAR_AT_MOST
            (steady.plain_file if is_one_too_many else story)(desk, day)
    stories_om.disposals(desk, share=DISPOSED_SHARE)
    return ScenarioRecords(desk.chain, {HOTLINE: reports(desk)})


def reports(desk: Desk) -> list[ReportRow]:
    """Draw as many reports in one month as in another."""
    months = [date(year, month, 1) for year in (2012, 2013, 2014) for month in range(1, 13)]
    return [
        row
        for first in months
        if first >= OPENED_ON
        for row in at_an_even_rate(desk, first=first, last=last_day_of_month(first), a_month=HOTLINE_REPORTS_A_MONTH)
    ]


def poisson(rng: random.Random, mean: float) -> int:
    """Draw how many there are of what comes at an even rate (Knuth: multiply until below e to the minus mean)."""
    drawn, product = 0, rng.random()
    while product > math.exp(-mean):
        drawn, product = drawn + 1, product * rng.random()
    return drawn


ORDINARY = ordinary()
