"""Look for alerts at once where something went wrong, so that nobody hears of it minutes later."""

import logging

from ketenbalans.settings import Settings

logger = logging.getLogger("ketenbalans.alerts")


def look_now(settings: Settings) -> None:
    """Look and tell. What goes wrong with that is logged and is not the caller's, who has one to tell."""
    from ketenbalans.jobs.watching.watch import look_and_tell  # noqa: PLC0415 (half a second that only trouble needs)

    try:
        look_and_tell(settings)
    except Exception:
        logger.exception("the look after a failure failed; the DAG watch looks again within minutes")
