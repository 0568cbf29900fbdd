"""Read the rows of late that the rules about volumes and shares look at; a load adds its own to those that are kept."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection

from ketenbalans.alerts.facts import newest_window
from ketenbalans.alerts.history import source_of
from ketenbalans.alerts.life import Alert
from ketenbalans.code_version import digest_of_all_texts
from ketenbalans.columns.kept_frame import grown_frame
from schemas.alert_policy import AlertPolicy
from schemas.catalogue import sources
from warehouse.extracts import LoadedExtract, loaded_extracts
from warehouse.recent_rows import read_recent

A_LITTLE_BEFORE = timedelta(days=31)
"""Before the first day that is asked for: a source that has a row there reaches further back."""


def received_extracts(connection: Connection) -> dict[str, list[LoadedExtract]]:
    """The loaded extracts, per source in the order in which they were published."""
    received: dict[str, list[LoadedExtract]] = {}
    for extract in loaded_extracts(connection):
        received.setdefault(extract.source, []).append(extract)
    return received


def recent_rows(
    connection: Connection, received: Sequence[LoadedExtract], standing: Iterable[Alert], *, alert_policy: AlertPolicy
) -> pl.DataFrame:
    """The rows of a source that rules look at: of twice the history before its newest extract.

    On an ordinary day of the history before the newest window alone: days gone by are looked at again where an alert of
    the source stands or an extract came twice.

    Args:
        connection: of a snapshot.
        received: the extracts of the source, at least one, in the order in which they were published.
        standing: the alerts that stand.
        alert_policy: for the lengths of the history and the window.
    """
    name, history = received[-1].source, timedelta(days=alert_policy.history_days)
    furthest = received[-1].covers_until - 2 * history
    newest = newest_window(received, days=alert_policy.window_days)
    came_twice = len({one.extract_id for one in received}) < len(received)
    alerted = any(name in (source_of(one.subject), one.evidence.get("source")) for one in standing)
    if newest is None or came_twice or alerted:
        return _since(connection, name, furthest, kept_as=f"recent-{name}-long", alert_policy=alert_policy)
    begins = newest.start - history
    day = max(furthest, begins - A_LITTLE_BEFORE)
    rows = _since(connection, name, day, kept_as=f"recent-{name}", alert_policy=alert_policy)
    first: Any = rows["recorded_on"].min()  # a history is as long as rows go back: one has to lie before its first day
    if first is not None and first < begins:
        return rows
    return _since(connection, name, furthest, kept_as=f"recent-{name}-long", alert_policy=alert_policy)


def _since(connection: Connection, name: str, day: date, *, kept_as: str, alert_policy: AlertPolicy) -> pl.DataFrame:
    source, long_after_days = sources()[name], alert_policy.long_after_days

    def rows_after(load: int) -> pl.DataFrame:
        return read_recent(connection, source, since=day, long_after_days=long_after_days, after_load=load)

    key = {"code": digest_of_all_texts(), "since": day.isoformat(), "long_after_days": long_after_days}
    return grown_frame(connection, kept_as, key, source, rows_after)
