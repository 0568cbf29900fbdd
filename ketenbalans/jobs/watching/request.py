"""Look for alerts at once where something went wrong, so that nobody hears of it minutes later."""

import logging

logger = logging.getLogger("ketenbalans.alerts")


def look_now() -> None:
    """Look and tell. What goes wrong with that is logged and is not the caller's, who has one to tell."""
    from ketenbalans.jobs.watching.watch import look_and_tell  # noqa: PLC0415 (half a second that only trouble needs)

    try:
        look_and_tell()
    except Exception:
        logger.exception("the look after a failure failed; the DAG watch looks again within minutes")
