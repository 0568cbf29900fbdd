"""Look for alerts at once where something went wrong, so that nobody learns of it minutes later."""

import logging

from ketenbalans.settings import Settings

logger = logging.getLogger("ketenbalans.alerts")


def watch_now(settings: Settings) -> None:
    """Watch at once. What goes wrong with that is logged: the caller has an error of its own to report."""
    from ketenbalans.jobs.watching.watch import watch_and_send  # noqa: PLC0415 (half a second that only trouble needs)

    try:
        watch_and_send(settings)
    except Exception:
        logger.exception("the look after a failure failed; the DAG watch looks again within minutes")
