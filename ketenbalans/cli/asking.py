"""What several verbs ask in the same way: days and numbers, who decides, and from which day that is known.

Every option for a day is read by ``checked``, so none takes a day that no register can speak of.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ketenbalans.cli.completing import break_ids
from ketenbalans.cli.exits import NothingKnown
from schemas.declaration import LARGEST_INTEGER
from schemas.period import AMSTERDAM, InvalidPeriod, Period, read_day, read_month

if TYPE_CHECKING:
    from sqlalchemy import Engine

DAY, MONTH, YEAR = "YYYY-MM-DD", "YYYY-MM", "YYYY"

LARGEST_SUSPECT_NUMBER = LARGEST_INTEGER

Read = TypeVar("Read")


def checked(read: Callable[[str], Read]) -> Callable[[str], Read]:
    """A reader of an option: what it refuses is a usage error that says why."""

    def read_option(text: str) -> Read:
        try:
            return read(text)
        except InvalidPeriod as error:
            raise typer.BadParameter(str(error)) from None

    read_option.__name__ = read.__name__
    return read_option


def _read_year(text: str) -> int:
    period = Period.parse(text)
    if not period.is_calendar_year:
        message = f"{text!r} is no year; write 2014"
        raise InvalidPeriod(message)
    return period.start.year


day_option, month_option, year_option = checked(read_day), checked(read_month), checked(_read_year)

AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        parser=day_option,
        metavar=DAY,
        help="The day whose knowledge is used; by default the last day that both registers cover.",
    ),
]
PeriodOption = Annotated[
    str | None,
    typer.Option("--period", help="2014, 2014-Q1, 2014-12 or 2014-01-01/2014-12-31; by default the year of --as-of."),
]

AsOfSources = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        parser=day_option,
        metavar=DAY,
        help="The day whose knowledge is used; by default the last day that the sources of a figure speak of.",
    ),
]

Year = Annotated[
    int | None, typer.Option("--period", parser=year_option, metavar=YEAR, help="Only this year, such as 2012.")
]

BreakId = Annotated[
    str,
    typer.Argument(help="For example 2014-police-PL0900-2014000123-1.", metavar="BREAK_ID", autocompletion=break_ids),
]

By = Annotated[str | None, typer.Option("--by", help="Your handle, such as desk-2; by default KETENBALANS_USER.")]

On = Annotated[
    date | None,
    typer.Option(
        "--on", parser=day_option, metavar=DAY, help="The day from which the decision is known; by default today."
    ),
]


def day_of(on: date | None) -> date:
    """The day of a decision: as said, else today in Amsterdam."""
    return on or datetime.now(AMSTERDAM).date()


def as_of_or_default(engine: "Engine", asked: date | None) -> date:
    """The day that was asked for, else the default one.

    Raises:
        NothingKnown: no day is covered yet.
    """
    from ketenbalans.jobs.balancing.balances import default_as_of_date

    day = asked or default_as_of_date(engine)
    if day is None:
        message = (
            "no day is covered by a loaded extract of both police and OM yet: publish and ingest one of each, "
            "or say --as-of"
        )
        raise NothingKnown(message)
    return day


def folder_to_write(folder: Path, option: str) -> None:
    """See that a folder can be made and written, before any work is done.

    Raises:
        BadParameter: it cannot; the message names the folder and the reason.
    """
    from ketenbalans.whole_files import check_folder

    _check(check_folder, folder, option)


def file_to_write(file: Path, option: str) -> None:
    """See that a file can be written, before any work is done.

    Raises:
        BadParameter: it cannot; the message names the folder and the reason.
    """
    from ketenbalans.whole_files import check_file

    _check(check_file, file, option)


def _check(check: Callable[[Path], None], place: Path, option: str) -> None:
    from ketenbalans.whole_files import NotWritten

    try:
        check(place)
    except NotWritten as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def known_word(option: str, word: str, known: Sequence[str]) -> str:
    """Give a word of a vocabulary as it is.

    Raises:
        BadParameter: it is none of the words that are known; the message names them.
    """
    if word not in known:
        message = f"{word!r} is none of {', '.join(known)}"
        raise typer.BadParameter(message, param_hint=option)
    return word


def who(by: str | None) -> str:
    """The handle of who decides: as said, else as set."""
    from ketenbalans.settings import Settings

    handle = by or Settings().user
    if handle is None:
        message = "who decides? say --by HANDLE, or set KETENBALANS_USER"
        raise typer.BadParameter(message, param_hint="--by")
    return handle
