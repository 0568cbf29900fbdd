"""The transnational reports, exactly as many as were published, and an even few between those periods.

Published: 27 from 24 October 2012 to 15 March 2013 with what became of them (kst-31015-90), and 10 in the first half of
2018 (kst-31015-157), which spans two owners. That there was none before the first of these days is assumed, as are all
days, channels of single reports, and every other period.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ketenbalans.scenarios.desk import Desk
from ketenbalans.scenarios.hotline import OTHER_THEMES, OUTCOMES, TRANSNATIONAL, ReportRow, at_an_even_rate, draw
from ketenbalans.scenarios.moments import office_moment, working_day_from

CHANNELS = {"website": 85, "anonymous_line": 15}
"""The transnational reports come in over these two only: www.meldkindersekstoerisme.nl and Meld Misdaad Anoniem."""
OPENED_ON = date(2012, 10, 24)
OUTCOMES_OF_THE_27 = (
    "investigation_started",
    "added_to_investigation",
    "under_examination",
    *("forwarded_abroad",) * 2,
    *("insufficient",) * 22,
)
"""What had become of the reports of 24 October 2012 to 15 March 2013 on 6 May 2013."""
KNOWN_BY = date(2013, 5, 3)
EXAMINED_UNTIL = date(2013, 6, 20)
OWNER_CHANGES = (date(2018, 5, 31), date(2018, 6, 1))


@dataclass(frozen=True)
class Stretch:
    """A period of transnational reports: how many, those days that some of them have, and what becomes of them.

    Without ``outcomes`` each is drawn.
    """

    first: date
    last: date
    reports: int
    days: tuple[date, ...] = ()
    outcomes: tuple[str, ...] = ()


STRETCHES = (
    Stretch(OPENED_ON, date(2013, 3, 15), 27, days=(OPENED_ON, date(2013, 3, 15)), outcomes=OUTCOMES_OF_THE_27),
    Stretch(date(2013, 3, 16), date(2017, 12, 31), 116),
    Stretch(date(2018, 1, 1), date(2018, 6, 30), 10, days=OWNER_CHANGES),
    Stretch(date(2018, 7, 1), date(2020, 4, 30), 66),
)
"""27 and 10 are published; the others are assumed to be two and three a month."""


def reports(desk: Desk, *, first: date, last: date, a_month: int) -> list[ReportRow]:
    """Generate all reports from ``first`` to ``last``: transnational ones as published, of the others ``a_month``."""
    rows = at_an_even_rate(desk, first=first, last=last, a_month=a_month, themes=OTHER_THEMES)
    for stretch in STRETCHES:
        if stretch.first <= last and stretch.last >= first:
            rows += transnational_reports(desk, stretch)
    return [row for row in rows if first <= row.received_on <= last]


def transnational_reports(desk: Desk, stretch: Stretch) -> list[ReportRow]:
    """Generate the reports of one stretch, each with what became of it."""
    length = (stretch.last - stretch.first).days + 1
    others = range(stretch.reports - len(stretch.days))
    days = sorted((*stretch.days, *(stretch.first + timedelta(days=desk.rng.randrange(length)) for _ in others)))
    outcomes: Sequence[str] = desk.rng.sample(stretch.outcomes, len(stretch.outcomes))
    rows = []
    for place, received_on in enumerate(days):
        received = received_report(desk, received_on)
        rows += [
            received,
            *(scripted_outcome(desk, received, outcomes[place]) if outcomes else drawn_outcome(desk, received)),
        ]
    return rows


def received_report(desk: Desk, received_on: date) -> ReportRow:
    """Receive one report."""
    return ReportRow(
        mutation="received",
        report_id=desk.numbers.report_id(),
        channel=draw(desk.rng, CHANNELS),
        theme=TRANSNATIONAL,
        received_on=received_on,
        outcome=None,
        recorded_at=office_moment(desk.rng, received_on),
    )


def scripted_outcome(desk: Desk, received: ReportRow, outcome: str) -> list[ReportRow]:
    """Assess a report before the letter; what is still examined then comes to nothing in June."""
    first = received.received_on + timedelta(days=10)
    rows = [assessed_report(received, outcome, desk.moment(desk.day(first, KNOWN_BY)))]
    if outcome == "under_examination":
        rows.append(assessed_report(received, "insufficient", desk.moment(EXAMINED_UNTIL)))
    return rows


def drawn_outcome(desk: Desk, received: ReportRow) -> list[ReportRow]:
    """Assess nine reports in ten within five weeks."""
    if desk.rng.random() >= 0.9:
        return []
    day = working_day_from(received.received_on + timedelta(days=desk.rng.randint(7, 35)))
    return [assessed_report(received, draw(desk.rng, OUTCOMES), desk.moment(day))]


def assessed_report(received: ReportRow, outcome: str, at: datetime) -> ReportRow:
    """Say what became of a report."""
    return replace(received, mutation="assessed", outcome=outcome, recorded_at=at)
