"""Hotline reports at an even rate. No report becomes a suspect here: the populations never mix.

The hotline extract speaks English already: one JSON object a line, with the field names of its event.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ketenbalans.scenarios.desk import Desk
from ketenbalans.scenarios.moments import office_moment, working_day_from

TRANSNATIONAL = "transnational"
OWNERS = ((date(2016, 4, 1), "eokm"), (date.min, "meldpunt"))
"""Who runs the hotline from a day on, newest first."""
TRANSNATIONAL_OWNERS = ((date(2018, 6, 1), "dfc_ecpat"), *OWNERS)
"""Who takes the transnational reports: from June 2018 they have a hotline of their own, the other themes stay."""

CHANNELS = {"website": 72, "anonymous_line": 10, "email": 9, "phone": 7, "other": 2}
THEMES = {"online_material": 74, TRANSNATIONAL: 18, "other": 8}
OTHER_THEMES = {"online_material": 90, "other": 10}
"""Where the transnational reports are generated one by one (``scenarios.hotline_transnational``)."""
OUTCOMES = {
    "insufficient": 46,
    "forwarded_abroad": 18,
    "screened_out": 18,
    "under_examination": 9,
    "investigation_started": 5,
    "added_to_investigation": 4,
}


@dataclass(frozen=True)
class ReportRow:
    """The state of one report after one mutation at the hotline.

    ``hotline`` is who owned it; empty: who took reports of its theme on the day it came in.
    """

    mutation: str
    report_id: str
    channel: str
    theme: str
    received_on: date
    outcome: str | None
    recorded_at: datetime
    hotline: str = ""

    def cells(self) -> Mapping[str, str | None]:
        """Write the row as the hotline's extract has it."""
        return {
            "mutation": self.mutation,
            "report_id": self.report_id,
            "hotline": self.hotline or owner_on(self.received_on, self.theme),
            "channel": self.channel,
            "theme": self.theme,
            "received_on": self.received_on.isoformat(),
            "outcome": self.outcome,
            "recorded_at": self.recorded_at.isoformat(),
        }


def owner_on(day: date, theme: str) -> str:
    """Return who took the reports of a theme on ``day``."""
    owners = TRANSNATIONAL_OWNERS if theme == TRANSNATIONAL else OWNERS
    return next(owner for since, owner in owners if day >= since)


def at_an_even_rate(
    desk: Desk, *, first: date, last: date, a_month: int, themes: Mapping[str, int] = THEMES
) -> list[ReportRow]:
    """Draw the reports received from ``first`` to ``last``, about ``a_month`` of them each month.

    Every report has a row when it is received; nine in ten have a second one, when it is assessed within weeks.
    """
    rng, days = desk.rng, (last - first).days + 1
    rows = []
    for received_on in sorted(first + timedelta(days=rng.randrange(days)) for _ in range(days * a_month // 30)):
        received = ReportRow(
            mutation="received",
            report_id=desk.numbers.report_id(),
            channel=draw(rng, CHANNELS),
            theme=draw(rng, themes),
            received_on=received_on,
            outcome=None,
            recorded_at=office_moment(rng, received_on),
        )
        rows.append(received)
        if rng.random() < 0.9:
            rows.append(assessed(rng, received))
    return rows


def assessed(rng: random.Random, received: ReportRow) -> ReportRow:
    """Assess a report one to five weeks after it came in."""
    day = working_day_from(received.received_on + timedelta(days=rng.randint(7, 35)))
    return ReportRow(
        mutation="assessed",
        report_id=received.report_id,
        channel=received.channel,
        theme=received.theme,
        received_on=received.received_on,
        outcome=draw(rng, OUTCOMES),
        recorded_at=office_moment(rng, day),
    )


def draw(rng: random.Random, weights: Mapping[str, int]) -> str:
    """Draw a word by its weight."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]
