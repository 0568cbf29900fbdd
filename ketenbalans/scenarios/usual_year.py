"""A year of which no split is published: a fixed handful of every story, and plain files up to the number of cases."""

from collections.abc import Callable, Sequence

from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios import stories_recognised as recognised
from ketenbalans.scenarios import stories_unrecognised as unrecognised
from ketenbalans.scenarios.deck import StoryPart
from ketenbalans.scenarios.desk import Desk

Story = Callable[[Desk, int], None]

TWO_CASES = (recognised.two_files, unrecognised.joined_case)
"""Stories of one suspect in two files."""

IN_THE_DECK: tuple[tuple[Story, int], ...] = (
    (recognised.two_suspects, 16),
    (recognised.three_suspects, 2),
    (recognised.two_files, 3),
    (recognised.corrected_file, 12),
    (recognised.corrected_next_spring, 3),
    (recognised.transferred_in_time, 3),
    (recognised.reclassified_in_time, 6),
    (recognised.lapse_undone, 1),
    (recognised.withdrawal_undone, 1),
    (unrecognised.joined_case, 1),
    (unrecognised.lapsed_case, 2),
    (unrecognised.half_a_file, 2),
    (unrecognised.classified_otherwise, 4),
    (unrecognised.transfer_registered_in_january, 2),
    (unrecognised.transfer_registered_next_spring, 1),
    (unrecognised.december_file, 12),
    (unrecognised.december_file_lost, 1),
    (unrecognised.registered_late, 2),
    (unrecognised.missing, 3),
)
BESIDE_THE_DECK: tuple[tuple[Story, int], ...] = (
    (om.withdrawn, 1),
    (om.withdrawn_after_registration, 1),
    (om.marechaussee_file, 5),
    (om.unknown_file, 2),
)
BESIDE_THE_FIRST: dict[Story, int] = {
    recognised.two_suspects: 1,
    recognised.three_suspects: 2,
    unrecognised.half_a_file: 1,
}
"""How many suspects of a file a story generates beside the first."""
EXTRA_SUSPECTS = sum(times * BESIDE_THE_FIRST.get(story, 0) for story, times in IN_THE_DECK)
"""By how many the suspects of a usual year exceed its cases."""


def usual_year(year: int, *, cases: int, beside: Sequence[StoryPart] = ()) -> tuple[StoryPart, ...]:
    """Generate a whole year that uses up a deck of ``cases``; ``beside``: stories of other years that take from it."""
    taken = sum(times * (2 if story in TWO_CASES else 1) for story, times in IN_THE_DECK)
    taken += sum(part.times for part in beside)
    usual = ((recognised.plain_file, cases - taken), *IN_THE_DECK, *BESIDE_THE_DECK)
    return tuple(StoryPart(story, year, times) for story, times in usual)
