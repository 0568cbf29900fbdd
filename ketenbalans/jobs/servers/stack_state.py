"""What runs and where: the embedded stack, or the servers that the settings name instead."""

from functools import partial

from ketenbalans.broker.handshake import cluster_answers
from ketenbalans.broker.rights import WATCHER
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.settings import Settings
from ketenbalans.stack.asking import Ask, silent_parts, yes_or
from ketenbalans.stack.embedded import status


def stack_state(settings: Settings, *, within_seconds: float) -> dict[str, dict[str, str | None]]:
    """Say for Kafka, the warehouse and Airflow whether each is running, stopped or failing, and where.

    A server that the settings name is ``running`` when it answers a question of its own protocol in time, and
    ``failing`` when it does not; that something listens there is not enough. The URL of the warehouse is given without
    its password; the user and the password of the embedded Airflow are given.

    Args:
        settings: where the parts are.
        within_seconds: how long a part may take to answer; all are asked side by side.
    """
    state = status(settings.home, within_seconds=within_seconds)
    asks: dict[str, Ask] = {}
    if settings.kafka_bootstrap is not None:
        state["kafka"] = {"state": "running", "bootstrap": settings.kafka_bootstrap}
        asks["kafka"] = yes_or("kafka", lambda: cluster_answers(kafka_for(settings, WATCHER)))
    if settings.warehouse_url is not None:
        from warehouse.database import answers, without_secrets  # noqa: PLC0415 (half a second, and few need it)

        url = settings.warehouse_url.get_secret_value()
        state["warehouse"] = {"state": "running", "url": without_secrets(url)}
        asks["warehouse"] = yes_or("warehouse", partial(answers, url))
    for name in silent_parts(asks, within_seconds=within_seconds, asks_again=True):
        state[name]["state"] = "failing"
    return state
