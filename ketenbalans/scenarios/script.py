"""Generate a scenario from its script: first its parts, then what the OM decides, then the other sources."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ketenbalans.scenarios.deck import Deck, StoryPart, generate_parts
from ketenbalans.scenarios.desk import Clue, Desk
from ketenbalans.scenarios.extract_files import Recorded
from ketenbalans.scenarios.scenario import ScenarioRecords

RowsOfSource = Callable[[Desk], Sequence[Recorded]]


@dataclass(frozen=True, kw_only=True)
class Script:
    """What a scenario generates, in the order in which it is generated.

    Attributes:
        seed: where every draw starts from.
        opened_on: the first day that the extracts cover.
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
    parts: Sequence[StoryPart]
    decides: Callable[[Desk], None]
    others: Mapping[str, RowsOfSource] = field(default_factory=dict)


def generate(script: Script) -> ScenarioRecords:
    """Generate everything in order; an equal script generates the same every time.

    Raises:
        RuntimeError: when the stories of a year do not use up its deck exactly; a count of the script is wrong.
    """
    rng = random.Random(script.seed)  # noqa: S311 - synthetic data wants the same numbers every time
    decks = {year: deck.dealt(rng) for year, deck in script.decks.items()}
    desk = Desk(rng, dict(script.clue_weights), script.opened_on, decks=decks)
    generate_parts(desk, script.parts)
    script.decides(desk)
    return ScenarioRecords(desk.chain, {source: rows_of(desk) for source, rows_of in script.others.items()})
