"""What the letters to parliament published: the only real figures here, each with its document and its as-of date.

Kept as data in ``data/published_figures.csv``, one row per figure as a letter gives it, with its basis and what its day
rests on. A figure that a later letter gives otherwise is a row of its own: nothing is ever overwritten.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas.json_object import JsonObject
from schemas.period import InvalidPeriod, Period
from schemas.rounding import decimals_in, half_up
from schemas.vocabulary import Vocabulary


class Qualifier(Vocabulary):
    """How exactly a letter gives a figure."""

    EXACT = "exact", "precies", "The figure itself."
    ABOUT = "about", "ongeveer", "What rounds to the figure, at the precision that it is given with."
    MORE_THAN = "gt", "meer dan", "More than the figure."
    LESS_THAN = "lt", "minder dan", "Less than the figure."


class CountedUnit(Vocabulary):
    """What a published figure counts. Figures of two units are never put in one series."""

    SUSPECTS = "suspects", "verdachten", "Delivered suspects: the unit of the targets of 2012 to 2014."
    CASES = "cases", "zaken", "Files of the police, or cases of the OM; the measure says which."
    PERCENT = "percent", "procent", "A share or a growth; it is no count, and without its denominator none follows."
    INTERVENTIONS = "interventions", "interventies", "The unit of 2015 to 2018, of four kinds."
    INVESTIGATIONS = "investigations", "onderzoeken", "The unit from 2019, counted at the start."
    RESULTS = "results", "resultaten", "Investigations that ended with an identification."
    VICTIMS = "victims", "slachtoffers", "Identified victims, on the basis that the figure names."
    REPORTS = "reports", "meldingen", "Reports to a hotline or to the police; two populations that are never added."
    PERSONS = "persons", "personen", "Persons who are neither suspects nor victims of the targets."
    TRAJECTORIES = "trajectories", "trajecten", "Trajectories that the OM ended with a settlement."


class InvalidRegister(ValueError):
    """The register of published figures cannot be read; the message names line, column and remedy."""


@dataclass(frozen=True, kw_only=True)
class PublishedFigure:
    """One figure as a letter gives it.

    Attributes:
        figure_id: its id in the register.
        document: the parliamentary document, such as ``kst-31015-112``.
        document_date: the date of the letter.
        as_of: the day whose knowledge the figure rests on; None when the letter does not say.
        as_of_basis: what that day is based on; empty when the letter names it, or when there is none.
        period: what it counts; both ends included.
        measure: what is counted, with ``category`` (empty: all) and ``unit``.
        value: the figure, with as many decimals as the letter gives; ``qualifier`` says how exactly.
        basis: what the letter says of what the figure rests on.
        is_target: whether it was aimed at instead of counted.
    """

    figure_id: str
    document: str
    document_date: date
    as_of: date | None
    as_of_basis: str
    period: Period
    measure: str
    category: str
    unit: CountedUnit
    value: Decimal
    qualifier: Qualifier
    basis: str
    is_target: bool

    def agrees_with(self, figure: Decimal) -> bool:
        """Whether a figure of ours is what the letter says: rounded half up to its decimals, and as it qualifies it.

        *About* a figure is what rounds to it at its precision: the place of its last digit that is not 0, and never a
        coarser one than that of its second digit. 1,450 to 1,549 are about 1,500, and 950 to 1,049 about 1,000.
        """
        if self.qualifier is Qualifier.ABOUT:
            return half_up(figure, _precision(self.value)) == self.value
        if self.qualifier is Qualifier.MORE_THAN:
            return figure > self.value
        if self.qualifier is Qualifier.LESS_THAN:
            return figure < self.value
        return half_up(figure, decimals_in(self.value)) == self.value

    def to_json(self) -> JsonObject:
        """The figure as ``published --json`` prints it."""
        return {
            "figure_id": self.figure_id,
            "document": self.document,
            "document_date": self.document_date.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "as_of_basis": self.as_of_basis or None,
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "measure": self.measure,
            "category": self.category or None,
            "unit": self.unit.value,
            "value": str(self.value),
            "qualifier": self.qualifier.value,
            "basis": self.basis or None,
            "is_target": self.is_target,
        }


def _precision(value: Decimal) -> int:
    """To how many decimals a figure is meant that is said to be about right; -2: to hundreds."""
    if not value or decimals_in(value):
        return decimals_in(value)
    trailing_zeros = value.normalize().as_tuple().exponent
    return -min(int(trailing_zeros), max(value.adjusted() - 1, 0))


COLUMNS = (
    "figure_id",
    "document",
    "document_date",
    "as_of",
    "as_of_basis",
    "period_start",
    "period_end",
    "measure",
    "category",
    "unit",
    "value",
    "qualifier",
    "basis",
    "is_target",
)


def parse_published(text: str) -> tuple[PublishedFigure, ...]:
    """Read the register of published figures, in its own order.

    Raises:
        InvalidRegister: a column is missing or unknown, a line has other cells, a value cannot be read, a period ends
            before it begins, a day of knowledge lies before its period or after its letter, or two have one id.
    """
    reader = csv.DictReader(io.StringIO(text))
    if differing := sorted(set(COLUMNS) ^ set(reader.fieldnames or ())):
        message = f"the register of published figures has other columns than it should: look at {', '.join(differing)}"
        raise InvalidRegister(message)
    figures: list[PublishedFigure] = []
    lines: dict[str, int] = {}
    for row in reader:
        line = reader.line_num
        if None in row or None in row.values():
            message = f"line {line}: has other cells than the header; quote a text that holds a comma"
            raise InvalidRegister(message)
        figure = _figure(row, line)
        if figure.figure_id in lines:
            message = (
                f"line {line}: {figure.figure_id} is the id of line {lines[figure.figure_id]} already; give it its own"
            )
            raise InvalidRegister(message)
        lines[figure.figure_id] = line
        figures.append(figure)
    return tuple(figures)


def published_for(
    figures: Iterable[PublishedFigure], *, measure: str, period: Period, as_of: date
) -> PublishedFigure | None:
    """What was published of a measure, as it stood on a day: the newest as-of date up to then, else one without a date.

    None when nothing was published of that measure and period that rests on what was known by then.
    """
    of_measure = [
        figure
        for figure in figures
        if figure.measure == measure and figure.period == period and (figure.as_of is None or figure.as_of <= as_of)
    ]
    return max(of_measure, key=lambda figure: figure.as_of or date.min, default=None)


def _figure(row: dict[str, str], line: int) -> PublishedFigure:
    def read(column: str, reading: Callable[[str], Any], form: str) -> Any:
        try:
            return reading(row[column])
        except (ValueError, KeyError, InvalidOperation, StopIteration):
            message = f"line {line}, {column}: {row[column]!r} is not {form}"
            raise InvalidRegister(message) from None

    filled = ("figure_id", "document", "measure")
    if empty := [column for column in filled if not row[column]]:
        message = f"line {line}, {empty[0]}: is empty, and a figure without it cannot be cited"
        raise InvalidRegister(message)
    day = "a day such as 2015-01-31"
    start, end = (read(column, date.fromisoformat, day) for column in ("period_start", "period_end"))
    as_of = read("as_of", date.fromisoformat, day) if row["as_of"] else None
    document_date = read("document_date", date.fromisoformat, day)
    try:
        period = Period(start, end)
    except InvalidPeriod as error:
        message = f"line {line}, period_end: {error}"
        raise InvalidRegister(message) from None
    if as_of is not None and not start <= as_of <= document_date:
        message = (
            f"line {line}, as_of: {as_of} lies before the period that it counts, or after its letter of {document_date}"
        )
        raise InvalidRegister(message)
    return PublishedFigure(
        figure_id=row["figure_id"],
        document=row["document"],
        document_date=document_date,
        as_of=as_of,
        as_of_basis=row["as_of_basis"],
        period=period,
        measure=row["measure"],
        category=row["category"],
        unit=read("unit", CountedUnit.of, f"one of {', '.join(CountedUnit)}"),
        value=read("value", Decimal, "a number with a decimal point"),
        qualifier=read("qualifier", Qualifier.of, f"one of {', '.join(Qualifier)}"),
        basis=row["basis"],
        is_target=read("is_target", {"true": True, "false": False}.__getitem__, "true or false"),
    )
