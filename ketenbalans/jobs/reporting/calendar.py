"""When reports come out: the fifth working day of each month, with what is known at the end of the month before."""

from datetime import date, timedelta

from ketenbalans.reports.report_parts import ScheduledReport
from schemas.period import Period, last_day_of_month

WORKING_DAY_OF_THE_REPORT = 5


def working_day_of_month(day: date, number: int) -> date:
    """The working day of that number in the month of a day: Monday to Friday, without the Dutch public holidays."""
    import holidays  # noqa: PLC0415

    free = holidays.country_holidays("NL", years=day.year)
    days = (day.replace(day=1) + timedelta(days=offset) for offset in range(31))
    return [one for one in days if one.weekday() < 5 and one not in free][number - 1]


def scheduled_after(as_of: date) -> ScheduledReport:
    """The first report of the schedule that rests on a later day than this one. No clock decides."""
    day_after = as_of + timedelta(days=1)
    month_end = last_day_of_month(day_after)
    comes_out = working_day_of_month(month_end + timedelta(days=1), WORKING_DAY_OF_THE_REPORT)
    return ScheduledReport(on=comes_out, as_of=month_end, period=Period.of_year(month_end.year))
