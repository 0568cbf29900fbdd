"""Ask Kafka, the warehouse and the stack's own Airflow whether they answer, and say which of them are down.

A part is down when it has not answered for longer than the policy lets it be away: a restart takes seconds.
"""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import unquote

from alerts.facts import SilentPart
from alerts.rules_parts import AIRFLOW, KAFKA, WAREHOUSE
from jobs.parts_kept import parts_kept
from jobs.servers import kafka_bootstrap, warehouse_url
from jobs.settings import Settings
from stack.asking import Ask, silent_parts, yes_or
from stack.embedded import addresses, ailing_of_airflow, was_stopped
from stack.kafka_broker import cluster_answers
from warehouse.database import answers, without_secrets

ANSWERS_WITHIN_SECONDS = 5.0
"""How long one round of questions takes at most; all parts are asked side by side."""

AGAIN_SECONDS = 2.0
"""Between two rounds, while it is not sure yet that a part is down."""


def asks_of(settings: Settings) -> dict[str, tuple[str, Ask]]:
    """Per part where it is and how to ask it: the servers of the settings, else the embedded ones, and their Airflow.

    What `ketenbalans down` stopped is meant to be silent, so it is not asked.
    """
    home, asks = settings.home, {}
    if settings.kafka_bootstrap is not None or not was_stopped(home, KAFKA):
        bootstrap = kafka_bootstrap(settings)
        asks[KAFKA] = bootstrap, yes_or(KAFKA, partial(cluster_answers, bootstrap))
    if settings.warehouse_url is not None or not was_stopped(home, WAREHOUSE):
        url = warehouse_url(settings)
        asks[WAREHOUSE] = unquote(without_secrets(url)), yes_or(WAREHOUSE, partial(answers, url))
    known = addresses(home)
    if known is not None and known.airflow_url is not None and not was_stopped(home, AIRFLOW):
        asks[AIRFLOW] = known.airflow_url, partial(ailing_of_airflow, home)
    return asks


def parts_that_are_down(
    settings: Settings, *, may_be_away_seconds: float, sleep: Callable[[float], None] = time.sleep
) -> list[SilentPart]:
    """Ask every part, and give those that are down; asks again until that is sure.

    What was asked and answered is remembered in the home, so that a part that is known to be away for long enough is
    not waited for again, and the moment of its last answer is known.

    Args:
        settings: where the parts are.
        may_be_away_seconds: how long a part may be silent; the longest that this takes, but for the last questions.
        sleep: how to wait between two questions.
    """
    asks = asks_of(settings)
    left: Mapping[str, Ask] = {name: ask for name, (_, ask) in asks.items()}
    pieces: dict[str, list[str]] = {}
    while left:
        pieces = silent_parts(left, within_seconds=ANSWERS_WITHIN_SECONDS)
        now = datetime.now(UTC)
        with parts_kept(settings.home) as kept:
            kept.note({name: name in pieces for name in left}, at=now)
            found = {name: kept.of(name) for name in pieces}
        longest = timedelta(seconds=may_be_away_seconds)
        if all(one.silent_from is None or now - one.silent_from >= longest for one in found.values()):
            break
        left = {name: left[name] for name in pieces}
        sleep(AGAIN_SECONDS)
    return [
        SilentPart(name=name, place=asks[name][0], pieces=tuple(pieces[name]), since=found[name].since or now)
        for name in pieces
    ]


def remember_what_is_down(settings: Settings, down: Collection[SilentPart]) -> None:
    """Remember what a look said to be down: the watchdog starts another look when that is no longer so."""
    with parts_kept(settings.home) as kept:
        kept.note_down({part.name for part in down})
