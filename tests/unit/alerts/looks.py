"""What the alert rules look at, made by hand: numbers stated here, extracts by the month, rows by the working day."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl

from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.life import Alert, alerts_of, steps_after_a_look
from schemas.alert_policy import AlertPolicy, QuietHours
from schemas.answer import BalanceAnswer
from schemas.period import Period
from tests.unit.an_answer import answer_of
from warehouse.extracts import LoadedExtract

POLICE, OM, HOTLINE = "police_deliveries", "om_registrations", "hotline_reports"
KEY = "a" * 16

POLICY = AlertPolicy(
    unexplained_suspects=2,
    unexplained_share=0.005,
    false_alarm_chance=0.0001,
    volume_factor=1.5,
    drift_shift=0.15,
    drift_records=8,
    gap_window_days=90,
    gap_suspects=5,
    window_days=28,
    history_days=365,
    enough_history_days=120,
    long_after_days=92,
    part_may_be_away_seconds=30,
    airflow_may_be_away_seconds=120,
    silent_after_days=40,
    silent_after_days_of={},
    final_after_days=30,
    restated_suspects=2,
    flood_breaks=200,
    take_within_days=30,
    quiet=QuietHours(begin=time(19), end=time(7, 30), weekend=True),
)

HISTORY = (date(2015, 1, 1), date(2015, 5, 31))
"""The ordinary time: the first row and the last day before the window."""
WINDOW = (date(2015, 6, 1), date(2015, 6, 30))
"""What the newest extract reported: a month of 22 working days."""

IDENTIFIERS = re.compile(
    r"PL\d\d[0-9A-Z]{2}-?\d{10}|(?<![0-9A-F-])\d{10}(?![0-9A-F])|\d\d[/-]\d{6}-\d\d|[0-9A-F]{64}", re.IGNORECASE
)
"""Dossier numbers, case numbers (as kept and as typed), person tokens."""


def facts(**recent: Any) -> Facts:
    """A look on the last day of the window, at nothing but what is given."""
    return Facts(**{"today": WINDOW[1], "as_of": WINDOW[1], "sources": (POLICE, OM, HOTLINE), **recent})


def extract(
    source: str,
    covers_until: date,
    *,
    extract_id: str | None = None,
    received_on: date | None = None,
) -> LoadedExtract:
    """An extract of a source, which comes on the day that it covers at noon unless another day is given."""
    return LoadedExtract(
        source=source,
        extract_id=extract_id or f"{covers_until:%Y%m%d}".ljust(64, "e"),
        covers_until=covers_until,
        chain_key_check=KEY,
        rows=1,
        published=1,
        rejected=0,
        recorded_at=datetime.combine(received_on or covers_until, time(12), UTC),
    )


def by_the_month(source: str) -> list[LoadedExtract]:
    """Two extracts, of which the newest reported ``WINDOW``."""
    return [extract(source, HISTORY[1]), extract(source, WINDOW[1])]


def working_days(first: date, last: date) -> list[date]:
    """Mondays to Fridays, one by one."""
    days = (first + timedelta(days=place) for place in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def rows(
    days: Iterable[date], per_day: int = 1, *, unit: str | None = "PL0900", is_first: bool = True, **words: str
) -> list[dict[str, Any]]:
    """The same row so many times on each day; ``team`` unless other columns are given."""
    row = {"is_first": is_first, "unit": unit, **(words or {"team": "TBKK"})}
    return [{"recorded_on": day, **row} for day in days for _ in range(per_day)]


def facts_with(recent: list[dict[str, Any]], source: str = POLICE, **more: Any) -> Facts:
    """A look at the rows of one source that comes by the month."""
    return facts(**{"received": {source: by_the_month(source)}, "recent": {source: frame(recent)}, **more})


def frame(recent: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as ``warehouse.recent_rows`` reads them."""
    watched = {name: pl.String for row in recent[:1] for name in row if name not in ("recorded_on", "is_first", "unit")}
    return pl.DataFrame(recent, schema={"recorded_on": pl.Date, "is_first": pl.Boolean, "unit": pl.String, **watched})


def balance(*, missing: int, delivered: int, year: int = 2014) -> BalanceAnswer:
    """A stored balance, as far as the rules read it; four suspects are on their way."""
    causes = {"missing": missing, "in_transit": 4}
    return answer_of(delivered=delivered, causes=causes, period=Period.of_year(year), as_of=date(2015, 6, 30))


def standing_after(*found: Finding) -> dict[str, Alert]:
    """The alerts that stand after a look that found this."""
    return alerts_of(steps_after_a_look({}, found, at=datetime.combine(WINDOW[1], time(12), UTC)))


def shows_an_identifier(finding: Finding, known: Iterable[str] = ()) -> bool:
    """Whether a finding holds what may be a record or a person; hashes of extracts that are ``known`` are neither."""
    text = " ".join([finding.says, finding.subject, finding.mark, *map(str, finding.evidence.values())])
    for extract_id in known:
        text = text.replace(extract_id, "").replace(extract_id[:12], "")
    return IDENTIFIERS.search(text) is not None
