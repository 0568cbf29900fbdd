"""The years 2010 and 2011: the base year of the targets, and the one between that no letter counts.

Published (kst-31015-90, kst-31015-112): 475 suspects delivered in 2010. Everything else is an assumption.
"""

from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios.deck import Deck, StoryPart
from ketenbalans.scenarios.usual_year import EXTRA_SUSPECTS, usual_year

SUSPECTS_2010 = 475
DECK_2010 = Deck(
    cases=SUSPECTS_2010 - EXTRA_SUSPECTS,
    cases_with={"verspreiding": 58, "productie": 41, "misbruik": 70},
    abuse_with_production=19,
    cases_without_judgement=21,
    transnational_cases=3,
)
DECK_2011 = Deck(
    cases=462,
    cases_with={"verspreiding": 55, "productie": 39, "misbruik": 72},
    abuse_with_production=20,
    cases_without_judgement=20,
    transnational_cases=2,
)
DECKS = {2010: DECK_2010, 2011: DECK_2011}
PARTS = (
    StoryPart(om.file_from_before_the_extracts, 2010, 4),
    *usual_year(2010, cases=DECK_2010.cases),
    *usual_year(2011, cases=DECK_2011.cases),
)
