"""What the sources hand over for each covered day, as rows: what a fault of ``tests.scenarios`` changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ketenbalans.scenarios.extract_files import Recorded, rows_per_set
from ketenbalans.scenarios.hotline import ReportRow
from ketenbalans.scenarios.rows import DeliveryRow, RegistrationRow
from ketenbalans.scenarios.sources import EXTRACTS, HOTLINE, OM, POLICE


@dataclass(frozen=True)
class ExtractSet:
    """What the sources hand over for one covered day. Sources are named as their tables are.

    Attributes:
        covers: the last day that the extracts cover.
        rows: per source that has begun by then the rows of its extract, in the order of the file; there may be none.
        received: how many times the extract of each source is handed over; 2 is sent twice.
        other_chain_key: the sources whose extract was pseudonymised under another key than the usual one.
    """

    covers: date
    rows: Mapping[str, list[Any]]
    received: Mapping[str, int]
    other_chain_key: frozenset[str] = frozenset()

    @property
    def police(self) -> list[DeliveryRow]:
        """The rows of the police's extract."""
        return self.rows[POLICE]

    @property
    def om(self) -> list[RegistrationRow]:
        """The rows of the OM's extract."""
        return self.rows[OM]

    @property
    def hotline(self) -> list[ReportRow]:
        """The rows of the hotline's extract."""
        return self.rows[HOTLINE]


def divided(covers: Sequence[date], rows: Mapping[str, Iterable[Recorded]]) -> list[ExtractSet]:
    """Divide the rows of each source over sets by the day they were recorded on, each with the usual repeats.

    A source speaks from the set of its first row on, also where it has no news. What is recorded after the last set is
    left out.
    """
    extracts = {
        source: rows_per_set(of_source, covers, repeated=EXTRACTS[source].repeated)
        for source, of_source in rows.items()
    }
    sets = []
    for place, day in enumerate(covers):
        rows_of = {
            source: of_source[place][1]
            for source, of_source in extracts.items()
            if any(own for _, own in of_source[: place + 1])
        }
        sets.append(ExtractSet(day, rows_of, received=dict.fromkeys(rows_of, 1)))
    return sets
