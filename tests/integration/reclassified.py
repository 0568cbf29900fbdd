"""One record of a scenario that the OM classified anew: a recognised suspect is then recognised no longer."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from ketenbalans.scenarios.rows import RegistrationRow
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.truth import Truth

UNTIL = date(2015, 1, 31)
"""The day that the figures of 2014 rest on."""


@dataclass(frozen=True)
class Reclassified:
    """A suspect, and the row that the OM recorded about the registration.

    Attributes:
        suspect: as the truth has it before that row.
        row: the row.
    """

    suspect: Truth
    row: RegistrationRow

    @property
    def record(self) -> str:
        """The suspect as messages name it."""
        return f"{self.suspect.dossier_number}/{self.suspect.suspect_number}"

    @property
    def break_id(self) -> str:
        """The break that it becomes."""
        return f"2014-police-{self.suspect.dossier_number}-{self.suspect.suspect_number}"


def reclassified(scenario: Scenario, *, recorded_at: datetime, place: int = 0) -> Reclassified:
    """Take a suspect of 2014 whom the OM recognised on its last word about the case, and let it say otherwise."""
    registrations = {one.case_number: one for one in scenario.records.chain.registrations}
    suspects = [
        answer
        for answer in scenario.truths([UNTIL])
        if (answer.side, answer.period, answer.is_recognised) == ("police", 2014, True)
        and registrations[answer.case_number].newest.recorded_at < recorded_at
    ]
    suspect = suspects[place]
    last = registrations[suspect.case_number].newest
    row = replace(last, mutation="geherclassificeerd", classification="OVERIG", recorded_at=recorded_at)
    return Reclassified(suspect, row)
