"""The deck of a year: exact numbers of cases per unit and per qualification, dealt to stories in a drawn order."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ketenbalans.scenarios.desk import CaseFacts, Desk
from ketenbalans.scenarios.places import UNITS, Unit


@dataclass(frozen=True)
class StoryPart:
    """A story, the year it happens in, and how often it is generated."""

    story: Callable[[Desk, int], None]
    year: int
    times: int


@dataclass(frozen=True, kw_only=True)
class Deck:
    """How many cases of a year have what.

    Attributes:
        cases: how many there are.
        cases_with: of how many cases the police judge distribution, production, abuse (published).
        abuse_with_production: how many of those with abuse have production too (assumed).
        cases_without_judgement: how many have no qualification at all (assumed).
        transnational_cases: how many are transnational (assumed).
    """

    cases: int
    cases_with: Mapping[str, int]
    abuse_with_production: int
    cases_without_judgement: int
    transnational_cases: int

    def dealt(self, rng: random.Random) -> list[CaseFacts]:
        """Make the facts of the cases: exact numbers per unit and per qualification, in a drawn order."""
        cases = range(self.cases)
        produced = rng.sample(cases, self.cases_with["productie"])
        abused = rng.sample(produced, self.abuse_with_production)
        others = sorted(set(cases) - set(produced))
        abused += rng.sample(others, self.cases_with["misbruik"] - self.abuse_with_production)
        judged = {
            "verspreiding": set(rng.sample(cases, self.cases_with["verspreiding"])),
            "productie": set(produced),
            "misbruik": set(abused),
        }
        mere_possession = sorted(set(cases) - set().union(*judged.values()))
        unjudged = set(rng.sample(mere_possession, self.cases_without_judgement))
        judged["bezit"] = {
            case for case in cases if case not in unjudged and (case in mere_possession or rng.random() < 0.8)
        }
        transnational = set(rng.sample(cases, self.transnational_cases))
        units = rng.sample(units_by_share(self.cases), self.cases)
        order = ("bezit", "verspreiding", "productie", "misbruik")
        return [
            CaseFacts(units[case], tuple(word for word in order if case in judged[word]), case in transnational)
            for case in cases
        ]


def units_by_share(cases: int) -> list[Unit]:
    """Divide cases over the units by share, largest remainders first, so that the numbers add up."""
    total = sum(unit.share for unit in UNITS)
    by_remainder = sorted(UNITS, key=lambda unit: -(cases * unit.share % total))
    short = cases - sum(cases * unit.share // total for unit in UNITS)
    extra = {unit.code for unit in by_remainder[:short]}
    return [unit for unit in UNITS for _ in range(cases * unit.share // total + (unit.code in extra))]


def generate_parts(desk: Desk, parts: Iterable[StoryPart]) -> None:
    """Generate every part in order.

    Raises:
        RuntimeError: when the stories do not use up the decks exactly; a count of a scenario is wrong.
    """
    for part in parts:
        for _ in range(part.times):
            part.story(desk, part.year)
    for year, left in desk.decks.items():
        if left:
            raise RuntimeError(f"{len(left)} cases of {year} are left; the counts of the parts are short")
