"""The scenario ``hotline-2012-2013``: the first months of the transnational hotline, and hardly anything beside them.

Published (kst-31015-90): 27 reports from 24 October 2012 to 15 March 2013, over two channels, and what had become of
them. Everything else is an assumption; the few files of police and OM are there because a balance needs both registers.
"""

from datetime import date
from functools import partial

from ketenbalans.scenarios import hotline_transnational as hotline
from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios import stories_recognised as recognised
from ketenbalans.scenarios.deck import StoryPart
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.script import Script, generate
from ketenbalans.scenarios.sources import HOTLINE
from ketenbalans.scenarios.year_2013 import CLUE_WEIGHTS, DISPOSED_SHARE

SEED = 31015_27
OPENED_ON = date(2012, 10, 1)
COVERS = (date(2013, 5, 6), date(2013, 9, 30))
HOTLINE_REPORTS_A_MONTH = 9

PARTS = (
    StoryPart(recognised.plain_file, 2012, 12),
    StoryPart(om.unknown_file, 2012, 2),
    StoryPart(om.running_file, 2013, 30),
)

NOTICE = """\
Synthetic data. No file, person, case or report in this folder exists.

Published (kst-31015-90): 27 transnational reports to the hotline from 24 October 2012 to 15 March 2013; of these 1 led
to an investigation, 1 joined a running one, 1 was still examined, 2 went abroad, and 22 gave too little to go on.
Assumed: everything else, among it that nobody reported anything before the first day of this period.

police-*.csv, om-*.csv, hotline-*.jsonl   extracts, one set per day that they cover
truth.csv                                 what a balance must find, on the day of each set
"""

SCRIPT = Script(
    seed=SEED,
    opened_on=OPENED_ON,
    clue_weights=CLUE_WEIGHTS,
    decks={},
    parts=PARTS,
    decides=partial(om.disposals, share=DISPOSED_SHARE),
    others={HOTLINE: partial(hotline.reports, first=OPENED_ON, last=COVERS[-1], a_month=HOTLINE_REPORTS_A_MONTH)},
)

HOTLINE_2012_2013 = Scenario(
    name="hotline-2012-2013",
    description="27 transnational reports to the hotline from 2012-10-24 to 2013-03-15, as of 2013-05-06",
    covers=COVERS,
    years=(2012, 2013),
    notice=NOTICE,
    generate=partial(generate, SCRIPT),
)
