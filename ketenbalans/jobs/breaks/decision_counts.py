"""How many decisions persons made about a break, or about a pair with one of its records."""

from collections import defaultdict

from sqlalchemy import Connection

from schemas.answer_breaks import StandingBreak
from warehouse.decisions import read_what_decisions_are_about


class DecisionCounts:
    """The numbers of every break, read once."""

    def __init__(self, connection: Connection) -> None:
        """Count over a connection, whose moment it is."""
        self._of_breaks: dict[str, int] = defaultdict(int)
        self._of_suspects: dict[tuple[str | None, int | None], set[int]] = defaultdict(set)
        self._of_cases: dict[str | None, set[int]] = defaultdict(set)
        for place, (break_id, dossier, suspect, case) in enumerate(read_what_decisions_are_about(connection)):
            if break_id is not None:
                self._of_breaks[break_id] += 1
            else:
                self._of_suspects[dossier, suspect].add(place)
                self._of_cases[case].add(place)

    def of(self, stands: StandingBreak) -> int:
        """The number of a break."""
        with_the_suspect = self._of_suspects.get((stands.dossier_number, stands.suspect_number), set())
        with_the_case = self._of_cases.get(stands.case_number, set())
        return self._of_breaks.get(stands.break_id, 0) + len(with_the_suspect | with_the_case)
