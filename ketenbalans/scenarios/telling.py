"""Tell a scenario from its script: the decks are dealt, the parts told, the OM decides, and the other sources speak."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ketenbalans.scenarios.deck import Deck, Part, tell_parts
from ketenbalans.scenarios.desk import Clue, Desk
from ketenbalans.scenarios.extract_files import Recorded
from ketenbalans.scenarios.scenario import Told

Speaking = Callable[[Desk], Sequence[Recorded]]


@dataclass(frozen=True, kw_only=True)
class Script:
    """What a scenario tells, in the order in which it is told.

    Attributes:
        seed: where every draw starts from.
        opened_on: the first day that the extracts speak of.
        clue_weights: how often a registration carries which clue.
        decks: per year the facts of its files; a year without a deck draws them.
        parts: the stories.
        decides: what the OM decides after them.
        others: what every other source says, by the name of its table.
    """

    seed: int
    opened_on: date
    clue_weights: Mapping[Clue, int]
    decks: Mapping[int, Deck]
    parts: Sequence[Part]
    decides: Callable[[Desk], None]
    others: Mapping[str, Speaking] = field(default_factory=dict)


def tell(script: Script) -> Told:
    """Tell everything in order; an equal script tells the same every time.

    Raises:
        RuntimeError: when the stories of a year do not use up its deck exactly; a count of the script is wrong.
    """
    rng = random.Random(script.seed)  # noqa: S311 - synthetic data wants the same numbers every time
    decks = {year: deck.dealt(rng) for year, deck in script.decks.items()}
    desk = Desk(rng, dict(script.clue_weights), script.opened_on, decks=decks)
    tell_parts(desk, script.parts)
    script.decides(desk)
    return Told(desk.chain, {source: speaking(desk) for source, speaking in script.others.items()})
