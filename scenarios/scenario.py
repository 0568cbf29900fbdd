"""What a scenario is: a name, a told story, and the files that it writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from scenarios.extract_files import rows_per_set, write_csv, write_json_lines
from scenarios.hotline import ReportRow
from scenarios.rows import Chain
from scenarios.truth import Truth, truth_of

REPEATED_ROWS = 25
REPEATED_REPORTS = 5


@dataclass(frozen=True)
class Told:
    """Everything that happened in a scenario, known and not yet known."""

    chain: Chain
    reports: list[ReportRow]


@dataclass(frozen=True)
class Scenario:
    """A synthetic stretch of the chain with a known truth.

    Attributes:
        name: what the command line calls it.
        description: one line.
        covers: the last day of each set of extracts, ascending; the truth is told for these days.
        years: the calendar years that the truth is told for.
        transit_allowance_days: the policy that the truth is told under.
        notice: what ``SYNTHETIC.txt`` says beside the extracts.
        tell: makes it happen; the same every time.
    """

    name: str
    description: str
    covers: Sequence[date]
    years: Sequence[int]
    transit_allowance_days: int
    notice: str
    tell: Callable[[], Told]

    @cached_property
    def told(self) -> Told:
        """Everything that happens in it, told once."""
        return self.tell()

    def truths(self, as_of_dates: Sequence[date] = ()) -> list[Truth]:
        """Say the truth on the days of the sets, or on other days."""
        return list(
            truth_of(
                self.told.chain,
                years=self.years,
                as_of_dates=as_of_dates or self.covers,
                transit_allowance_days=self.transit_allowance_days,
            )
        )

    def write(self, out: Path) -> list[Path]:
        """Write the extracts set by set, then the truth and the notice; returns the paths in that order.

        Makes the folder and overwrites its own files in it. The same bytes every time.
        """
        out.mkdir(parents=True, exist_ok=True)
        chain, reports = self.told.chain, self.told.reports
        police = (row for delivery in chain.deliveries for row in delivery.rows)
        om = (row for registration in chain.registrations for row in registration.rows)
        sets = zip(
            rows_per_set(police, self.covers, repeated=REPEATED_ROWS),
            rows_per_set(om, self.covers, repeated=REPEATED_ROWS),
            rows_per_set(reports, self.covers, repeated=REPEATED_REPORTS),
            strict=True,
        )
        paths = []
        for (day, police_rows), (_, om_rows), (_, report_rows) in sets:
            paths.append(write_csv(out / f"police-{day}.csv", (row.cells() for row in police_rows)))
            paths.append(write_csv(out / f"om-{day}.csv", (row.cells() for row in om_rows)))
            paths.append(write_json_lines(out / f"hotline-{day}.jsonl", (row.fields() for row in report_rows)))
        paths.append(write_csv(out / "truth.csv", (truth.cells() for truth in self.truths())))
        notice = out / "SYNTHETIC.txt"
        notice.write_bytes(self.notice.encode())
        return [*paths, notice]
