"""What no report is made of: a day that is not covered, and a period of which nothing is known."""

from datetime import date

from sqlalchemy import Connection

from schemas.period import Period
from warehouse.balances import is_any_record_in
from warehouse.extracts import default_as_of


class NotReported(ValueError):
    """A report is asked of what is not known; the message names the last day that both registers cover."""


class NotCovered(NotReported):
    """A report is asked as known on a day that loaded extracts do not cover yet."""

    def __init__(self, as_of: date, covered: date | None) -> None:
        if covered is None:
            why = "no day is covered by a loaded extract of both police and OM; publish and ingest one of each first"
        else:
            why = (
                f"both registers are known until {covered}; publish their extracts first, or ask as known on {covered}"
            )
        super().__init__(f"{as_of} is not covered yet: {why}")


class NothingOfThePeriod(NotReported):
    """A report is asked of a period of which no register said anything by that day."""

    def __init__(self, period: Period, as_of: date, covered: date) -> None:
        super().__init__(
            f"there is nothing to report of {period}: no delivery and no registration of it was known on {as_of}, and "
            f"both registers are known until {covered}"
        )


def refuse_what_is_not_known(connection: Connection, *, period: Period, as_of: date) -> None:
    """Make sure that a report has something to say, and that no extract that is still to come makes it untrue.

    Raises:
        NotCovered: the day lies after the last one that both registers cover.
        NothingOfThePeriod: no record of the period is known on that day.
    """
    covered = default_as_of(connection)
    if covered is None or as_of > covered:
        raise NotCovered(as_of, covered)
    if not is_any_record_in(connection, period, as_of=as_of):
        raise NothingOfThePeriod(period, as_of, covered)
