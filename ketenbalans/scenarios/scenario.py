"""What a scenario is: a name, a generated story, and the files that it writes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from ketenbalans.project_policy import project_policy
from ketenbalans.scenarios.extract_files import Recorded, as_csv, as_json_lines
from ketenbalans.scenarios.extract_sets import ExtractSet, divided
from ketenbalans.scenarios.rows import SyntheticChain
from ketenbalans.scenarios.sources import EXTRACTS, OM, POLICE
from ketenbalans.scenarios.truth import Truth, truth_of
from ketenbalans.whole_files import WholeFiles


@dataclass(frozen=True)
class ScenarioRecords:
    """Everything that happened in a scenario, known and not yet known.

    Attributes:
        chain: what police and OM hold, record by record.
        others: the rows of every other source that the scenario has, by the name of its table.
    """

    chain: SyntheticChain
    others: Mapping[str, Sequence[Recorded]] = field(default_factory=dict)

    @property
    def rows(self) -> dict[str, list[Recorded]]:
        """All rows of each source of the scenario, in the order in which the sources are written."""
        rows: dict[str, Iterable[Recorded]] = {
            POLICE: (row for delivery in self.chain.deliveries for row in delivery.rows),
            OM: (row for registration in self.chain.registrations for row in registration.rows),
            **self.others,
        }
        return {source: list(rows[source]) for source in EXTRACTS if source in rows}


@dataclass(frozen=True)
class Scenario:
    """A synthetic stretch of the chain with a known truth.

    Attributes:
        name: what the command line calls it.
        description: one line.
        covers: the last day of each set of extracts, ascending; the truth is generated for these days.
        years: the calendar years that the truth is generated for.
        notice: what ``SYNTHETIC.txt`` says beside the extracts.
        generate: makes it happen; the same every time.
    """

    name: str
    description: str
    covers: Sequence[date]
    years: Sequence[int]
    notice: str
    generate: Callable[[], ScenarioRecords]

    @cached_property
    def records(self) -> ScenarioRecords:
        """Everything that happens in it, generated once."""
        return self.generate()

    @property
    def transit_allowance_days(self) -> int:
        """The allowance under which the truth is generated: that of the project's policy."""
        return project_policy().transit_allowance_days

    def truths(self, as_of_dates: Sequence[date] = ()) -> list[Truth]:
        """Say the truth on the days of the sets, or on other days."""
        return list(
            truth_of(
                self.records.chain,
                years=self.years,
                as_of_dates=as_of_dates or self.covers,
                transit_allowance_days=self.transit_allowance_days,
            )
        )

    def sets(self) -> list[ExtractSet]:
        """Divide what happens in it over its covered days, as the sources hand it over."""
        return divided(self.covers, self.records.rows)

    def write(self, out: Path) -> list[Path]:
        """Write the extracts set by set, then the truth and the notice; returns the paths in that order.

        Makes the folder and overwrites its own files in it, all of them or none. The same bytes every time.

        Raises:
            NotWritten: the folder could not be written.
        """
        columns = {source: list(rows[0].cells()) for source, rows in self.records.rows.items()}
        with WholeFiles(out) as files:
            paths = [
                files.add(*extract_of(source, one.covers, rows, columns[source]))
                for one in self.sets()
                for source, rows in one.rows.items()
            ]
            paths.append(files.add("truth.csv", as_csv(truth.cells() for truth in self.truths())))
            return [*paths, files.add("SYNTHETIC.txt", self.notice.encode())]


def extract_of(source: str, day: date, rows: Iterable[Recorded], columns: Sequence[str]) -> tuple[str, bytes]:
    """The rows of one source as its extract until ``day``: what the file is called and what it holds."""
    form = EXTRACTS[source]
    lines = (row.cells() for row in rows)
    content = as_json_lines(lines) if form.suffix == "jsonl" else as_csv(lines, columns=columns)
    return f"{form.stem}-{day}.{form.suffix}", content
