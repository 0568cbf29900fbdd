"""Ask Kafka, the warehouse and the stack's own Airflow whether they answer, and say which of them are down.

A part is down when it has not answered for longer than the policy lets it be away: a restart takes seconds.
"""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import unquote

from ketenbalans.alerts.facts import SilentPart
from ketenbalans.alerts.rules_parts import AIRFLOW, KAFKA, WAREHOUSE
from ketenbalans.broker.handshake import cluster_answers
from ketenbalans.broker.rights import WATCHER
from ketenbalans.jobs.servers.addresses import kafka_bootstrap, warehouse_url
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.jobs.watching.parts_kept import parts_kept
from ketenbalans.settings import Settings
from ketenbalans.stack.asking import Ask, silent_parts, yes_or
from ketenbalans.stack.embedded import addresses, unhealthy_of_airflow, was_stopped
from schemas.alert_policy import AlertPolicy
from warehouse.database import answers, without_secrets

ANSWERS_WITHIN_SECONDS = 10.0
"""How long one round of questions takes at most, side by side: on a busy machine Airflow was silent for that long."""

AGAIN_SECONDS = 2.0
"""Between two rounds, while it is not sure yet that a part is down."""


def asks_of(settings: Settings) -> dict[str, tuple[str, Ask]]:
    """Per part where it is and how to ask it: the servers of the settings, else the embedded ones, and their Airflow.

    What `ketenbalans down` stopped is meant to be silent, so it is not asked.
    """
    home, asks = settings.home, {}
    if settings.kafka_bootstrap is not None or not was_stopped(home, KAFKA):
        asks[KAFKA] = kafka_bootstrap(settings), yes_or(KAFKA, lambda: cluster_answers(kafka_for(settings, WATCHER)))
    if settings.warehouse_url is not None or not was_stopped(home, WAREHOUSE):
        url = warehouse_url(settings)
        asks[WAREHOUSE] = unquote(without_secrets(url)), yes_or(WAREHOUSE, partial(answers, url))
    known = addresses(home)
    if known is not None and known.airflow_url is not None and not was_stopped(home, AIRFLOW):
        asks[AIRFLOW] = known.airflow_url, partial(unhealthy_of_airflow, home)
    return asks


def parts_that_are_down(
    settings: Settings, policy: AlertPolicy, *, sleep: Callable[[float], None] = time.sleep
) -> list[SilentPart]:
    """Ask every part, and give those that are down; asks Kafka and the warehouse again until that is sure.

    Airflow may be silent for longer than a look should take, so it is not waited for: the watchdog starts another look.
    What was asked and answered is remembered in the home, so that a part that is known to be away for long enough is
    not waited for again, and the moment of its last answer is known.

    Args:
        settings: where the parts are.
        policy: how long a part may be silent.
        sleep: how to wait between two questions.
    """
    asks = asks_of(settings)
    left: Mapping[str, Ask] = {name: ask for name, (_, ask) in asks.items()}
    down: dict[str, SilentPart] = {}
    while left:
        silent = silent_parts(left, within_seconds=ANSWERS_WITHIN_SECONDS)
        now = datetime.now(UTC)
        with parts_kept(settings.home) as kept:
            kept.note({name: name in silent for name in left}, at=now)
            found = {name: kept.of(name) for name in silent}
        for name, part in found.items():
            if part.is_silent_for(_may_be_away(name, policy), at=now):
                pieces, since = tuple(silent[name]), part.since or now
                down[name] = SilentPart(name=name, place=asks[name][0], pieces=pieces, since=since)
        left = {name: left[name] for name in silent if name not in down and name != AIRFLOW}
        if left:
            sleep(AGAIN_SECONDS)
    return [down[name] for name in asks if name in down]


def _may_be_away(name: str, policy: AlertPolicy) -> timedelta:
    is_airflow = name == AIRFLOW
    return timedelta(seconds=policy.airflow_may_be_away_seconds if is_airflow else policy.part_may_be_away_seconds)


def remember_what_is_down(settings: Settings, down: Collection[SilentPart]) -> None:
    """Remember what a look said to be down: the watchdog starts another look when that is no longer so."""
    with parts_kept(settings.home) as kept:
        kept.note_down({part.name for part in down})
