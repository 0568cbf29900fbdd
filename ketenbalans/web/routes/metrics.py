"""What is measured, for Prometheus and others that scrape; they have a token and no user."""

from fastapi import APIRouter, Response

from ketenbalans.settings import Settings
from ketenbalans.web.who import Scraper

router = APIRouter()


@router.get("/metrics")
def metrics(_who: Scraper) -> Response:
    """Everything that is measured, in OpenMetrics."""
    from ketenbalans.jobs.watching.scraping import scraped  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.telemetry.openmetrics import CONTENT_TYPE  # noqa: PLC0415

    return Response(scraped(Settings()), media_type=CONTENT_TYPE)
