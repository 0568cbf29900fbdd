"""What runs and where: the embedded stack, or the servers that the settings name instead."""

import socket

from jobs.settings import Settings
from stack.embedded import status
from warehouse.database import answers, without_secrets

CONNECT_WITHIN_SECONDS = 2


def stack_state(settings: Settings) -> dict[str, dict[str, str | None]]:
    """Say for Kafka, the warehouse and Airflow whether each is running, stopped or failing, and where.

    A server that the settings name is ``running`` when it answers and ``failing`` when it does not. The URL of the
    warehouse is told without its password; the user and the password of the embedded Airflow are told.
    """
    state = status(settings.home)
    if settings.kafka_bootstrap is not None:
        state["kafka"] = {
            "state": "running" if _listens(settings.kafka_bootstrap) else "failing",
            "bootstrap": settings.kafka_bootstrap,
        }
    if settings.warehouse_url is not None:
        url = settings.warehouse_url.get_secret_value()
        state["warehouse"] = {
            "state": "running" if answers(url) else "failing",
            "url": without_secrets(url),
        }
    return state


def _listens(bootstrap: str) -> bool:
    host, _, port = bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_WITHIN_SECONDS):
            return True
    except (OSError, ValueError):
        return False
