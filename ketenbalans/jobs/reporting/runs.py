"""Reports as a DAG asks for them: the newest when it is due, or what somebody asked for with parameters."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from ketenbalans.jobs.balancing.balances import default_as_of_date
from ketenbalans.jobs.reporting.calendar import WORKING_DAY_OF_THE_REPORT, working_day_of_month
from ketenbalans.jobs.reporting.refusals import NotCovered, NotReported
from ketenbalans.jobs.reporting.report import make_report, reports_folder
from ketenbalans.jobs.reporting.written import WrittenReport
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.reports.words import LANGUAGES
from ketenbalans.settings import Settings
from schemas.period import AMSTERDAM, InvalidDay, InvalidPeriod, Period, month_ends, read_day, read_month

REFUSALS = (InvalidPeriod, NotReported)
"""What was asked for cannot be answered, whenever it is tried; the message says why in one sentence."""


def report_what_is_asked(
    settings: Settings, params: Mapping[str, str | None], *, is_scheduled: bool
) -> list[WrittenReport]:
    """Make the reports that are due or asked for.

    Args:
        settings: where the warehouse is, what reports are made under, and where they are kept.
        params: ``period``, ``as_of``, ``from_month``, ``until_month``, each a text; empty or None: not asked for.
        is_scheduled: whether the clock asked; then only the fifth working day of a month makes one.

    Returns:
        What was written; empty when none is due or no day is covered by both registers yet.

    Raises:
        InvalidPeriod: a period, day or month cannot be read; the message says how to write it.
        NotReported: the day lies after the last one that is covered, or nothing of the period is known on it.
    """
    today = datetime.now(AMSTERDAM).date()
    if is_scheduled and today != working_day_of_month(today, WORKING_DAY_OF_THE_REPORT):
        return []
    with warehouse_from(settings) as engine:
        covered = default_as_of_date(engine)
        if covered is None:
            return []
        if is_scheduled:
            month_end = today.replace(day=1) - timedelta(days=1)
            as_of = min(month_end, covered)
            questions = [(Period.of_year(as_of.year), as_of)]
        else:
            questions = questions_asked(params, covered)
        return [_report(engine, settings, period, as_of) for period, as_of in questions]


def questions_asked(params: Mapping[str, str | None], covered: date) -> list[tuple[Period, date]]:
    """The questions that parameters ask, the earliest day first.

    Raises:
        InvalidPeriod: one cannot be read.
        NotCovered: a day lies after the last one that is covered.
    """
    given = {name: str(value or "").strip() for name, value in params.items()}
    if given.get("from_month") or given.get("until_month"):
        if given.get("as_of"):
            message = f"as_of {given['as_of']} and months were both asked for; leave one of them empty"
            raise InvalidPeriod(message)
        first, last = _month(given.get("from_month", "")), _month(given.get("until_month", ""))
        days = month_ends(first, last)
        if not days:
            message = f"from_month {first:%Y-%m} lies after until_month {last:%Y-%m}"
            raise InvalidPeriod(message)
    else:
        days = [read_day(given["as_of"]) if given.get("as_of") else covered]
    for day in days:
        if day > covered:
            raise NotCovered(day, covered)
    asked = [Period.parse(text.strip()) for text in given.get("period", "").split(",") if text.strip()]
    return [(period, day) for day in days for period in asked or [Period.of_year(day.year)]]


def _report(engine: Engine, settings: Settings, period: Period, as_of: date) -> WrittenReport:
    return make_report(
        engine,
        settings,
        period=period,
        as_of=as_of,
        out=reports_folder(settings, period, as_of),
        languages=LANGUAGES,
    )


def _month(text: str) -> date:
    try:
        return read_month(text)
    except InvalidDay:
        raise
    except InvalidPeriod:
        message = f"{text!r} is no month; write both from_month and until_month as 2014-01"
        raise InvalidPeriod(message) from None
