"""A year of which no split is published: a fixed handful of every story, and plain files up to the number of cases."""

from collections.abc import Callable, Sequence

from ketenbalans.scenarios import stories_om as om
from ketenbalans.scenarios import stories_recognised as well
from ketenbalans.scenarios import stories_unrecognised as ill
from ketenbalans.scenarios.deck import Part
from ketenbalans.scenarios.desk import Desk

Story = Callable[[Desk, int], None]

TWO_CASES = (well.two_files, ill.joined_case)
"""Stories of one suspect in two files."""

IN_THE_DECK: tuple[tuple[Story, int], ...] = (
    (well.two_suspects, 16),
    (well.three_suspects, 2),
    (well.two_files, 3),
    (well.corrected_file, 12),
    (well.corrected_next_spring, 3),
    (well.transferred_in_time, 3),
    (well.reclassified_in_time, 6),
    (well.lapse_undone, 1),
    (well.withdrawal_undone, 1),
    (ill.joined_case, 1),
    (ill.lapsed_case, 2),
    (ill.half_a_file, 2),
    (ill.classified_otherwise, 4),
    (ill.transfer_registered_in_january, 2),
    (ill.transfer_registered_next_spring, 1),
    (ill.december_file, 12),
    (ill.december_file_lost, 1),
    (ill.registered_late, 2),
    (ill.missing, 3),
)
BESIDE_THE_DECK: tuple[tuple[Story, int], ...] = (
    (om.withdrawn, 1),
    (om.withdrawn_after_registration, 1),
    (om.marechaussee_file, 5),
    (om.unknown_file, 2),
)
BESIDE_THE_FIRST: dict[Story, int] = {well.two_suspects: 1, well.three_suspects: 2, ill.half_a_file: 1}
"""How many suspects of a file a story tells beside the first."""
EXTRA_SUSPECTS = sum(times * BESIDE_THE_FIRST.get(story, 0) for story, times in IN_THE_DECK)
"""By how many the suspects of a usual year exceed its cases."""


def usual_year(year: int, *, cases: int, beside: Sequence[Part] = ()) -> tuple[Part, ...]:
    """Tell a whole year that uses up a deck of ``cases``; ``beside`` are stories of other years that take from it."""
    taken = sum(times * (2 if story in TWO_CASES else 1) for story, times in IN_THE_DECK)
    taken += sum(part.times for part in beside)
    usual = ((well.plain_file, cases - taken), *IN_THE_DECK, *BESIDE_THE_DECK)
    return tuple(Part(story, year, times) for story, times in usual)
