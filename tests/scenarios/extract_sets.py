"""The same sets of extracts, generated otherwise: what faults are made of. Copies only; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from ketenbalans.scenarios.extract_files import Recorded
from ketenbalans.scenarios.extract_sets import ExtractSet, divided
from ketenbalans.scenarios.moments import day_of

AnyRow = TypeVar("AnyRow", bound=Recorded)


def distinct_rows(extracts: Iterable[Sequence[AnyRow]]) -> list[AnyRow]:
    """List the rows of the extracts of one source in their order, a repeated row once."""
    return list(dict.fromkeys(row for extract in extracts for row in extract))


def with_rows(one: ExtractSet, source: str, rows: Iterable[Recorded]) -> ExtractSet:
    """Put other rows in place of those of one source."""
    return replace(one, rows={**one.rows, source: list(rows)})


def redistributed(sets: Sequence[ExtractSet], rows: Mapping[str, Iterable[Recorded]]) -> list[ExtractSet]:
    """Put other rows in place of those of some sources, divided anew with the usual repeated rows."""
    anew = divided([one.covers for one in sets], rows)
    return [replace(old, rows={**old.rows, **new.rows}) for old, new in zip(sets, anew, strict=True)]


def without_repeats(sets: Sequence[ExtractSet], source: str, covers: date) -> list[ExtractSet]:
    """Leave what an earlier set generated already out of one extract: a source may repeat rows, it need not."""
    place = place_of(covers, sets)
    after = sets[place - 1].covers
    news = [row for row in sets[place].rows[source] if day_of(row.recorded_at) > after]
    return [*sets[:place], with_rows(sets[place], source, news), *sets[place + 1 :]]


def place_of(covers: date, sets: Sequence[ExtractSet]) -> int:
    """Return the place of the set that covers until a day."""
    return [one.covers for one in sets].index(covers)
